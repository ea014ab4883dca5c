"""What a system can ask: what became of a message, and what of its sequence is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.partners.errors import MessageUnknown
from app.domain.partners.kinds import MessageKind, MessageState
from app.kit import db

MOST_GAPS: Final = 100
_LOOKED_AT: Final = 50_000
"""So many sequences are looked at for gaps; the worker moves on what is whole every minute."""

_MESSAGE: Final = """
SELECT sequence, kind, case_number, step, state, error_code AS code, error_text AS detail, received_at,
    settled_at
FROM partner_message WHERE system_id = $1 AND sequence = $2
"""
_SYSTEM: Final = """
SELECT last_sequence, greatest(whole_to, forgotten_to) AS whole_to, parked,
    (SELECT count(*) FROM partner_message m WHERE m.system_id = s.id AND m.state = 'dead') AS dead
FROM partner_system s WHERE id = $1
"""
# The sequences after what is whole, each with the one before it: where these are no neighbours, some miss.
_GAPS: Final = """
WITH beyond AS (
    SELECT sequence FROM partner_message WHERE system_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
), pairs AS (
    SELECT sequence, lag(sequence, 1, $2) OVER (ORDER BY sequence) AS before FROM beyond
)
SELECT before + 1 AS first, sequence - 1 AS last FROM pairs WHERE sequence > before + 1
ORDER BY sequence LIMIT $4
"""
_WHOLE: Final = """
WITH beyond AS (
    SELECT sequence, row_number() OVER (ORDER BY sequence) AS place FROM (
        SELECT sequence FROM partner_message m WHERE system_id = $1 AND sequence > $2
        ORDER BY sequence LIMIT $3) AS next
)
UPDATE partner_system SET whole_to = greatest(whole_to, $2 + (
    SELECT count(*) FROM beyond WHERE sequence = $2 + place))
WHERE id = $1
"""


@dataclass(frozen=True, slots=True)
class MessageView:
    """What became of one message."""

    sequence: int
    kind: MessageKind
    case_number: str | None
    step: int | None
    state: MessageState
    code: str | None
    detail: str | None
    received_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Sequences that have not been received, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Status:
    """How a system stands: up to ``whole_to`` nothing is missing; ``gaps`` are the first that are known."""

    last_sequence: int
    whole_to: int
    gaps: Sequence[Gap]
    parked: int
    dead: int


async def message(system_id: int, sequence: int) -> MessageView:
    """One message of a system. Raises MessageUnknown, also for one that is no longer kept."""
    row = await db.fetch_one(_MESSAGE, system_id, sequence)
    if row is None:
        raise MessageUnknown
    return MessageView(**{**row, "kind": MessageKind(row["kind"]), "state": MessageState(row["state"])})


async def status(system_id: int) -> Status:
    """How a system stands."""
    row = await db.fetch_one(_SYSTEM, system_id)
    if row is None:
        raise MessageUnknown
    found = await db.fetch(_GAPS, system_id, row["whole_to"], _LOOKED_AT, MOST_GAPS)
    gaps = [Gap(one["first"], one["last"]) for one in found]
    seen = await db.fetch_value(
        "SELECT max(sequence) FROM (SELECT sequence FROM partner_message WHERE system_id = $1"
        " AND sequence > $2 ORDER BY sequence LIMIT $3) AS s",
        system_id, row["whole_to"], _LOOKED_AT,
    )  # fmt: skip
    whole_to = gaps[0].first - 1 if gaps else max(row["whole_to"], seen or 0)
    return Status(row["last_sequence"], whole_to, gaps, row["parked"], row["dead"])


async def note_whole() -> None:
    """Note for each system up to where nothing is missing, so that nobody counts it again; a timed task."""
    rows = await db.fetch(
        "SELECT id, greatest(whole_to, forgotten_to) AS whole_to FROM partner_system"
        " WHERE whole_to < last_sequence"
    )
    for row in rows:
        await db.execute(_WHOLE, row["id"], row["whole_to"], _LOOKED_AT)
