"""The call log: who asked an outside system what, for which purpose, with what outcome (F04, F06).

Calls gather in memory and are written by one statement a little later, so that no question waits for its
own record. A process that ends normally writes down what it holds; one that is killed loses half a second.
"""

import asyncio
import contextvars
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.gateways.exchange.purposes import Purpose, Source
from app.kit import clock, crypto, db
from app.kit.partitions import Partitioned
from config.logging import caller_var, cause_var, request_id_var

log = logging.getLogger("weiban.exchange")

PARTS: Final = Partitioned("exchange_call", "at", "month")
AHEAD: Final = 2
KEPT: Final = timedelta(days=180)

_GATHER_S: Final = 0.5
_MOST_WAITING: Final = 20_000
_AT_ONCE: Final = 2_000
_PERSON: Final = "person:"

_WRITE: Final = """
INSERT INTO exchange_call (at, source, purpose, fields_asked, subject_hash, person_id, cause, request_id,
                           outcome, duration_ms, attempts, bytes_sent, bytes_received, hops)
SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::uuid[],
                     $7::text[], $8::text[], $9::text[], $10::int[], $11::smallint[], $12::int[], $13::int[],
                     $14::text[])
"""
_OF = """
SELECT at, id, source, purpose, fields_asked, outcome, person_id = ANY ($1) AS is_asked_by_them
FROM exchange_call WHERE (person_id = ANY ($1) OR subject_hash = ANY ($2))
  AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::bigint))
ORDER BY at DESC, id DESC LIMIT $5
"""
_SUMMARY = """
SELECT source, purpose, outcome, count(*) AS calls, count(DISTINCT person_id) AS people,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms,
       sum(bytes_sent) AS bytes_sent, sum(bytes_received) AS bytes_received
FROM exchange_call WHERE at >= $1 AND at < $2 GROUP BY source, purpose, outcome ORDER BY 1, 2, 3
"""


@dataclass(slots=True)
class Trace:
    """What one question met on its way; the transport fills it in."""

    attempts: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    hops: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One question that was asked, or answered from what we still knew."""

    source: Source
    purpose: Purpose
    fields: Sequence[str]
    subject: str | None
    outcome: str
    duration_ms: int = 0
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of calls ended, and the next one begins."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what a person reads about themselves."""

    at: datetime
    source: str
    purpose: str
    fields: Sequence[str]
    outcome: str
    is_asked_by_them: bool


@dataclass(frozen=True, slots=True)
class DaysCalls:
    """The calls of one day to one system for one purpose with one outcome; sizes in bytes."""

    source: str
    purpose: str
    outcome: str
    calls: int
    people: int
    p95_ms: int
    bytes_sent: int
    bytes_received: int


_waiting: list[tuple[object, ...]] = []
_waking: asyncio.Task[None] | None = None
_writing: asyncio.Task[None] | None = None


def subject_hash(subject: str) -> bytes:
    """By what the log knows whom or what a question is about: an ID number, a USCC, code and number."""
    return crypto.lookup_hash(subject, "exchange subject")


def note(call: Call) -> None:
    """Keep one call for the next batch; costs nothing but memory."""
    if len(_waiting) >= _MOST_WAITING:
        log.error("the call log is full and forgets a call to %s", call.source)
        return
    asked_by = caller_var.get() or ""
    trace = call.trace
    _waiting.append(
        (
            clock.now(), call.source.value, call.purpose.value, " ".join(sorted(call.fields))[:400],
            subject_hash(call.subject) if call.subject else None,
            UUID(asked_by.removeprefix(_PERSON)) if asked_by.startswith(_PERSON) else None,
            (cause_var.get() or "")[:120] or None, request_id_var.get(), call.outcome, call.duration_ms,
            trace.attempts, trace.bytes_sent, trace.bytes_received, trace.hops[:800],
        )
    )  # fmt: skip
    _write_later()


async def flush() -> None:
    """Write down everything gathered so far; what cannot be written stays for the next time."""
    global _writing
    if _writing is None or _writing.done():
        # Outside of the caller's context: its transaction is none of ours.
        _writing = asyncio.get_running_loop().create_task(_write(), context=contextvars.Context())
    await asyncio.shield(_writing)


def forget() -> None:
    """Drop what was gathered; for tests."""
    _waiting.clear()


async def of_person(
    person_ids: Sequence[UUID], subjects: Sequence[str], *, after: Place | None = None, limit: int
) -> tuple[list[Told], Place | None]:
    """Questions these persons asked, and questions about these subjects whoever asked, the newest first.

    A page of at most ``limit``, and the place ``after`` which the next one begins; ``None`` with the last.
    """
    rows = await db.fetch(
        _OF, list(person_ids), [subject_hash(one) for one in subjects],
        after and after.at, after and after.id, limit + 1,
    )  # fmt: skip
    page = [
        Told(
            row["at"], row["source"], row["purpose"], row["fields_asked"].split(), row["outcome"],
            bool(row["is_asked_by_them"]),
        )
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    return page, last and Place(last["at"], last["id"])


async def summary(day: date) -> list[DaysCalls]:
    """The calls of one day in Shanghai, by system, purpose and outcome."""
    since = datetime.combine(day, datetime.min.time(), clock.SHANGHAI)
    rows = await db.fetch(_SUMMARY, since, since + timedelta(days=1))
    return [DaysCalls(**dict(row)) for row in rows]


async def forget_person(person_ids: Sequence[UUID]) -> None:
    """Leave the calls of somebody who leaves, without saying whose they were."""
    await flush()  # Those still gathered here as well.
    await db.execute("UPDATE exchange_call SET person_id = NULL WHERE person_id = ANY ($1)", list(person_ids))


async def keep_house() -> int:
    """Make coming months, drop months older than 180 days whole; answers how many went."""
    await PARTS.prepare(AHEAD)
    oldest, dropped = clock.now() - KEPT, 0
    for part in await PARTS.parts():
        if part.until > oldest:
            break
        async with db.transaction():
            await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", PARTS.table)
            if await db.fetch_value("SELECT to_regclass($1) IS NOT NULL", part.name):
                await db.execute(f"DROP TABLE {part.name}")
                dropped += 1
    await db.execute("DELETE FROM exchange_finding WHERE at < $1", oldest)
    return dropped


def _write_later() -> None:
    global _waking
    if _waking is None or _waking.done():
        _waking = asyncio.get_running_loop().create_task(_write_soon(), context=contextvars.Context())


async def _write_soon() -> None:
    while _waiting:
        await asyncio.sleep(_GATHER_S)
        await flush()


async def _write() -> None:
    while _waiting:
        batch = _waiting[:_AT_ONCE]
        try:
            await db.execute(_WRITE, *(list(column) for column in zip(*batch, strict=True)))
        except Exception as lost:  # noqa: BLE001  Whatever keeps the log from being written, nothing is dropped.
            log.warning("%s calls are not written down yet: %s", len(_waiting), type(lost).__name__)
            return
        # New ones come behind these meanwhile.
        del _waiting[: len(batch)]
