"""The citizen's pages inside WeChat: server-rendered, readable on a small phone, working without scripts."""

from app.kit.web.pages.preferences import preferences
from app.public_account.h5 import appointments, guides, halls, inbox, links, notices, pages, sign_in, verify

ROUTES = (
    sign_in.routes,
    appointments.routes,
    halls.routes,
    guides.routes,
    inbox.routes,
    notices.routes,
    links.routes,
    verify.routes,
    preferences(pages.site, tag="网页", own_page=pages.own_page),
)
"""Every page and what leads to it."""

__all__ = ["ROUTES", "links", "pages"]
