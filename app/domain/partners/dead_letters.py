"""Messages that people have to look at: those that waited too long or broke what took them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.domain.accounts.staff import StaffMember
from app.domain.partners import advancing, systems
from app.domain.partners.errors import NothingToReplay, ParkedTooLong, SystemSuspended
from app.domain.partners.kinds import MessageKind
from app.kit import audit, clock, db
from config import settings

_OLD: Final = "SELECT DISTINCT system_id FROM partner_message WHERE state = 'parked' AND waiting_since < $1"
_LOCK: Final = "SELECT 1 FROM partner_system WHERE id = $1 FOR NO KEY UPDATE"
_BURY: Final = """
UPDATE partner_message SET state = 'dead', waiting_since = NULL, settled_at = $3, error_code = $4,
    error_text = $5
WHERE system_id = $1 AND state = 'parked' AND waiting_since < $2
"""
_COUNT: Final = "UPDATE partner_system SET parked = parked + $2 WHERE id = $1"
_LIST: Final = """
SELECT m.sequence, m.kind, m.case_number, m.step, m.error_code, m.error_text, m.received_at, m.settled_at
FROM partner_message m WHERE m.system_id = $1 AND m.state = 'dead' AND m.sequence > $2
ORDER BY m.sequence LIMIT $3
"""
# Only what can still be read: words older than 90 days are gone. They are noted as if their case had arrived,
# so that they are applied even if nobody comes to it here.
_REVIVE: Final = """
WITH revived AS (
    UPDATE partner_message m SET state = 'parked', waiting_since = $3, settled_at = NULL, error_code = NULL,
        error_text = NULL
    WHERE m.system_id = $1 AND m.state = 'dead' AND ($2::bigint[] IS NULL OR m.sequence = ANY ($2))
      AND EXISTS (SELECT 1 FROM partner_message_body b WHERE b.id = m.id AND b.received_at = m.received_at)
    RETURNING m.case_number
), noted AS (
    INSERT INTO partner_arrival (system_id, case_number) SELECT DISTINCT $1::bigint, case_number FROM revived
)
SELECT case_number FROM revived
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message set aside, without what it said."""

    sequence: int
    kind: MessageKind
    case_number: str | None
    step: int | None
    error_code: str
    error_text: str
    received_at: datetime
    settled_at: datetime


async def bury() -> int:
    """Set aside what has waited too long for the messages before it; for a timed task. Answers how many."""
    now, buried = clock.now(), 0
    before = now - timedelta(hours=settings.current().partner_parked_hours)
    for row in await db.fetch(_OLD, before):
        async with db.transaction():
            await db.execute(_LOCK, row["system_id"])
            many = await db.execute(
                _BURY, row["system_id"], before, now, ParkedTooLong.code, ParkedTooLong.message
            )
            await db.execute(_COUNT, row["system_id"], -many)
        buried += many
    return buried


async def listed(member: StaffMember, code: str, *, after: int = 0, limit: int = 100) -> Sequence[DeadLetter]:
    """Dead messages of a system by sequence. Raises NotAllowed or SystemUnknown."""
    systems.check_exchange(member)
    system = await systems.find(code)
    rows = await db.fetch(_LIST, system.id, after, limit)
    return [DeadLetter(**{**row, "kind": MessageKind(row["kind"])}) for row in rows]


async def replay(
    member: StaffMember, code: str, sequences: Sequence[int] | None, *, reason: str | None = None
) -> int:
    """Try dead messages again, all of them or these; answers how many came back to life.

    They wait for their turn like any other, and are applied at once if it has come. Raises NotAllowed,
    SystemUnknown, SystemSuspended, or NothingToReplay if none of them is dead and still readable.
    """
    systems.check_exchange(member)
    system = await systems.find(code)
    if not system.is_active:
        raise SystemSuspended
    if sequences is not None:
        sequences = [one for one in sequences if 0 < one < 2**63]
    async with db.transaction():
        await db.execute(_LOCK, system.id)
        rows = await db.fetch(_REVIVE, system.id, sequences, clock.now())
        if not rows:
            raise NothingToReplay
        await db.execute(_COUNT, system.id, len(rows))
        detail = {"messages": len(rows)}
        await audit.record(
            member.caller_id, "partner.replayed", f"partner:{code}", detail=detail, reason=reason
        )
    await advancing.revive(system.id, {row["case_number"] for row in rows})
    return len(rows)
