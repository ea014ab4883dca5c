"""The citizen's pages inside WeChat: server-rendered, readable on a small phone, working without scripts."""

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
)
"""Every page and what leads to it."""

__all__ = ["ROUTES", "links", "pages"]
