"""The queue of messages: our claim, begin and settle, against the very statements they are run bare."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from app import lifecycle
from app.kit import db
from app.kit.ids import uuid7
from config.database import credentials
from notifications import outlets, queue, retention
from notifications.models import Channel, NotificationStatus
from notifications.queue import Move, Share
from tests.bench.contest import Contestant
from tests.bench.servers import Site

BATCH = 500
_LANE = 2
_OPENID = "o" * 28
# More than either side gets through in one turn.
_ROWS = 150_000

Statement = tuple[str, tuple[Any, ...]]


@asynccontextmanager
async def movers(site: Site) -> AsyncIterator[tuple[Contestant, Contestant]]:
    """Our queue and its bare statements, one after the other on the same table."""
    url = await site.make_database("queue")
    await lifecycle.open_stores()
    await retention.prepare()
    connection = await asyncpg.connect(**credentials(url))
    try:
        yield _ours, await _bare(connection)
    finally:
        await connection.close()
        await lifecycle.close_stores()


async def _ours(seconds: float) -> float:
    await _fill()
    owner, moved, started = uuid7(), 0, time.perf_counter()
    while time.perf_counter() < started + seconds:
        count = await _round(owner)
        if not count:
            break
        moved += count
    return moved / (time.perf_counter() - started)


async def _round(owner: Any) -> int:
    claimed = await queue.claim(owner, [Share(Channel.TEMPLATE, _LANE, BATCH)], BATCH)
    begun = await queue.begin_sending(owner, {message.key: _OPENID for message in claimed})
    moves = [
        Move(message.key, NotificationStatus.SENT, msgid=str(message.id))
        for message in claimed
        if message.id in begun
    ]
    return len(await queue.settle(owner, moves))


async def _bare(connection: asyncpg.Connection) -> Contestant:
    """The three statements as our queue was heard to say them, prepared once, with lists for each batch."""
    await _fill()
    with _listening() as said:
        await _round(uuid7())
    claim, begin, settle = [(await connection.prepare(sql), args) for sql, args in said]

    async def work(seconds: float) -> float:
        await _fill()
        moved, started = 0, time.perf_counter()
        while time.perf_counter() < started + seconds:
            rows = await claim[0].fetch(*claim[1])
            if not rows:
                break
            await begin[0].fetch(*_fitted(begin[1], rows))
            moved += len(await settle[0].fetch(*_fitted(settle[1], rows)))
        return moved / (time.perf_counter() - started)

    return work


def _fitted(args: tuple[Any, ...], rows: list[Any]) -> list[Any]:
    """The arguments heard, for other rows: their keys, and every further list as long as they are many."""
    columns = iter(([row["id"] for row in rows], [row["committed_at"] for row in rows]))
    return [next(columns, arg[:1] * len(rows)) if isinstance(arg, list) else arg for arg in args]


@contextmanager
def _listening() -> Iterator[list[Statement]]:
    said: list[Statement] = []
    fetch = db.fetch

    async def listen(sql: str, *args: Any) -> Any:
        said.append((sql, args))
        return await fetch(sql, *args)

    db.fetch = listen
    try:
        yield said
    finally:
        db.fetch = fetch


async def _fill() -> None:
    """A full queue in one partition, as a campaign leaves it."""
    await db.execute("TRUNCATE notification")
    await db.execute(
        "INSERT INTO notification (event_id, message, message_version, person_id, channel, account_id, lane,"
        " params, committed_at, run_at, status, attempt)"
        " SELECT n, 'tax_reminder', 1, gen_random_uuid(), $1, $2, $3,"
        """ '{"tax": "增值税", "period": "2026年第三季度", "due_at": "2026年10月26日 24:00"}',"""
        " now(), now() - interval '1 day', 'created', 0"
        " FROM generate_series(1, $4) n",
        Channel.TEMPLATE.value, outlets.account_of(Channel.TEMPLATE), _LANE, _ROWS,
    )  # fmt: skip
    await db.execute("ANALYZE notification")
