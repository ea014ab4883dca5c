"""How a page is made: its template, the headers every page carries, and how refusals are told on one."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import HTTPResponse, Request, Sanic

from app.kit.clock import SHANGHAI
from app.kit.errors import Fault, NotSignedIn
from app.kit.web import H5_CITIZEN, Schema, csrf_token, token_in_cookie
from app.kit.web.callers import CSRF_FIELD
from app.kit.web.problems import problem, request_id_of
from app.kit.web.routes import JSON
from config import settings

HTML: Final = "text/html"
PREFIX: Final = "/h5"
PRIVATE: Final = "no-store"
PUBLIC: Final = "no-cache"

_HERE: Final = Path(__file__).parent
_WEEKDAYS: Final = "一二三四五六日"
# What a new sign-in mends.
_SIGN_IN_MENDS: Final = frozenset({"sign_in_stale", "wechat_code_invalid", "handoff_gone", "not_signed_in"})


class PageQuery(Schema):
    """The query of a page. WeChat adds to a link whatever it likes when the link is shared."""

    class Meta:
        unknown = "exclude"


def day(moment: datetime) -> str:
    """``11月23日 周一``"""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 周{_WEEKDAYS[local.weekday()]}"


def date(moment: datetime) -> str:
    """``2026-11-23``"""
    return moment.astimezone(SHANGHAI).date().isoformat()


def hour(moment: datetime) -> str:
    """``09:00``"""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(date=date, day=day, hour=hour)
    made.globals["CSRF_FIELD"] = CSRF_FIELD
    return made


_templates = _environment()


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    keep: str = PRIVATE,
    **told: Any,
) -> HTTPResponse:
    """A page as an answer; ``keep`` is its Cache-Control."""
    token = token_in_cookie(H5_CITIZEN.cookie or "", request)
    csrf = csrf_token(token) if token else ""
    body = _templates.get_template(template).render(csrf=csrf, **told)
    return HTTPResponse(
        body,
        status=status,
        content_type=f"{HTML}; charset=utf-8",
        headers={**_headers(), "cache-control": keep},
    )


def to(path: str, query: Mapping[str, str] | None = None, *, status: int = 303) -> HTTPResponse:
    """Send the browser to another address."""
    location = f"{path}?{urlencode(query)}" if query else path
    return HTTPResponse(
        status=status,
        headers={"location": location, "cache-control": PRIVATE, "referrer-policy": "no-referrer"},
    )


async def tell(request: Request, fault: Fault) -> HTTPResponse:
    """A refusal as a page with the way out; whoever is not signed in is sent to sign in and comes back."""
    route = getattr(request.ctx, "route", None)
    if route is not None and route.produces == JSON:
        return problem(fault, request_id_of(request))
    if isinstance(fault, NotSignedIn) and request.method == "GET" and route is not None:
        asked = request.path + (f"?{request.query_string}" if request.query_string else "")
        return to(f"{PREFIX}/sign-in", {"to": asked})
    answer = page(
        request,
        "fault.html",
        status=fault.status,
        fault=fault,
        reasons=[why for whys in getattr(fault, "fields", {}).values() for why in whys],
        can_sign_in=fault.code in _SIGN_IN_MENDS or isinstance(fault, NotSignedIn),
    )
    retry_after = getattr(fault, "retry_after", None)
    if retry_after is not None:
        answer.headers["retry-after"] = str(retry_after)
    return answer


def attach_files(app: Sanic[Any, Any]) -> None:
    """Serve the style of the pages."""
    app.static(f"{PREFIX}/static", _HERE / "static", name="h5_static")


def _headers() -> dict[str, str]:
    """No scripts, nothing from elsewhere; locally the sandbox's phone may show the page inside itself."""
    chosen = settings.current()
    opened = urlsplit(chosen.wechat_open_base)
    framed_by = f"{opened.scheme}://{opened.netloc}" if chosen.env == "local" else "'none'"
    return {
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none';"
            f" frame-ancestors {framed_by}"
        ),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
