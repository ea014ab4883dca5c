"""The citizen's pages inside WeChat: server-rendered, readable on a small phone, working without scripts."""

from app.kit.web.pages.preferences import preferences
from app.public_account.h5 import cases, credit, entry, home, invoices, me, notices, visits
from app.public_account.h5.pages import own_page, site

_ROOMS = (entry, visits, me, cases, invoices, credit)

ROUTES = (
    home.routes,
    *(routes for room in _ROOMS for routes in room.ROUTES),
    notices.routes,
    preferences(site, tag="网页", own_page=own_page),
)
"""Every page and what leads to it."""

__all__ = ["ROUTES", "site"]
