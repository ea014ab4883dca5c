"""The desks of staff: server-rendered pages for clerks, managers, publishers, auditors and the rest."""

from app.console import audits, desk, sign_in
from app.console.navigation import open_desks
from app.console.site import own_page, site
from app.kit.web.pages.preferences import preferences

ROUTES = (
    sign_in.routes,
    preferences(site, tag="工作台", own_page=own_page),
    desk.routes,
    audits.routes,
)
"""Every page and what leads to it."""

open_desks(audits.routes)

__all__ = ["ROUTES", "site"]
