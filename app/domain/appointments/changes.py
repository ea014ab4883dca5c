"""Changes to a hall by its managers: first seen with all they would do to slots and people, then made."""

import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import LockNotAvailableError, QueryCanceledError
from tortoise.exceptions import OperationalError

from app.domain.accounts.staff import StaffMember
from app.domain.appointments import house_rules, rule_changes, schedule
from app.domain.appointments.errors import HallBusy, OutlookChanged
from app.domain.appointments.inventory import ScheduleDiff
from app.domain.appointments.models import BookingRules
from app.domain.halls import posts, premises, service, telling
from app.kit import clock, crypto, db
from app.kit.masking import mask_name

Deed = Callable[..., Awaitable[object]]
"""An act of ``halls.service`` or its like, which still asks for ``actor`` and ``reason``."""

PATIENCE: Final = "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5s'"
"""A trial waits for nobody longer than a moment."""

_IMPATIENT: Final = (LockNotAvailableError, QueryCanceledError)

_HIT: Final = """
SELECT a.id, a.number, a.business_id, a.starts_at, p.name_sealed, h.name AS hall_name
FROM (SELECT b.*, w.capacity, row_number() OVER (PARTITION BY b.slot_id ORDER BY b.created_at, b.id) AS place
      FROM appointment b
      JOIN unnest($1::bigint[], $2::int[]) AS w (slot_id, capacity) ON w.slot_id = b.slot_id
      WHERE b.status = 'booked') a
JOIN person p ON p.id = a.person_id JOIN hall h ON h.id = a.hall_id
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
    hall_name: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would do, to a hall as it stood then."""

    days: Sequence[DayChange]
    hits: Sequence[Hit]
    standing: str = ""

    @property
    def mark(self) -> str:
        """Another one as soon as the hall was changed, or the change would do anything else."""
        return marked(self.standing, self.days, [hit.id for hit in self.hits])


def marked(*facts: object) -> str:
    """A short text that differs as soon as any of the facts does."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


class Undone(Exception):
    """Ends the transaction of a trial, so that nothing of it stays."""


async def outlook(member: StaffMember, hall_id: int, deed: Deed) -> Outlook:
    """What a deed would do to a hall: it is done, looked at and undone, by the very rules that will do it.

    The audit log waits for no trial.
    Raises HallNotFound for another's hall, HallBusy, and whatever the deed refuses.
    """
    await posts.hall_of(member, hall_id)
    found = Outlook((), ())
    try:
        async with db.transaction():
            await db.execute(PATIENCE)
            found, _ = await _done(member, hall_id, deed, reason="")
            raise Undone
    except Undone:
        return found
    except (*_IMPATIENT, OperationalError) as busy:
        # Tortoise wraps what its own statements meet.
        if isinstance(busy, _IMPATIENT) or isinstance(busy.__cause__, _IMPATIENT):
            raise HallBusy from busy
        raise
    finally:
        house_rules.forget()


async def carry_out(member: StaffMember, hall_id: int, deed: Deed, *, reason: str, seen: str) -> None:
    """Do what was looked at and have slots and conflicts follow, all of it in one transaction.

    Raises OutlookChanged if meanwhile the hall was changed, or it would hit other appointments than seen.
    """
    await posts.hall_of(member, hall_id)
    try:
        async with db.transaction():
            await schedule.lock(hall_id)
            found, words = await _done(member, hall_id, deed, reason=reason, waits=True)
            if found.mark != seen:
                raise OutlookChanged
            if await BookingRules.exists(hall_id=hall_id):
                await schedule.apply(hall_id)
            for word in words:
                await telling.write(word)
    finally:
        house_rules.forget()


async def _done(
    member: StaffMember, hall_id: int, deed: Deed, *, reason: str, waits: bool = False
) -> tuple[Outlook, Sequence[telling.Word]]:
    """A deed within the caller's transaction, what comes of it, and what is to be told of it.

    With ``waits``, bookings of the slots that change wait until the transaction ends.
    """
    await service.locked_hall(hall_id)
    standing = await _standing(hall_id)
    with telling.gathered() as words:
        await deed(actor=member.caller_id, reason=reason)
    if not await BookingRules.exists(hall_id=hall_id):
        return Outlook((), (), standing), words
    diff = await schedule.preview(hall_id)
    if waits:
        await schedule.lock_slots([change.slot.id for change in diff.changed])
        diff = await schedule.preview(hall_id)
    return Outlook(by_day(diff), await hits_of(diff), standing), words


async def _standing(hall_id: int) -> str:
    """Everything of a hall that its managers change, in short."""
    hall, rules = await service.locked_hall(hall_id), await rule_changes.rules_of(hall_id)
    made_of = await premises.premises_of(hall_id)
    return marked(
        [getattr(hall, name) for name in ("name", "address", "phone", "latitude", "longitude", "is_active")],
        [getattr(rules, name) for name in rule_changes.NAMES],
        *([tuple(row.values()) for row in rows] for rows in made_of.all()),
    )


async def hits_of(diff: ScheduleDiff) -> list[Hit]:
    """The appointments a difference has no seat for: the latest of each slot, as first come is first kept."""
    losing = [change for change in diff.changed if change.overbooked]
    if not losing:
        return []
    rows = await db.fetch(_HIT, [one.slot.id for one in losing], [one.wanted for one in losing])
    return [_hit(row) for row in rows]


def _hit(row: Any) -> Hit:
    name = mask_name(crypto.unseal(row["name_sealed"])) if row["name_sealed"] else ""
    return Hit(row["id"], row["number"], row["business_id"], row["starts_at"], name, row["hall_name"])


def by_day(diff: ScheduleDiff) -> list[DayChange]:
    """A difference, counted by day and business."""
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
