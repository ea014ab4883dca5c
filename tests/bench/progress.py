"""Looking at a case over HTTP, signed in or by its query code, among few cases and among many."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle

import asyncpg
import orjson

from app.domain.cases import numbers
from config.database import credentials
from tests.bench import dataset, load
from tests.bench.contest import Contestant
from tests.bench.dataset import statements
from tests.bench.servers import WORKERS, Site, free_port

FEW, MANY = 100_000, 10_000_000
PEOPLE = 1_000
_LOOKED_AT = 5_000  # Spread over all of them; more than are looked at within a second.
_CODE = "K7M2XQ"

# What is only filled needs no index until it is full.
_LATER = ("case_of_person", "case_of_enterprise", "case_running", "case_awaiting_notice")
_PARTS = """
SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent IN ('case_file'::regclass, 'case_event'::regclass)
"""
_AT_ONCE = 100_000
_TOLD_EVERY = 1_000_000


class Progress:
    """Servers of ours before a small and a large set of cases, each made when it is first asked for."""

    def __init__(self, site: Site, tell: Callable[[str], None], *, many: int = MANY) -> None:
        self._site = site
        self._tell = tell
        self._many = many
        self._ports: dict[int, int] = {}
        self._bare = 0

    @property
    def sizes(self) -> str:
        return f"{FEW:,} against {self._many:,} cases, {_LOOKED_AT:,} of them looked at by turns"

    async def signed_in(self, *, is_large: bool = False) -> Contestant:
        """People look at cases of their own."""
        size = self._many if is_large else FEW
        return _asker(await self._ours(size), [_own(n) for n in _chosen(size)])

    async def by_code(self, *, is_large: bool = False) -> Contestant:
        """People everywhere ask with number and query code."""
        size = self._many if is_large else FEW
        return _asker(await self._ours(size), [_by_code(n) for n in _chosen(size)])

    async def bare(self) -> Contestant:
        """The bare handler answers a document of this kind from memory."""
        if not self._bare:
            self._bare = free_port()
            await self._site.serve_bare(self._bare)
        return _asker(self._bare, [load.get("/case")])

    async def _ours(self, size: int) -> int:
        if size not in self._ports:
            self._tell(f"  filling a database with {size:,} cases")
            url = await self._site.make_database(f"cases_{size}")
            await _fill(url, size, self._tell)
            port = free_port()
            await self._site.serve_ours(f"cases_{size}", port, url)
            self._ports[size] = port
        return self._ports[size]


NOTES = (
    f"a case with three steps; token, limits, permission and time limit included; {WORKERS} server workers"
)


async def _fill(url: str, size: int, tell: Callable[[str], None]) -> None:
    began = time.monotonic()

    def told(done: str) -> None:
        tell(f"    {time.monotonic() - began:5.0f} s: {done}")

    async with _writer(url) as connection:
        made = await _lay_bare(connection)
        await connection.execute(statements("cases", people=PEOPLE))
        ranges = iter(range(1, size + 1, _AT_ONCE))
        await asyncio.gather(*(_write(url, ranges, size, told) for _ in range(WORKERS)))
        for definition in made:
            await connection.execute(definition, timeout=3600)
        told("indexes made")
        await connection.execute(
            "UPDATE case_file c SET query_code_hash = h"
            " FROM unnest($1::text[], $2::bytea[]) AS given (number, h) WHERE c.number = given.number",
            [_number(n) for n in _chosen(size)],
            [numbers.query_code_hash(_number(n), _CODE) for n in _chosen(size)],
        )
        await connection.execute("VACUUM (ANALYZE)", timeout=3600)
        await connection.execute("CHECKPOINT", timeout=3600)
        told("vacuumed")


@asynccontextmanager
async def _writer(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**credentials(url))
    try:
        for setting in dataset.QUICKLY:
            await connection.execute(setting)
        yield connection
    finally:
        await connection.close()


async def _lay_bare(connection: asyncpg.Connection) -> list[str]:
    """Drop the indexes that are made later, and write no log for what is only read; answers the indexes."""
    made = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY ($1)", _LATER
    )
    for index in made:
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    for part in await connection.fetch(_PARTS):
        await connection.execute(f'ALTER TABLE "{part["name"]}" SET UNLOGGED')
    return [index["indexdef"].replace(" ON ONLY ", " ON ") for index in made]


async def _write(url: str, ranges: Iterator[int], size: int, told: Callable[[str], None]) -> None:
    """Write one range of cases after another, as long as there are any."""
    async with _writer(url) as connection:
        for first in ranges:
            last = min(first + _AT_ONCE - 1, size)
            rows = statements("case_rows", people=PEOPLE, first=first, last=last)
            await connection.execute(rows, timeout=3600)
            if last % _TOLD_EVERY == 0 or last == size:
                told(f"cases up to {last:,} written")


def _chosen(size: int) -> list[int]:
    return random.Random(1).sample(range(1, size + 1), min(_LOOKED_AT, size))


def _number(n: int) -> str:
    return f"11440106MB2DEMA0293{n // 10000:012d}20261116{n % 10000:04d}"


def _own(n: int) -> bytes:
    return (
        f"GET /api/v1/cases/{_number(n)} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n"
        f"authorization: Bearer {dataset.token(1 + n % PEOPLE)}\r\n\r\n"
    ).encode()


def _by_code(n: int) -> bytes:
    body = orjson.dumps({"number": _number(n), "query_code": _CODE}).decode()
    return (
        "POST /api/v1/cases/lookup HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _asker(port: int, requests: list[bytes]) -> Contestant:
    async def work(seconds: float) -> float:
        outcome = await load.drive(port, _by_turns(requests), seconds, expect=200)
        return outcome.rate

    return work


def _by_turns(requests: list[bytes]) -> Iterator[bytes]:
    begin = random.randrange(len(requests))
    return cycle(requests[begin:] + requests[:begin])
