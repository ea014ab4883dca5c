"""Browsers that open our pages, and a WeChat that knows the codes a test gives it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from yarl import URL

from app.domain.accounts import sessions
from app.domain.accounts.models import IdentityLevel
from app.gateways import wechat
from app.gateways.wechat import CodeInvalid
from app.gateways.wechat.followers import Follower
from app.gateways.wechat.oauth import Grant
from app.public_account.h5.entry.privacy import AGREED_COOKIE, notice
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from app.public_account.h5.pages import PREFIX
from tests.factories.appointments import make_person


@dataclass(slots=True)
class Page:
    """What a browser got."""

    status: int
    text: str
    headers: dict[str, str]
    cookies: dict[str, Morsel[str]]

    @property
    def location(self) -> str:
        return self.headers["location"]

    def field(self, name: str) -> str:
        """The value of a hidden field of its first form that has it."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found is not None, f"no field {name}"
        return found[1]


class Browser:
    """Keeps cookies as a browser does, and follows no redirect by itself."""

    def __init__(self, session: aiohttp.ClientSession, prefix: str = PREFIX) -> None:
        self.session = session
        self._prefix = prefix

    async def __call__(self, method: str, path: str, **options: Any) -> Page:
        async with self.session.request(method, path, allow_redirects=False, **options) as answer:
            return Page(
                answer.status,
                await answer.text(errors="replace"),
                {name.lower(): value for name, value in answer.headers.items()},
                dict(answer.cookies),
            )

    async def get(self, path: str) -> Page:
        return await self("GET", path)

    async def post(self, path: str, **form: str) -> Page:
        return await self("POST", path, data=form)

    def holds(self, name: str) -> str | None:
        """The value of a cookie of ours."""
        return next((one.value for one in self.session.cookie_jar if one.key == name), None)

    def plant(self, name: str, value: str) -> None:
        """Put a cookie there as an attacker would."""
        planted: SimpleCookie = SimpleCookie({name: value})
        planted[name]["path"] = self._prefix
        self.session.cookie_jar.update_cookies(planted, self.session._base_url or URL())


OpenBrowser = Callable[[], Awaitable[Browser]]


@pytest.fixture
async def open_browser(db: None, address: str) -> AsyncIterator[OpenBrowser]:
    """Another browser, with cookies of its own, in which the privacy notice was just agreed to."""
    async with AsyncExitStack() as opened:

        async def open_browser() -> Browser:
            jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(address))
            session = await opened.enter_async_context(aiohttp.ClientSession(address, cookie_jar=jar))
            made = Browser(session)
            made.plant(AGREED_COOKIE, f"pressed.{notice().version}")
            return made

        yield open_browser


@pytest.fixture
async def browser(open_browser: OpenBrowser) -> Browser:
    return await open_browser()


@pytest.fixture
async def person_id(db: None) -> UUID:
    return await make_person()


@pytest.fixture
async def signed_in(browser: Browser, person_id: UUID) -> Browser:
    """A browser whose person is signed in."""
    begun = await sessions.begin(person_id, IdentityLevel.WX_BOUND)
    browser.plant(SESSION_COOKIE, begun.token)
    return browser


@dataclass(slots=True)
class KnownCodes:
    """The codes WeChat would exchange, once each, and the unionids it would tell of followers."""

    grants: dict[str, Grant] = field(default_factory=dict)
    unionids: dict[str, str] = field(default_factory=dict)

    def give(self, code: str, openid: str, *, unionid: str | None = None, is_snapshot: bool = False) -> str:
        self.grants[code] = Grant(openid, unionid, "snsapi_base", is_snapshot, "access", "refresh")
        return code


@pytest.fixture
async def codes(db: None, monkeypatch: pytest.MonkeyPatch) -> KnownCodes:
    known = KnownCodes()

    async def exchange_code(_: wechat.PublicAccount, code: str) -> Grant:
        if code not in known.grants:
            raise CodeInvalid
        return known.grants.pop(code)

    async def profile(_: wechat.PublicAccount, openid: str) -> Follower:
        unionid = known.unionids.get(openid)
        return Follower(openid, unionid is not None, unionid, ())

    monkeypatch.setattr(wechat.PublicAccount, "exchange_code", exchange_code)
    monkeypatch.setattr(wechat.PublicAccount, "profile", profile)
    return known
