"""The desk of notices 微发布: writing, reviews, publishing."""

from app.console.notices import acts, desk

ROUTES = (
    desk.routes,
    acts.routes,
)
DESKS = (desk.routes,)
