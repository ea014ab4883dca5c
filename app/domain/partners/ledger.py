"""The ledger of pushed messages in SQL: the lock of a system, what is known, what waits, what is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from app.domain.partners.errors import MessageFailed, PushedTooFast, SignatureRefused
from app.domain.partners.kinds import Message, MessageState
from app.domain.partners.rules import Scope
from app.kit import clock, crypto, db
from config import settings

# The rate is a GCRA on the row that is locked anyway: rows spend time, of which a burst may lie ahead.
_LOCK: Final = """
UPDATE partner_system SET spent_until = greatest(coalesce(spent_until, $2), $2) + $3::interval
WHERE id = $1 AND is_active AND greatest(coalesce(spent_until, $2), $2) + $3::interval <= $2 + $4::interval
RETURNING code, kinds::text, authorities::text, regions::text, parked, forgotten_to
"""
_SPENT: Final = "SELECT spent_until FROM partner_system WHERE id = $1 AND is_active"
_KNOWN: Final = """
SELECT sequence, digest, state, error_code, error_text FROM partner_message
WHERE system_id = $1 AND sequence = ANY ($2)
"""
_CHAINS: Final = """
SELECT case_number, last_step, is_origin, region_code FROM partner_chain
WHERE system_id = $1 AND case_number = ANY ($2)
"""
_REGIONS: Final = """
SELECT case_number, region_code FROM partner_chain
WHERE case_number = ANY ($1) AND is_origin AND region_code IS NOT NULL
"""
_WAITING: Final = """
SELECT m.id, m.sequence, m.case_number, m.step, m.state, m.received_at FROM partner_message m
WHERE m.system_id = $1 AND m.case_number = ANY ($2) AND m.state IN ('parked', 'dead')
"""
_CASELESS: Final = """
SELECT id, received_at FROM partner_message
WHERE system_id = $1 AND state = 'parked' AND case_number IS NULL ORDER BY sequence LIMIT 1
"""
_BODIES: Final = """
SELECT b.id, b.body_sealed FROM unnest($1::bigint[], $2::timestamptz[]) AS wanted (id, received_at)
JOIN partner_message_body b ON b.id = wanted.id AND b.received_at = wanted.received_at
WHERE b.received_at >= $3
"""
_WRITE: Final = """
WITH said AS (
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::int[], $6::bytea[], $7::text[], $8::text[],
        $9::text[], $10::text[]) AS s (sequence, kind, case_number, step, digest, state, code, words, body)
), written AS (
    INSERT INTO partner_message (system_id, sequence, kind, case_number, step, digest, state, error_code,
        error_text, received_at, waiting_since, settled_at)
    SELECT $1, sequence, kind, case_number, step, digest, state, code, words, $11,
        CASE WHEN state = 'parked' THEN $11::timestamptz END,
        CASE WHEN state <> 'parked' THEN $11::timestamptz END FROM said
    RETURNING id, sequence
)
INSERT INTO partner_message_body (id, received_at, body_sealed)
SELECT w.id, $11, s.body FROM written w JOIN said s USING (sequence)
"""
_SETTLE: Final = """
UPDATE partner_message m SET state = d.state, error_code = d.code, error_text = d.words,
    waiting_since = NULL, settled_at = $5
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS d (id, state, code, words)
WHERE m.id = d.id
"""
_CHAIN: Final = """
INSERT INTO partner_chain AS c (system_id, case_number, last_step, is_origin, region_code)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bool[], $5::text[])
ON CONFLICT (system_id, case_number) DO UPDATE SET last_step = excluded.last_step,
    is_origin = excluded.is_origin, region_code = excluded.region_code
"""
_COUNT: Final = """
UPDATE partner_system SET parked = parked + $2, last_sequence = greatest(last_sequence, $3) WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message; code and words come with a refusal or a failure."""

    state: MessageState
    code: str | None = None
    words: str | None = None


FAILED: Final = Verdict(MessageState.DEAD, MessageFailed.code, MessageFailed.message)
"""The verdict on a message that breaks what takes it in."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A system whose row is ours until the transaction ends."""

    id: int
    code: str
    scope: Scope
    parked: int
    forgotten_to: int


@dataclass(frozen=True, slots=True)
class Known:
    """An earlier message under the same sequence."""

    digest: bytes
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Chain:
    """How far the messages of a case have been judged; ``region_code`` is that of a case handed in here."""

    last_step: int = 0
    is_origin: bool = False
    region_code: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message of the ledger that has not been applied."""

    id: int
    sequence: int
    case_number: str
    step: int
    state: MessageState
    received_at: datetime


async def lock(system_id: int, *, rows: int) -> Locked:
    """Make this system's pushes wait for ours, and count ``rows`` against its rate (0: what is ours).

    Raises PushedTooFast, or SignatureRefused for a system that was switched off meanwhile.
    """
    chosen, now = settings.current(), clock.now()
    cost = timedelta(seconds=rows / chosen.partner_rows_per_second)
    # A push of the largest size must pass now and then, however low the rate is.
    burst = timedelta(seconds=max(1.0, chosen.partner_rows_at_once / chosen.partner_rows_per_second))
    row = await db.fetch_one(_LOCK, system_id, now, cost, burst if rows else timedelta(days=1))
    if row is None:
        until = await db.fetch_value(_SPENT, system_id)
        if until is None:
            raise SignatureRefused
        raise PushedTooFast(retry_after=max(1, round((until + cost - burst - now).total_seconds() + 0.5)))
    kinds, authorities, regions = (orjson.loads(row[name]) for name in ("kinds", "authorities", "regions"))
    scope = Scope(frozenset(kinds), tuple(authorities), tuple(regions))
    return Locked(system_id, row["code"], scope, row["parked"], row["forgotten_to"])


async def known(system_id: int, sequences: Collection[int]) -> Mapping[int, Known]:
    """Which of these sequences were received before."""
    rows = await db.fetch(_KNOWN, system_id, list(sequences))
    return {
        row["sequence"]: Known(
            bytes(row["digest"]), Verdict(MessageState(row["state"]), row["error_code"], row["error_text"])
        )
        for row in rows
    }


async def chains(system_id: int, case_numbers: Collection[str]) -> Mapping[str, Chain]:
    """How far the messages of these cases have been judged."""
    rows = await db.fetch(_CHAINS, system_id, list(case_numbers))
    return {row["case_number"]: Chain(row["last_step"], row["is_origin"], row["region_code"]) for row in rows}


async def regions(case_numbers: Collection[str]) -> Mapping[str, str]:
    """The regions of these cases, as far as any system handed them in."""
    rows = await db.fetch(_REGIONS, list(case_numbers))
    return {row["case_number"]: row["region_code"] for row in rows}


async def waiting(system_id: int, case_numbers: Collection[str]) -> Sequence[Waiting]:
    """The messages of these cases that are parked or dead."""
    rows = await db.fetch(_WAITING, system_id, list(case_numbers))
    return [Waiting(**{**row, "state": MessageState(row["state"])}) for row in rows]


async def parked_caseless(system_id: int) -> tuple[int, datetime] | None:
    """The first message of no case that is parked: its id, and when it was received."""
    row = await db.fetch_one(_CASELESS, system_id)
    return (row["id"], row["received_at"]) if row else None


async def messages_of(received: Mapping[int, datetime]) -> Mapping[int, Message]:
    """What messages said, by their ids, told when each was received; without those whose day was dropped."""
    if not received:
        return {}
    moments = list(received.values())
    found = await db.fetch(_BODIES, list(received), moments, min(moments))
    return {row["id"]: Message.from_body(crypto.unseal(row["body_sealed"])) for row in found}


async def write(system_id: int, told: Sequence[tuple[Message, Verdict]]) -> None:
    """Add messages with what became of them."""
    if not told:
        return
    messages = [message for message, _ in told]
    await db.execute(
        _WRITE, system_id,
        [one.sequence for one in messages], [one.kind.value for one in messages],
        [one.case_number for one in messages], [one.step for one in messages],
        [one.digest for one in messages], *_columns([verdict for _, verdict in told]),
        [crypto.seal(one.body) for one in messages], clock.now(),
    )  # fmt: skip


async def settle(told: Sequence[tuple[int, Verdict]]) -> None:
    """Say what became of messages that waited, by their ids."""
    if told:
        ids, verdicts = [id_ for id_, _ in told], [verdict for _, verdict in told]
        await db.execute(_SETTLE, ids, *_columns(verdicts), clock.now())


async def move_on(system_id: int, reached: Mapping[str, Chain]) -> None:
    """Say how far the messages of these cases have been judged now."""
    if reached:
        told = list(reached.values())
        await db.execute(
            _CHAIN, system_id, list(reached), [one.last_step for one in told],
            [one.is_origin for one in told], [one.region_code for one in told],
        )  # fmt: skip


async def count(system_id: int, *, parked: int, last_sequence: int) -> None:
    """Change the count of parked messages by ``parked``, and note the highest sequence."""
    await db.execute(_COUNT, system_id, parked, last_sequence)


def _columns(verdicts: Sequence[Verdict]) -> tuple[list[Any], ...]:
    return (
        [one.state.value for one in verdicts],
        [one.code for one in verdicts],
        [one.words for one in verdicts],
    )
