"""The site of the citizen's pages: who they are bound to, and what the local phone may show inside itself."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sanic import HTTPResponse

from app.domain.accounts import web_login
from app.kit.web import H5_CITIZEN
from app.kit.web.pages import Site
from config import settings

PREFIX: Final = "/h5"

# What a new sign-in mends.
_SIGN_IN_MENDS: Final = frozenset({"sign_in_stale", "wechat_code_invalid", "handoff_gone", "not_signed_in"})


def _framed_by() -> str:
    """Locally the sandbox's phone shows our pages inside itself; nobody else ever does."""
    chosen = settings.current()
    opened = urlsplit(chosen.wechat_open_base)
    return f"{opened.scheme}://{opened.netloc}" if chosen.env == "local" else "'none'"


def _form_targets() -> str:
    """To us, and from the privacy notice on to WeChat's sign-in: browsers judge where a form ends up."""
    opened = urlsplit(settings.current().wechat_open_base)
    return f"'self' {opened.scheme}://{opened.netloc}"


site = Site(
    PREFIX,
    Path(__file__).parent,
    session=H5_CITIZEN,
    sign_in=f"{PREFIX}/sign-in",
    frames=_framed_by,
    form_targets=_form_targets,
    sign_in_mends=_SIGN_IN_MENDS,
)


def own_page(path: str) -> str:
    """A path if it is one of our own pages, else the first of them."""
    return path if web_login.is_page(path) else web_login.HOME


def leave(answer: HTTPResponse, name: str, value: str, life_s: int) -> None:
    """A cookie that scripts and other sites never see. Chromium keeps a secure one on loopback too."""
    answer.add_cookie(name, value, path=PREFIX, httponly=True, secure=True, samesite="Lax", max_age=life_s)
