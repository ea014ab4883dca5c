"""The desk of messages: versions of wording, previews as cards, trials."""

from app.console.messages import acts, desk

ROUTES = (
    desk.routes,
    acts.routes,
)
DESKS = (desk.routes,)
