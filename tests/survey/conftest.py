"""A town with a furnished house in it, at noon of a Monday, and readers of every kind before it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import IdentityLevel, StaffRole
from app.domain.accounts.staff import Post
from app.gateways import exchange
from app.kit import clock
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from config import settings
from tests.client import Client
from tests.console.conftest import AtWork, OpenBrowser, at_work, open_browser
from tests.factories.sharing import Libraries
from tests.privacy.test_matrix import NOON
from tests.privacy.town import Ratings, Town
from tests.public_account.h5.conftest import Browser
from tests.public_account.h5.conftest import open_browser as open_phone
from tests.survey.house import House, furnish

__all__ = ["at_work", "open_browser", "open_phone"]

Reader = Callable[[str], Awaitable[Browser]]
"""Opens a browser of a reader: a person of the town, ``staff:<role>``, or nobody, who is not signed in."""


@dataclass
class Place:
    """The town and the house."""

    town: Town
    house: House


@pytest.fixture
async def place(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """One of everything; texts that people and staff typed at the desks would do harm if a page let them."""
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path / "files")})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    exchange.use_invoices(None)
    exchange.use_credit(Ratings())
    with clock.frozen(NOON):
        town = Town(client)
        await town.settle()
        exchange.use_libraries(Libraries())
        yield Place(town, await furnish(town.citizens["ann"]))
    exchange.use_libraries(None)
    exchange.use_credit(None)


@pytest.fixture
async def reader(place: Place, open_phone: OpenBrowser, at_work: AtWork) -> Reader:
    async def reader(who: str) -> Browser:
        kind, _, role = who.partition(":")
        if kind == "staff":
            return await at_work(f"reader-{role.replace('_', '-')}", Post(StaffRole(role)))
        browser = await open_phone()
        if who.startswith("nobody"):
            return browser
        citizen = place.town.citizens[who]
        begun = await sessions.begin(citizen.person_id, IdentityLevel.REALNAME_L1)
        browser.plant(SESSION_COOKIE, begun.token)
        if citizen.enterprise_id is not None:
            form = (await browser.get("/h5/me/identity")).field("csrf")
            chosen = {"csrf": form, "enterprise": str(citizen.enterprise_id)}
            assert (await browser.post("/h5/me/identity", **chosen)).status == 303
        return browser

    return reader
