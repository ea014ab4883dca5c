"""Open conflicts: appointments whose seat a change has taken, settled by another seat or by cancelling."""

from collections.abc import Sequence
from typing import Any, Final

from app.domain.accounts.staff import StaffMember
from app.domain.appointments import booking, errors
from app.domain.halls import posts
from app.domain.halls.errors import HallNotFound
from app.kit import audit, clock, db

_ONE: Final = """
SELECT c.id, c.hall_id, c.reason, c.created_at, a.id AS appointment_id, a.number, a.business_id, a.slot_id,
       a.starts_at, a.ends_at, p.name_sealed, h.name AS hall_name, b.name AS business_name
FROM schedule_conflict c JOIN appointment a ON a.id = c.appointment_id AND a.status = 'booked'
JOIN person p ON p.id = a.person_id
JOIN hall h ON h.id = c.hall_id JOIN business b ON b.code = a.business_id
WHERE c.id = $1 AND c.settled_at IS NULL
"""
_SEATS: Final = """
SELECT id, starts_at, ends_at, capacity - booked - held AS free FROM slot
WHERE hall_id = $1 AND business_id = $2 AND is_open AND starts_at > $3 AND booked + held < capacity
ORDER BY starts_at LIMIT 80
"""
_OPEN: Final = """
SELECT count(*) FROM schedule_conflict c JOIN appointment a ON a.id = c.appointment_id AND a.status = 'booked'
WHERE c.settled_at IS NULL AND ($1::bigint[] IS NULL OR c.hall_id = ANY ($1))
"""
_SETTLED: Final = (
    "UPDATE schedule_conflict SET settled_at = $2, outcome = $3 WHERE id = $1 AND settled_at IS NULL"
)


async def conflict_of(member: StaffMember, conflict_id: int) -> Any:
    """An open conflict in a hall the member's posts reach. Raises ConflictNotFound."""
    found = await db.fetch_one(_ONE, conflict_id)
    if found is None:
        raise errors.ConflictNotFound
    try:
        await posts.hall_of(member, found["hall_id"])
    except HallNotFound:
        raise errors.ConflictNotFound from None
    return found


async def seats_for(conflict: Any) -> Sequence[Any]:
    """Free seats of the same business in the same hall, the earliest first."""
    return await db.fetch(_SEATS, conflict["hall_id"], conflict["business_id"], clock.now())


async def settle_by_move(member: StaffMember, conflict_id: int, slot_id: int) -> None:
    """Give the person another seat; they are told, and carry no penalty.

    Raises ConflictNotFound, SlotNotFound for a seat that is no choice here, or SlotFull.
    """
    conflict = await conflict_of(member, conflict_id)
    if slot_id not in {row["id"] for row in await seats_for(conflict)}:
        raise errors.SlotFull
    async with db.transaction():
        await booking.reassign(conflict["appointment_id"], slot_id, member.caller_id, conflict["reason"])
        await _settle(member, conflict, "reassigned")


async def settle_by_cancelling(member: StaffMember, conflict_id: int) -> None:
    """Cancel for the hall; the person is told, and carries no penalty. Raises ConflictNotFound."""
    conflict = await conflict_of(member, conflict_id)
    async with db.transaction():
        await booking.cancel_by_hall(conflict["appointment_id"], member.caller_id, conflict["reason"])
        await _settle(member, conflict, "cancelled_by_hall")


async def _settle(member: StaffMember, conflict: Any, outcome: str) -> None:
    """Last in its transaction, after slots and appointment, in the order in which schedules lock them."""
    if not await db.execute(_SETTLED, conflict["id"], clock.now(), outcome):
        raise errors.ConflictNotFound
    await audit.record(
        member.caller_id,
        "schedule_conflict_settled",
        f"appointment:{conflict['appointment_id']}",
        detail={"conflict": conflict["id"], "outcome": outcome},
        reason=conflict["reason"],
        hall_id=conflict["hall_id"],
    )


async def count_open(member: StaffMember) -> int:
    """How many wait in the halls the member's posts reach."""
    return int(await db.fetch_value(_OPEN, await posts.reach(member)))
