"""Slots follow the schedule: generated ahead, changed by diff, conflicts listed and never dropped."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.domain.appointments import errors, house_rules
from app.domain.appointments.inventory import (
    PlannedSlot,
    ScheduleDiff,
    SlotChange,
    SlotKey,
    StandingSlot,
    compare,
    plan_day,
)
from app.domain.appointments.models import BookingRules
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.opening import HallSchedule
from app.domain.halls.schedules import load_calendar, load_schedule
from app.kit import clock, db

_DAYS_BEYOND_WINDOW = 4
"""Days generated past the booking window, so that a late job leaves no gap."""

_READ_AT_ONCE: Final = 20


async def generate_ahead() -> int:
    """Bring the slots of every hall up to date as far ahead as they can be booked; answers slots added.

    Idempotent: a second run finds nothing to do.
    """
    added = 0
    for rules in await BookingRules.all():
        diff = await apply(rules.hall_id)
        added += len(diff.added)
    return added


async def preview(hall_id: int, calendar: WorkCalendar | None = None) -> ScheduleDiff:
    """What applying the present schedule of a hall would change, perhaps under another calendar."""
    rules = await BookingRules.get_or_none(hall_id=hall_id)
    if rules is None:
        raise errors.HallNotBookable
    [diff] = [found async for found in previews([rules], calendar)]
    return diff


async def previews(
    halls: Sequence[BookingRules], calendar: WorkCalendar | None = None
) -> AsyncIterator[ScheduleDiff]:
    """The same of many halls, by their rules, in their order.

    A few halls are read at a time, for the slots of a province fill a memory; and between two of them
    whoever else waits is served.
    """
    now = clock.now()
    calendar = calendar or await load_calendar()
    for first in range(0, len(halls), _READ_AT_ONCE):
        some = halls[first : first + _READ_AT_ONCE]
        hall_ids = [rules.hall_id for rules in some]
        schedules, standing = await load_schedule(hall_ids), await _standing(hall_ids, now)
        for rules in some:
            planned = _planned(schedules[rules.hall_id], rules, calendar, now)
            yield compare(planned, standing[rules.hall_id])
            await asyncio.sleep(0)


def _planned(
    schedule: HallSchedule, rules: BookingRules, calendar: WorkCalendar, now: datetime
) -> dict[SlotKey, PlannedSlot]:
    """The slots a hall is to have; what has begun is history, and no schedule change reaches it."""
    day, last = now.date(), horizon(rules, calendar, now.date())
    planned: dict[SlotKey, PlannedSlot] = {}
    while day <= last:
        planned |= {
            slot.key: slot for slot in plan_day(schedule, rules, calendar, day) if slot.starts_at > now
        }
        day += timedelta(days=1)
    return planned


async def apply(hall_id: int) -> ScheduleDiff:
    """Make the slots of a hall follow its schedule; answers what was changed.

    A slot never offers less than is taken in it. Appointments beyond the new capacity, and all of
    a slot that closes, become open conflicts; those whose seat comes back are settled by themselves.
    """
    async with db.transaction():
        await lock(hall_id)
        diff = await preview(hall_id)
        if diff.added:
            await _insert(hall_id, diff.added)
        if diff.changed:
            await _change(hall_id, diff.changed)
    house_rules.forget()
    return diff


async def lock(hall_id: int) -> None:
    """One diff a hall at a time; bookings go on meanwhile and wait only for the slots changed."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtext('schedule'), $1)", hall_id)


async def lock_slots(ids: Sequence[int]) -> None:
    """Have everybody who wants seats of these slots wait, in the order in which everybody locks them."""
    await db.execute("SELECT 1 FROM slot WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", ids)


def horizon(rules: BookingRules, calendar: WorkCalendar, today: date) -> date:
    """The last day slots are made for: the booking window in workdays, and a few days more."""
    return calendar.add_workdays(today, rules.window_workdays) + timedelta(days=_DAYS_BEYOND_WINDOW)


async def _standing(hall_ids: Sequence[int], now: datetime) -> Mapping[int, Mapping[SlotKey, StandingSlot]]:
    found: dict[int, dict[SlotKey, StandingSlot]] = defaultdict(dict)
    for row in await db.fetch(
        "SELECT * FROM slot WHERE hall_id = ANY ($1) AND starts_at > $2", hall_ids, now
    ):
        slot = _standing_slot(row)
        found[row["hall_id"]][slot.key] = slot
    return found


def _standing_slot(row: Any) -> StandingSlot:
    return StandingSlot(
        id=row["id"],
        key=(row["business_id"], row["starts_at"]),
        ends_at=row["ends_at"],
        bookable_from=row["bookable_from"],
        bookable_until=row["bookable_until"],
        capacity=row["capacity"],
        onsite_capacity=row["onsite_capacity"],
        taken=row["booked"] + row["held"],
        is_open=row["is_open"],
    )


async def _insert(hall_id: int, slots: Sequence[PlannedSlot]) -> None:
    await db.execute(
        """
        INSERT INTO slot (hall_id, business_id, "on", half_day, starts_at, ends_at, bookable_from,
                          bookable_until, capacity, onsite_capacity, booked, held, is_open)
        SELECT $1, *, 0, 0, true
        FROM unnest($2::text[], $3::date[], $4::int[], $5::timestamptz[], $6::timestamptz[],
                    $7::timestamptz[], $8::timestamptz[], $9::int[], $10::int[])
        ON CONFLICT DO NOTHING
        """,
        hall_id,
        [slot.business_id for slot in slots],
        [slot.on for slot in slots],
        [slot.half_day for slot in slots],
        [slot.starts_at for slot in slots],
        [slot.ends_at for slot in slots],
        [slot.bookable_from for slot in slots],
        [slot.bookable_until for slot in slots],
        [slot.capacity for slot in slots],
        [slot.onsite_capacity for slot in slots],
    )


_CHANGE = """
UPDATE slot SET capacity = greatest(c.capacity, slot.booked + slot.held), onsite_capacity = c.onsite,
                ends_at = c.ends_at, bookable_from = c.bookable_from, bookable_until = c.bookable_until,
                is_open = c.is_open
FROM unnest($1::bigint[], $2::int[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
            $7::boolean[]) AS c (id, capacity, onsite, ends_at, bookable_from, bookable_until, is_open)
WHERE slot.id = c.id
RETURNING slot.id, slot.booked, c.capacity AS wanted
"""

# The latest bookings of a slot are the ones it can no longer keep; first come, first kept.
_CONFLICTS = """
WITH wanted AS (SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[]) AS w (slot_id, capacity, reason)),
ranked AS (
    SELECT a.id, w.reason,
           row_number() OVER (PARTITION BY a.slot_id ORDER BY a.created_at, a.id) > w.capacity AS lost
    FROM appointment a JOIN wanted w ON w.slot_id = a.slot_id WHERE a.status = 'booked'
), settled AS (
    UPDATE schedule_conflict SET settled_at = $4, outcome = 'restored'
    FROM ranked WHERE appointment_id = ranked.id AND NOT ranked.lost AND settled_at IS NULL
)
INSERT INTO schedule_conflict (appointment_id, hall_id, reason)
SELECT id, $5, reason FROM ranked WHERE lost ON CONFLICT DO NOTHING
"""


async def _change(hall_id: int, changes: Sequence[SlotChange]) -> None:
    ids = [change.slot.id for change in changes]
    await lock_slots(ids)
    targets = [change.plan or change.slot for change in changes]
    await db.fetch(
        _CHANGE,
        ids,
        [change.wanted for change in changes],
        [change.plan.onsite_capacity if change.plan else 0 for change in changes],
        [target.ends_at for target in targets],
        [target.bookable_from for target in targets],
        [target.bookable_until for target in targets],
        [change.plan is not None for change in changes],
    )
    reasons = ["大厅调整了开放时间" if change.plan is None else "大厅减少了号源" for change in changes]
    await db.execute(_CONFLICTS, ids, [change.wanted for change in changes], reasons, clock.now(), hall_id)
