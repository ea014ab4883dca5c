"""Pages over HTTP: halls on a morning of booking, the citizen's first page, a table of a desk."""

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

import asyncpg

from app.domain.accounts import consents
from app.kit import clock
from app.kit.web import H5_CITIZEN, STAFF_PAGE
from app.public_account.h5.entry.privacy import PURPOSE
from config.database import credentials
from tests.bench import dataset, load
from tests.bench.contest import Contestant
from tests.bench.dataset import statements
from tests.bench.ground import SMALL, Ground
from tests.bench.servers import WORKERS, Site, free_port

_AT_HOME = 1_000
"""So many people open their first page by turns."""

_AGAINST = f"pressed; {WORKERS} server workers; against a bare Sanic handler that answers the same bytes"
HALLS_NOTES = (
    f"the list of halls and the pages of {dataset.HALLS} halls with their free times, by turns; {_AGAINST}"
)
HOME_NOTES = (
    f"the first page of {_AT_HOME:,} people with an appointment of a coming day, who agreed to the notice;"
    f" {_AGAINST}"
)
TABLE_NOTES = (
    "a hall's appointments from both ends and the middle, by state, number and business;"
    " 10 thousand against 5 million appointments in the table"
)


class Pages:
    """Our servers before a small and a large set of appointments, and a bare one with one of our pages."""

    def __init__(self, site: Site, ground: Ground) -> None:
        self._site = site
        self._ground = ground
        self._ready: set[str] = set()

    async def halls(self) -> Contestant:
        """Everybody looks for a hall and its free times: the busiest pages when places are given out."""
        return _asker(await self._ours(SMALL), _of_halls())

    async def home(self) -> Contestant:
        """People with an appointment open their first page."""
        return _asker(await self._ours(SMALL), [_home(n) for n in _expected()])

    async def bare(self, name: str) -> Contestant:
        """The bare handler answers one of these pages: ``halls``' or ``home``'s."""
        request = {"halls": _of_halls()[1], "home": _home(_expected()[0])}[name]
        file = self._site.home / f"{name}.gz"
        file.write_bytes(await _one(await self._ours(SMALL), request))
        port = free_port()
        await self._site.serve_bare(port, str(file))
        return _asker(port, [_get("/page", "")])

    async def table(self, name: str) -> Contestant:
        """A manager turns over the appointments of a hall."""
        port = await self._ours(name)
        return _asker(
            port, [_at_desk(f"/console/halls/1/appointments{asked}") for asked in _asked_of_table()]
        )

    async def _ours(self, name: str) -> int:
        url = await self._ground.database(name)
        if name not in self._ready:
            connection = await asyncpg.connect(**credentials(url))
            try:
                await connection.execute(
                    statements(
                        "pages",
                        people=dataset.PEOPLE,
                        count=_AT_HOME,
                        token=dataset.token(1),
                        purpose=PURPOSE,
                        version=consents.texts()[PURPOSE].version,
                    )
                )
            finally:
                await connection.close()
            self._ready.add(name)
        return await self._ground.ours(name)


def _asked_of_table() -> list[str]:
    """Newest and oldest first, from the middle; then what many are in, and what few or none are."""
    until = clock.today() - timedelta(days=100)
    many = ["", "?way=up", f"?until={until}", "?status=done"]
    return [*many, "?status=cancelled_by_hall", "?status=checked_in", "?number=00000000", "?business=NONE"]


def _of_halls() -> list[bytes]:
    """The list, and every hall."""
    return [_get("/h5/halls", ""), *(_get(f"/h5/halls/{n}", "") for n in range(1, dataset.HALLS + 1))]


def _expected() -> list[int]:
    """People who hold an appointment of the coming days."""
    return [dataset.PEOPLE - n for n in range(1, _AT_HOME + 1)]


def _home(person: int) -> bytes:
    return _get("/h5/", f"{H5_CITIZEN.cookie}={dataset.token(person)}")


def _at_desk(path: str) -> bytes:
    return _get(path, f"{STAFF_PAGE.cookie}={dataset.token(1)}")


def _get(path: str, cookie: str) -> bytes:
    told = f"cookie: {cookie}\r\n" if cookie else ""
    return (
        f"GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\naccept-encoding: gzip\r\n{told}\r\n"
    ).encode()


async def _one(port: int, request: bytes) -> bytes:
    """The body of one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(load.length_of(head + b" ") - len(head))
    writer.close()
    assert b" 200 " in head.split(b"\r\n")[0], head
    return body


def _asker(port: int, requests: list[bytes]) -> Contestant:
    async def work(seconds: float) -> float:
        outcome = await load.drive(port, _by_turns(requests), seconds, expect=200)
        return outcome.rate

    return work


def _by_turns(requests: list[bytes]) -> Iterator[bytes]:
    begin = random.randrange(len(requests))
    return cycle(requests[begin:] + requests[:begin])
