"""A site: the pages of one face, made of its templates, its words and one set of headers."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment
from sanic import HTTPResponse, Request, Sanic

from app.kit import clock
from app.kit.errors import Fault, NotSignedIn, TooOften, UpstreamDown
from app.kit.web.answers import Answer
from app.kit.web.callers import CSRF_FIELD, SAFE_METHODS, CallerKind, csrf_token, token_in_cookie
from app.kit.web.pages.files import Files, Printed
from app.kit.web.pages.speech import speaking
from app.kit.web.pages.texts import FIRST, LANGUAGES, Catalogue
from app.kit.web.problems import problem, request_id_of
from app.kit.web.routes import HTML, JSON
from app.kit.web.schemas import Schema

PRIVATE: Final = "no-store"
PUBLIC: Final = "no-cache"
LANGUAGE_COOKIE: Final = "weiban_language"
TEXT_COOKIE: Final = "weiban_text"
BIG: Final = "big"

_HERE: Final = Path(__file__).parent
_ASSETS: Final = Files("/assets", Path(__file__).parents[3] / "assets")
_YEAR_S: Final = 365 * 24 * 60 * 60


class PageQuery(Schema):
    """The query of a page. WeChat adds to a link whatever it likes when the link is shared."""

    class Meta:
        unknown = "exclude"


class Site:
    """What all pages of a face have in common.

    Args:
        prefix: where they stand, ``/h5``.
        home: the folder with ``templates/``, ``texts/`` and ``static/``.
        session: whose cookie the forms of a page are bound to.
        sign_in: where whoever is not signed in goes first; ``None`` where nobody signs in.
        frames: who may show a page inside another, as a source of the Content-Security-Policy.
        form_targets: where forms may lead, as sources of the Content-Security-Policy.
        sign_in_mends: codes of refusals that signing in again undoes.
        names: what the templates of this face may call besides.
    """

    def __init__(
        self,
        prefix: str,
        home: Path,
        *,
        session: CallerKind | None = None,
        sign_in: str | None = None,
        frames: Callable[[], str] = lambda: "'none'",
        form_targets: Callable[[], str] = lambda: "'self'",
        sign_in_mends: frozenset[str] = frozenset(),
        **names: object,
    ) -> None:
        self.prefix = prefix
        self.texts = Catalogue(_HERE / "texts", home / "texts")
        self.files = Files(f"{prefix}/static", home / "static")
        self._home = home
        self._session = session
        self._sign_in = sign_in
        self._frames = frames
        self._form_targets = form_targets
        self._sign_in_mends = sign_in_mends
        self._names = names
        self._spoken = cache(self._environment)

    def page(
        self,
        request: Request,
        template: str,
        *,
        refusal: Fault | None = None,
        status: int | None = None,
        keep: str = PRIVATE,
        **told: Any,
    ) -> HTTPResponse:
        """A page as an answer; ``keep`` is its Cache-Control.

        A page that shows a refusal has its status unless another is given, and says when to try again.
        """
        printed = Printed(self.written(request, template, refusal=refusal, **told))
        usual = 200 if refusal is None else refusal.status
        answer = self.sent(request, printed, status=status or usual, keep=keep)
        if isinstance(refusal, TooOften | UpstreamDown):
            answer.headers["retry-after"] = str(refusal.retry_after)
        return answer

    def sent(
        self, request: Request, printed: Printed, *, status: int = 200, keep: str = PRIVATE
    ) -> HTTPResponse:
        """What was printed, as an answer. What may be kept is also told apart by ETag."""
        is_pressed = printed.goes_pressed(request)
        headers = {**self._headers(), "cache-control": keep, "vary": "accept-encoding, cookie"}
        if keep != PRIVATE and status == 200:
            headers["etag"] = tag = printed.tag(is_pressed=is_pressed)
            known = request.headers.get("if-none-match", "")
            if known == "*" or tag in known:
                return Answer(status=304, headers=headers)
        if is_pressed:
            headers["content-encoding"] = "gzip"
        return Answer(
            printed.form(is_pressed=is_pressed),
            status=status,
            content_type=f"{HTML}; charset=utf-8",
            headers=headers,
        )

    def written(self, request: Request, template: str, **told: Any) -> str:
        """A template with what is told, in the reader's language, for the one who asks."""
        token = token_in_cookie(self._session.cookie or "", request) if self._session else None
        return self.written_for_all(
            request,
            template,
            csrf=csrf_token(token) if token else "",
            caller=getattr(request.ctx, "caller", None),
            **told,
        )

    def written_for_all(self, request: Request, template: str, **told: Any) -> str:
        """A template with what is told, in the reader's language, knowing nothing of who reads it.

        There is no caller, and a template with a form proof fails.
        """
        spoken = self._spoken(language_of(request))
        return spoken.get_template(template).render(
            is_big=request.cookies.get(TEXT_COOKIE) == BIG,
            here=request.path,
            asked=request.path + (f"?{request.query_string}" if request.query_string else ""),
            **{"caller": None, **told},
        )

    def reading(self, request: Request) -> tuple[str, bool]:
        """The language and whether in big letters: how pages that are for everybody differ."""
        return language_of(request), request.cookies.get(TEXT_COOKIE) == BIG

    def said(self, request: Request, key: str, **values: object) -> str:
        """Words of a key in the reader's language, for places that are no template."""
        return self.texts.of(language_of(request)).gettext(key) % values

    async def tell(self, request: Request, fault: Fault) -> HTTPResponse:
        """A refusal as a page with the way out; whoever is not signed in goes to sign in and comes back."""
        route = getattr(request.ctx, "route", None)
        if route is not None and route.produces == JSON:
            return problem(fault, request_id_of(request))
        is_page = request.method in SAFE_METHODS and route is not None
        if isinstance(fault, NotSignedIn) and self._sign_in is not None and is_page:
            asked = request.path + (f"?{request.query_string}" if request.query_string else "")
            return to(self._sign_in, {"to": asked})
        return self.page(
            request,
            "fault.html",
            refusal=fault,
            fault=fault,
            reasons=[why for whys in getattr(fault, "fields", {}).values() for why in whys],
            sign_in=self._sign_in
            if fault.code in self._sign_in_mends or isinstance(fault, NotSignedIn)
            else None,
        )

    def attach(self, app: Sanic[Any, Any]) -> None:
        """Serve the files of the pages."""
        self.files.attach(app, name=f"{self.prefix.strip('/')}_static")

    def _headers(self) -> dict[str, str]:
        """Nothing inline, nothing from elsewhere, in nobody's frame but the one we know."""
        return {
            "content-security-policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
                f" connect-src 'self'; form-action {self._form_targets()}; base-uri 'none';"
                f" frame-ancestors {self._frames()}"
            ),
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "cross-origin-opener-policy": "same-origin",
        }

    def _environment(self, language: str) -> Environment:
        return speaking(
            [self._home / "templates", _HERE / "templates"],
            self.texts,
            language,
            CSRF_FIELD=CSRF_FIELD,
            file=self.files.address,
            asset=_ASSETS.address,
            prefix=self.prefix,
            today=clock.today,
            **self._names,
        )


def to(path: str, query: Mapping[str, str] | None = None, *, status: int = 303) -> HTTPResponse:
    """Send the browser to another address of ours."""
    location = f"{path}?{urlencode(query)}" if query else path
    return HTTPResponse(
        status=status,
        headers={"location": location, "cache-control": PRIVATE, "referrer-policy": "no-referrer"},
    )


def language_of(request: Request) -> str:
    """The language a reader chose, else the first."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else FIRST


def remember(answer: HTTPResponse, cookie: str, choice: str) -> None:
    """Keep how somebody likes to read; it says nothing of who they are."""
    answer.add_cookie(cookie, choice, path="/", httponly=True, secure=True, samesite="Lax", max_age=_YEAR_S)


def attach_assets(app: Sanic[Any, Any]) -> None:
    """Serve the files of others that set-up has put in place."""
    _ASSETS.attach(app, name="assets")
