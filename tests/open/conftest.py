"""Readers of the public page: browsers that hold nothing of ours."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from app.open.site import PREFIX
from tests.public_account.h5.conftest import Browser


@pytest.fixture
async def reader(db: None, address: str) -> AsyncIterator[Browser]:
    """A browser."""
    # Nothing comes pressed that was not asked for pressed.
    plain = {"accept-encoding": "identity"}
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(address))
    async with aiohttp.ClientSession(address, headers=plain, cookie_jar=jar) as session:
        yield Browser(session, PREFIX)
