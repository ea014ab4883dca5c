"""Members of staff before a browser of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from yarl import URL

from app.console.site import PREFIX, SESSION_COOKIE
from app.domain.accounts import staff, staffing
from app.domain.accounts.staff import Post
from tests.factories.accounts import CHOSEN_PASSWORD, code_of
from tests.public_account.h5.conftest import Browser

OpenBrowser = Callable[[], Awaitable[Browser]]
AtWork = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def open_browser(db: None, address: str) -> AsyncIterator[OpenBrowser]:
    """Another browser, with cookies of its own."""
    async with AsyncExitStack() as opened:

        async def open_browser() -> Browser:
            jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(address))
            session = aiohttp.ClientSession(address, cookie_jar=jar)
            return Browser(await opened.enter_async_context(session), PREFIX)

        yield open_browser


@pytest.fixture
def at_work(open_browser: OpenBrowser) -> AtWork:
    """A browser of a member of staff with these posts, signed in."""

    async def at_work(username: str, *posts: Post) -> Browser:
        first, *others = posts
        given = await staffing.hire(username, username, first)
        for post in others:
            await staffing.appoint(given.staff_id, post, actor="system")
        signed = await staff.sign_in(username, given.password, code_of(given.totp_uri), address="127.0.0.1")
        await staff.change_password(signed.member, given.password, CHOSEN_PASSWORD)
        browser = await open_browser()
        browser.plant(SESSION_COOKIE, signed.token)
        return browser

    return at_work
