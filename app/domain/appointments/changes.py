"""Changes to a hall by its managers: first seen with all they would do to slots and people, then made."""

import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.staff import StaffMember
from app.domain.appointments import schedule
from app.domain.appointments.errors import OutlookChanged
from app.domain.appointments.inventory import ScheduleDiff
from app.domain.appointments.models import BookingRules
from app.domain.halls import posts
from app.kit import clock, crypto, db
from app.kit.masking import mask_name

Deed = Callable[..., Awaitable[object]]
"""An act of ``halls.service`` or its like, which still asks for ``actor`` and ``reason``."""

_HIT: Final = """
SELECT a.id, a.number, a.business_id, a.starts_at, p.name_sealed
FROM (SELECT b.*, w.capacity, row_number() OVER (PARTITION BY b.slot_id ORDER BY b.created_at, b.id) AS place
      FROM appointment b
      JOIN unnest($1::bigint[], $2::int[]) AS w (slot_id, capacity) ON w.slot_id = b.slot_id
      WHERE b.status = 'booked') a
JOIN person p ON p.id = a.person_id
WHERE a.place > a.capacity ORDER BY a.starts_at, a.id
"""


@dataclass(frozen=True, slots=True)
class DayChange:
    """What happens to one business on one day: slots that come, go or change, and seats offered online."""

    on: date
    business_id: str
    added: int
    closed: int
    changed: int
    seats: int


@dataclass(frozen=True, slots=True)
class Hit:
    """An appointment that would lose its seat; its holder's name is masked."""

    id: UUID
    number: str
    business_id: str
    starts_at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would do; ``mark`` tells whether it still hits the same appointments."""

    days: Sequence[DayChange]
    hits: Sequence[Hit]

    @property
    def mark(self) -> str:
        return hashlib.sha256(" ".join(sorted(str(hit.id) for hit in self.hits)).encode()).hexdigest()[:32]


class _Undone(Exception):
    """Ends the transaction of a trial, so that nothing of it stays."""


async def outlook(member: StaffMember, hall_id: int, deed: Deed) -> Outlook:
    """What a deed would do to a hall: it is done, looked at and undone, by the very rules that will do it.

    Raises HallNotFound for another's hall, and whatever the deed refuses.
    """
    await posts.hall_of(member, hall_id)
    found = Outlook((), ())
    try:
        async with db.transaction():
            await deed(actor=member.caller_id, reason="")
            if await BookingRules.exists(hall_id=hall_id):
                diff = await schedule.preview(hall_id)
                found = Outlook(_by_day(diff), await hits_of(diff))
            raise _Undone
    except _Undone:
        return found


async def carry_out(member: StaffMember, hall_id: int, deed: Deed, *, reason: str, seen: str) -> None:
    """Do what was looked at, and have slots and conflicts follow at once.

    Raises OutlookChanged if by now it would hit other appointments than those that were seen.
    """
    if (await outlook(member, hall_id, deed)).mark != seen:
        raise OutlookChanged
    await deed(actor=member.caller_id, reason=reason)
    if await BookingRules.exists(hall_id=hall_id):
        await schedule.apply(hall_id)


async def hits_of(diff: ScheduleDiff) -> list[Hit]:
    """The appointments a difference has no seat for: the latest of each slot, as first come is first kept."""
    losing = [change for change in diff.changed if change.overbooked]
    if not losing:
        return []
    rows = await db.fetch(_HIT, [one.slot.id for one in losing], [one.wanted for one in losing])
    return [_hit(row) for row in rows]


def _hit(row: Any) -> Hit:
    name = mask_name(crypto.unseal(row["name_sealed"])) if row["name_sealed"] else ""
    return Hit(row["id"], row["number"], row["business_id"], row["starts_at"], name)


def _by_day(diff: ScheduleDiff) -> list[DayChange]:
    counts: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for plan in diff.added:
        count = counts[plan.on, plan.business_id]
        count[0] += 1
        count[3] += plan.capacity
    for change in diff.changed:
        business_id, starts_at = change.slot.key
        count = counts[starts_at.astimezone(clock.SHANGHAI).date(), business_id]
        count[1 if change.plan is None else 2 if change.slot.is_open else 0] += 1
        count[3] += change.wanted - (change.slot.capacity if change.slot.is_open else 0)
    return [DayChange(on, business_id, *count) for (on, business_id), count in sorted(counts.items())]
