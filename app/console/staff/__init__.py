"""The desk of staff: accounts, posts, sessions."""

from app.console.staff import desk, sessions

ROUTES = (
    desk.routes,
    sessions.routes,
)
DESKS = (desk.routes,)
