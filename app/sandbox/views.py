"""What the phone shows beside messages: the menu, the codes made, pictures, and pages opened by a person."""

from html import escape
from typing import Final
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request
from sanic.response import empty, html, raw, redirect

from app.sandbox.answers import answered
from app.sandbox.control import Doors
from app.sandbox.sandbox import Sandbox
from app.sandbox.world import openid_of

HOLDER_COOKIE: Final = "sandbox_person"
# The session of our own pages; another holder of the phone must not go on with it.
_SESSION_COOKIE: Final = "weiban_h5"
_SESSION_PATHS: Final = ("/", "/h5")

_ARTICLES: Final = "/_sandbox/articles/"
_GONE: Final = "<!doctype html><meta charset=utf-8><title>微信</title><p>该内容已被发布者删除</p>"
# The platform takes every script out of an article; here none is let run.
_ARTICLE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; img-src * data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}


class Views:
    """Raises ValueError with a Chinese text for a wish it cannot understand."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def doors(self) -> Doors:
        return (
            ("GET", "menu", self.menu),
            ("GET", "codes", self.codes),
            ("GET", "pictures/<number:str>", self.program_picture),
            ("GET", "media/<media_id:str>", self.media),
            ("GET", "articles/<number:str>", self.article),
            ("GET", "open", self.open),
        )

    async def menu(self, request: Request) -> HTTPResponse:
        """The menu as this person sees it; no buttons if there is none."""
        sandbox = self._sandbox
        person = sandbox.world.person(request.args.get("person", ""))
        account = sandbox.options.named(request.args.get("account") or "oa")
        menu = sandbox.menus.seen_by(account.appid, openid_of(account.appid, person.name))
        return answered({"button": menu["button"] if menu else []})

    async def codes(self, _request: Request) -> HTTPResponse:
        """Every code an account had made and that can still be scanned, newest first."""
        appids = [account.appid for _, account in self._sandbox.options.accounts]
        return answered({"items": self._sandbox.scenes.listed(appids), "next": None})

    async def program_picture(self, _request: Request, number: str) -> HTTPResponse:
        appids = self._sandbox.appids("mp")
        content = self._sandbox.scenes.program_picture(number.removesuffix(".png"), appids)
        return raw(content, content_type="image/png") if content else empty(status=404)

    async def media(self, _request: Request, media_id: str) -> HTTPResponse:
        found = self._sandbox.media.anybody_s(media_id)
        if found is None:
            return empty(status=404)
        headers = {"X-Content-Type-Options": "nosniff"}
        return raw(found.content, content_type=found.content_type, headers=headers)

    async def article(self, _request: Request, number: str) -> HTTPResponse:
        """The page of an article that was sent to many."""
        article = self._sandbox.mass.article(int(number)) if number.isdecimal() else None
        if article is None:
            return html(_GONE, status=404, headers=_ARTICLE_HEADERS)
        title = escape(article["title"])
        page = (
            f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{article['content']}"
        )
        return html(page, headers=_ARTICLE_HEADERS)

    async def open(self, request: Request) -> HTTPResponse:
        """Open a web page as this person: the browser is theirs from now on."""
        person = self._sandbox.world.person(request.args.get("person", ""))
        address = request.args.get("url", "")
        is_ours = address.startswith(_ARTICLES)
        if not is_ours and urlsplit(address).scheme not in ("http", "https"):
            raise ValueError("url 要是 http 或 https 开头的网址")
        answer = redirect(address)
        answer.headers["Cache-Control"] = "no-store"
        if request.cookies.get(HOLDER_COOKIE) != person.name:
            for path in _SESSION_PATHS:
                answer.add_cookie(_SESSION_COOKIE, "", path=path, secure=False, max_age=0)
        answer.add_cookie(HOLDER_COOKIE, person.name, path="/", secure=False, httponly=True, samesite="Lax")
        return answer
