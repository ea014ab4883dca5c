"""The desks of staff: server-rendered pages for clerks, managers, publishers, auditors and the rest."""

from app.console import (
    audits,
    campaigns,
    cases,
    counter,
    desk,
    exchange,
    figures,
    halls,
    messages,
    notices,
    sign_in,
    staff,
)
from app.console.campaigns import live as campaign_live
from app.console.counter import live as counter_live
from app.console.navigation import open_desks
from app.console.site import own_page, site
from app.kit.web.pages.preferences import preferences

_ROOMS = (counter, notices, campaigns, messages, halls, cases, exchange, figures, staff)

ROUTES = (
    sign_in.routes,
    preferences(site, tag="工作台", own_page=own_page),
    desk.routes,
    *(routes for room in _ROOMS for routes in room.ROUTES),
    audits.routes,
)
"""Every page and what leads to it."""

open_desks(*(one for room in _ROOMS for one in room.DESKS), audits.routes)


async def end_live_pages() -> None:
    """A server that stops does not wait for pages that go on for as long as somebody looks."""
    for watch in (counter_live.watch, campaign_live.watch):
        await watch.close()


__all__ = ["ROUTES", "end_live_pages", "site"]
