"""The public page: halls as busy as they are, figures of months, the A list. Nobody signs in."""

from app.kit.web.pages.preferences import preferences
from app.open import a_list, halls, statistics
from app.open.site import own_page, site

ROUTES = (
    halls.routes,
    statistics.routes,
    a_list.routes,
    preferences(site, tag="公开", own_page=own_page),
)
"""Every page and what leads to it."""

__all__ = ["ROUTES", "site"]
