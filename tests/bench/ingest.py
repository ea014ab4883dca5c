"""Messages of partners applied per second over HTTP, against bare COPY and against one transaction a message.

Every message is a case of its own handed in, or its acceptance: written are the case, its event, the outbox,
the ledger and what was said. COPY writes as many rows of the same words into a bare table; the other side
records the same applications and acceptances through the domain one by one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count, islice
from typing import Any

import aiohttp
import asyncpg
import orjson

from app import lifecycle
from app.domain.cases import service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import NewCase, Step
from app.domain.cases.models import CaseState, LimitUnit
from app.domain.partners import keeping
from app.domain.partners.models import PartnerKey, PartnerSystem
from app.kit import clock, crypto, signing
from config.database import credentials
from tests.bench.contest import Contestant
from tests.bench.servers import Site, free_port

ROWS = 500
SYSTEMS = 4
"""So many departments push at once; one waits for itself."""

_PATH = "/partner/v1/messages"
_SECRET = "a secret of the benchmark"
_AUTHORITY = "11440106MB2DEMA029"
_AT = datetime(2026, 11, 16, 9, 0, tzinfo=clock.SHANGHAI)
_WIDE = {"partner_rows_per_second": "100000000"}
_BARE = "CREATE TABLE bare_message (number text, said text)"

_serials = count(1)


@asynccontextmanager
async def contestants(site: Site) -> AsyncIterator[tuple[Contestant, Contestant, Contestant]]:
    """Our server, bare COPY, and one transaction a message."""
    url = await site.make_database("ingest")
    await lifecycle.open_stores()
    bare = await asyncpg.connect(**credentials(url))
    try:
        await keeping.prepare()
        await bare.execute(_BARE)
        pushers = [await _pusher(place) for place in range(SYSTEMS)]
        port = free_port()
        await site.serve_ours("ingest", port, url, _WIDE)
        yield _ours(port, pushers), _copy(bare), _one_by_one
    finally:
        await bare.close()
        await lifecycle.close_stores()


async def _pusher(place: int) -> tuple[str, Iterator[dict[str, Any]]]:
    system = await PartnerSystem.create(
        code=f"bench-{place}", name="bench", department="bench", kinds=["application", "acceptance"],
        authorities=[], regions=[], created_by="system",
    )  # fmt: skip
    key = await PartnerKey.create(
        id=f"bench-key-{place}", system_id=system.id, algorithm=signing.Algorithm.HMAC,
        secret_sealed=crypto.seal(_SECRET), created_by="system", created_at=clock.now(),
        expires_at=clock.now().replace(year=clock.now().year + 1),
    )  # fmt: skip
    return key.id, _messages()


def _messages() -> Iterator[dict[str, Any]]:
    sequences = count(1)
    while True:
        number = _number()
        common = {"case_number": number, "at": _AT.isoformat(), "office": "受理窗口"}
        yield {
            **common, "sequence": next(sequences), "kind": "application", "step": 1,
            "item_name": "食品经营许可（新办）", "authority": _AUTHORITY, "region": "440106",
        }  # fmt: skip
        yield {
            **common, "sequence": next(sequences), "kind": "acceptance", "step": 2, "promised_amount": 10,
            "promised_unit": "working_day", "query_code": "K7M2XQ",
        }  # fmt: skip


def _number() -> str:
    return f"{_AUTHORITY}3440131012001{20260101 + next(_serials) // 10_000 % 28:08d}{next(_serials):09d}"


def _ours(port: int, pushers: list[tuple[str, Iterator[dict[str, Any]]]]) -> Contestant:
    async def work(seconds: float) -> float:
        started = time.perf_counter()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            pushing = [_push(session, key, rows, started + seconds) for key, rows in pushers]
            applied = sum(await asyncio.gather(*pushing))
        return applied / (time.perf_counter() - started)

    return work


async def _push(
    session: aiohttp.ClientSession, key: str, rows: Iterator[dict[str, Any]], until: float
) -> int:
    applied = 0
    while time.perf_counter() < until:
        body = orjson.dumps({"messages": list(islice(rows, ROWS))})
        headers = signing.signed_headers(key, _SECRET, "POST", _PATH, body)
        async with session.post(_PATH, data=body, headers=headers) as answer:
            told = await answer.json()
            assert answer.status == 200, told
        assert all(one["outcome"] == "applied" for one in told["results"]), told["results"][:3]
        applied += len(told["results"])
    return applied


def _copy(bare: asyncpg.Connection) -> Contestant:
    async def work(seconds: float) -> float:
        rows, copied, started = _messages(), 0, time.perf_counter()
        while time.perf_counter() < started + seconds:
            page = [(row["case_number"], orjson.dumps(row).decode()) for row in islice(rows, ROWS)]
            await bare.copy_records_to_table("bare_message", records=page)
            copied += len(page)
        return copied / (time.perf_counter() - started)

    return work


async def _one_by_one(seconds: float) -> float:
    """The same application and acceptance, each in a transaction of its own."""
    limit, written, started = TimeLimit(10, LimitUnit.WORKING_DAY), 0, time.perf_counter()

    async def clerk() -> None:
        nonlocal written
        while time.perf_counter() < started + seconds:
            number = _number()
            await service.submit(NewCase(number, "食品经营许可（新办）", "受理窗口"), at=_AT, query_code="")
            accepted = Step(CaseState.ACCEPTED, _AT, "受理窗口", promised=limit, query_code="K7M2XQ")
            await service.record(number, accepted)
            written += 2

    await asyncio.gather(*(clerk() for _ in range(SYSTEMS)))
    return written / (time.perf_counter() - started)
