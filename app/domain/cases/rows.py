"""Cases, events, special procedures and findings as rows: one statement a table, however many there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson

from app.domain.cases.history import Happening
from app.domain.cases.models import Case, FindingKind, SpecialProcedure, SpecialState
from app.kit import db

_FIXED = (
    "number", "authority", "item_code", "item_name", "item_version", "person_id", "enterprise_id", "contact",
    "submitted_at",
)  # fmt: skip
_MOVING = (
    "office", "state", "received_at", "accepted_at", "counted_from", "decided_at", "legal_amount",
    "legal_unit", "promised_amount", "promised_unit", "extended_by", "pauses", "first_due_at", "due_at",
    "legal_due_at", "is_due_stated", "is_due_provisional", "asked_until", "acceptance_number", "fee",
    "paid", "queue_number", "results", "query_code_hash", "last_seq", "last_hash", "updated_at",
)  # fmt: skip
CASE_COLUMNS = (*_FIXED, *_MOVING)
EVENT_COLUMNS = ("case_number", "seq", "kind", "at", "office", "text", "finding", "hash")
_OF_SPECIAL = (
    "case_number", "event_seq", "kind", "state", "approver", "reason", "limit_amount", "limit_unit",
    "applied_at", "approved_at", "begun_at", "due_at", "ended_at", "result",
)  # fmt: skip


def _names(columns: Iterable[str], of: str = "") -> str:
    return ", ".join(f"{of}{name}" for name in columns)


# Sorted, so that two batches with the same numbers wait for each other and never in a circle.
_INSERT_CASES = (
    f"INSERT INTO case_file ({_names(CASE_COLUMNS)})"  # noqa: S608  Names of ours, here and below.
    f" SELECT {_names(CASE_COLUMNS)} FROM jsonb_populate_recordset(NULL::case_file, $1) ORDER BY number"
    " ON CONFLICT (number) DO NOTHING RETURNING number"
)
_UPDATE_CASES = (
    f"UPDATE case_file c SET ({_names(_MOVING)}) = ROW ({_names(_MOVING, 'n.')})"  # noqa: S608
    " FROM jsonb_populate_recordset(NULL::case_file, $1) n WHERE c.number = n.number"
)
_INSERT_EVENTS = (
    f"INSERT INTO case_event ({_names(EVENT_COLUMNS)})"  # noqa: S608
    f" SELECT {_names(EVENT_COLUMNS)} FROM jsonb_populate_recordset(NULL::case_event, $1)"
)
_INSERT_SPECIALS = (
    f"INSERT INTO special_procedure ({_names(_OF_SPECIAL)})"  # noqa: S608
    f" SELECT {_names(_OF_SPECIAL)} FROM jsonb_populate_recordset(NULL::special_procedure, $1)"
)
_BEGIN_SPECIALS = """
UPDATE special_procedure p SET (event_seq, state, begun_at, due_at, ended_at)
    = ROW (n.event_seq, n.state, n.begun_at, n.due_at, n.ended_at)
FROM jsonb_populate_recordset(NULL::special_procedure, $1) n WHERE p.id = n.id
"""
_END_SPECIALS = """
UPDATE special_procedure p SET (state, ended_at, result) = ROW (n.state, n.ended_at, n.result)
FROM jsonb_populate_recordset(NULL::special_procedure, $1) n WHERE p.id = n.id
"""
# One at a time may be open in a case: what runs elsewhere takes the place of what only was applied for here.
_GIVE_WAY = """
UPDATE special_procedure p SET state = 'finished', ended_at = n.begun_at, result = '已由其他特别程序代替'
FROM jsonb_populate_recordset(NULL::special_procedure, $1) n
WHERE p.case_number = n.case_number AND p.state IN ('applied', 'approved') AND n.ended_at IS NULL
"""
_KEEP_FINDINGS = """
INSERT INTO case_finding (case_number, seq, kind, wanted, who, at, text)
SELECT case_number, seq, kind, wanted, who, at, text FROM jsonb_populate_recordset(NULL::case_finding, $1)
ON CONFLICT (case_number, seq, kind, wanted, who) DO NOTHING
"""
_EMIT = """
INSERT INTO outbox_event (kind, payload)
SELECT $1, payload FROM jsonb_array_elements($2) WITH ORDINALITY AS told (payload, place) ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What supervision should look at, of a case that stands at event ``seq``."""

    case_number: str
    seq: int
    kind: FindingKind
    wanted: str
    who: str
    at: datetime
    text: str


async def insert_cases(cases: Sequence[Case]) -> frozenset[str]:
    """Write new cases; answers the numbers of those that are new."""
    found = await db.fetch(_INSERT_CASES, _json(cases, CASE_COLUMNS)) if cases else ()
    return frozenset(row["number"] for row in found)


async def update_cases(cases: Sequence[Case]) -> None:
    """Write how cases stand that the caller has locked."""
    if cases:
        await db.execute(_UPDATE_CASES, _json(cases, ("number", *_MOVING)))


async def insert_events(events: Sequence[Happening]) -> None:
    """Append to histories."""
    if events:
        await db.execute(_INSERT_EVENTS, _json(events, EVENT_COLUMNS))


async def begin_specials(begun: Sequence[SpecialProcedure]) -> None:
    """Write special procedures that began, those applied for with us and those told by others."""
    ours = [one for one in begun if one.pk is not None]
    if ours:
        await db.execute(
            _BEGIN_SPECIALS, _json(ours, ("id", "event_seq", "state", "begun_at", "due_at", "ended_at"))
        )
    if told := [one for one in begun if one.pk is None]:
        written = _json(told, _OF_SPECIAL)
        await db.execute(_GIVE_WAY, written)
        await db.execute(_INSERT_SPECIALS, written)


async def end_specials(ended: Sequence[SpecialProcedure]) -> None:
    """Write how special procedures that were running ended."""
    if ended:
        await db.execute(_END_SPECIALS, _json(ended, ("id", "state", "ended_at", "result")))


async def keep_findings(findings: Sequence[Finding]) -> None:
    """Keep what supervision should look at; the same finding of the same state is kept once."""
    if findings:
        columns = ("case_number", "seq", "kind", "wanted", "who", "at", "text")
        await db.execute(_KEEP_FINDINGS, _json(findings, columns))


async def emit(kind: str, payloads: Sequence[Mapping[str, object]]) -> None:
    """Write many events of the outbox in the caller's transaction."""
    if payloads:
        await db.execute(_EMIT, kind, orjson.dumps(payloads).decode())


async def copy_in(cases: Iterable[Sequence[object]], events: Iterable[Sequence[object]]) -> None:
    """Write many new cases and their histories as they are, in the order of the columns, unjudged."""
    async with db.connection().acquire_connection() as raw:
        await raw.copy_records_to_table("case_file", records=cases, columns=CASE_COLUMNS)
        await raw.copy_records_to_table("case_event", records=events, columns=EVENT_COLUMNS)


async def locked(numbers: Sequence[str]) -> dict[str, Case]:
    """The cases of these numbers, held until the transaction ends."""
    found = await db.fetch(
        "SELECT * FROM case_file WHERE number = ANY ($1) ORDER BY number FOR NO KEY UPDATE", list(numbers)
    )
    return {row["number"]: Case(**dict(row)) for row in found}


async def running_specials(numbers: Sequence[str]) -> dict[str, SpecialProcedure]:
    """The special procedures under way of these cases."""
    if not numbers:
        return {}
    found = await db.fetch(
        "SELECT * FROM special_procedure"
        " WHERE case_number = ANY ($1) AND ended_at IS NULL AND state = ANY ($2)",
        list(numbers),
        [SpecialState.RUNNING.value, SpecialState.OVERDUE.value],
    )
    return {row["case_number"]: SpecialProcedure(**dict(row)) for row in found}


def _json(rows: Sequence[object], columns: Sequence[str]) -> str:
    """Rows as PostgreSQL reads them; dates, ids and states go as orjson writes them."""
    values = attrgetter(*columns)
    told = [dict(zip(columns, values(row), strict=True)) for row in rows]
    return orjson.dumps(told, default=_plain).decode()


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    if isinstance(value, UUID | Decimal):  # An UUID is asyncpg's own, which orjson does not take for one.
        return str(value)
    raise TypeError(type(value).__name__)
