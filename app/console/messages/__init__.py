"""The desk of messages: versions of wording, previews as cards, trials."""

from app.console.messages import acts, desk, links

ROUTES = (
    desk.routes,
    links.routes,
    acts.routes,
)
DESKS = (desk.routes,)
