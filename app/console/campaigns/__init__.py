"""The desk of campaigns 群发: drafts, reviews, progress, report, uploaded lists."""

from app.console.campaigns import acts, audience_lists, desk, drafts, live, reporting

ROUTES = (
    desk.routes,
    live.routes,
    reporting.routes,
    acts.routes,
    drafts.routes,
    audience_lists.routes,
)
DESKS = (desk.routes,)
