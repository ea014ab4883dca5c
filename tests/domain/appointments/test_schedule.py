"""Slots generated ahead and changed by diff, on a real database."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments import booking, conflicts, schedule, seats
from app.domain.appointments.models import (
    Appointment,
    AppointmentStatus,
    BookingRules,
    ScheduleConflict,
    Slot,
)
from app.domain.halls.models import Counter, Hall, HallException, OpeningHours
from app.kit import clock, db
from app.kit.models import OutboxEvent
from tests.factories.accounts import staff_at_work
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at

pytestmark = pytest.mark.usefixtures("db")


async def _open_hall(counters: int = 2, **rules: Any) -> Hall:
    hall = await make_hall(online_share="1", **rules)
    for number in range(1, counters + 1):
        await Counter.create(hall=hall, number=number, name=f"{number} 号", is_integrated=True)
    for weekday in range(1, 8):
        await OpeningHours.create(
            hall=hall, weekday=weekday, opens_at=time(9), closes_at=time(12), valid_from=date(2020, 1, 1)
        )
    return hall


async def _first_open_slot(hall: Hall) -> Slot:
    slot = await Slot.filter(hall=hall, bookable_until__gt=clock.now()).order_by("starts_at").first()
    assert slot is not None
    return slot


async def test_generation_is_idempotent_even_at_once() -> None:
    hall = await _open_hall()
    await asyncio.gather(*(schedule.apply(hall.id) for _ in range(4)))
    count = await Slot.filter(hall=hall).count()
    assert count > 0
    assert await schedule.generate_ahead() == 0
    assert await Slot.filter(hall=hall).count() == count


async def test_fewer_counters_never_drop_below_what_is_booked_and_list_the_rest() -> None:
    hall = await _open_hall(counters=2)
    await schedule.apply(hall.id)
    slot = await _first_open_slot(hall)
    assert slot.capacity == 6
    made = [await booking.book(seat(slot, await make_person())) for _ in range(6)]
    await Counter.filter(hall=hall, number=2).update(is_active=False)
    diff = await schedule.preview(hall.id)
    assert sum(change.overbooked for change in diff.changed) == 3
    assert await ScheduleConflict.all().count() == 0, "a preview changes nothing"
    await schedule.apply(hall.id)
    after = await Slot.get(id=slot.id)
    assert (after.capacity, after.booked) == (6, 6)
    listed = {row.appointment_id for row in await ScheduleConflict.filter(settled_at__isnull=True)}
    assert listed == {one.id for one in made[3:]}, "first come, first kept"


async def test_many_halls_are_looked_at_with_the_statements_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    halls = [await _open_hall(code=f"H{number}") for number in range(4)]
    await schedule.apply(halls[0].id)
    await HallException.create(
        hall=halls[0], on=(await _first_open_slot(halls[0])).on, is_closed=True, reason="停电"
    )
    rules = await BookingRules.all().order_by("hall_id")
    await schedule.preview(halls[1].id)  # Reads the work calendar, which is then known.
    asked, fetch = list[str](), db.fetch

    async def heard(sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(db, "fetch", heard)
    alone = [await schedule.preview(one.hall_id) for one in rules]
    one_by_one = len(asked)
    together = [diff async for diff in schedule.previews(rules)]
    assert together == alone
    assert [bool(diff.closed) for diff in together] == [True, False, False, False]
    assert (len(asked) - one_by_one) * len(rules) == one_by_one


async def test_conflicts_are_listed_once_and_restored_when_the_seats_come_back() -> None:
    hall = await _open_hall()
    await schedule.apply(hall.id)
    slot = await _first_open_slot(hall)
    await booking.book(seat(slot, await make_person()))
    closed = await HallException.create(hall=hall, on=slot.on, is_closed=True, reason="停电")
    await schedule.apply(hall.id)
    await schedule.apply(hall.id)
    assert not (await Slot.get(id=slot.id)).is_open
    assert await ScheduleConflict.filter(settled_at__isnull=True).count() == 1
    await closed.delete()
    await schedule.apply(hall.id)
    assert (await Slot.get(id=slot.id)).is_open
    assert (await ScheduleConflict.get()).outcome == "restored"


async def test_a_conflict_is_settled_by_another_seat_or_by_cancelling_and_the_person_is_told() -> None:
    hall = await _open_hall()
    await schedule.apply(hall.id)
    slot = await _first_open_slot(hall)
    first, second = [await booking.book(seat(slot, await make_person())) for _ in range(2)]
    await HallException.create(hall=hall, on=slot.on, is_closed=True, reason="停电")
    await schedule.apply(hall.id)
    other = await Slot.filter(hall=hall, on__gt=slot.on, is_open=True).order_by("starts_at").first()
    assert other is not None
    manager = await staff_at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=hall.id))
    by_appointment = {row.appointment_id: row.id for row in await ScheduleConflict.all()}
    await conflicts.settle_by_move(manager, by_appointment[first.id], other.id)
    await conflicts.settle_by_cancelling(manager, by_appointment[second.id])
    assert (await Appointment.get(id=first.id)).slot_id == other.id
    assert (await Appointment.get(id=second.id)).status is AppointmentStatus.CANCELLED_BY_HALL
    kinds = [event.kind for event in await OutboxEvent.all().order_by("id")][2:]
    assert kinds == ["appointment_rescheduled", "appointment_cancelled_by_hall"]


async def test_bookings_during_schedule_changes_lose_and_double_nothing() -> None:
    hall = await _open_hall(counters=2)
    await schedule.apply(hall.id)
    slot = await _first_open_slot(hall)
    people = [await make_person() for _ in range(12)]

    async def change() -> None:
        for is_active in (False, True, False, True):
            await Counter.filter(hall=hall, number=2).update(is_active=is_active)
            await schedule.apply(hall.id)

    outcomes = await asyncio.gather(
        change(), *(booking.book(seat(slot, person)) for person in people), return_exceptions=True
    )
    booked = sum(isinstance(one, booking.Booked) for one in outcomes)
    after = await Slot.get(id=slot.id)
    assert after.booked == booked == await Appointment.filter(slot_id=slot.id).count()
    assert after.booked <= after.capacity


async def test_seats_still_free_at_the_start_go_to_walk_ins_once() -> None:
    slot = await make_slot(await make_hall(), capacity=3, starts_at=tomorrow_at(10))
    await booking.book(seat(slot, await make_person()))
    assert await seats.release_started() == 0
    with clock.frozen(slot.starts_at + timedelta(seconds=1)):
        assert await seats.release_started() == 1
        assert await seats.release_started() == 0
    assert (await Slot.get(id=slot.id)).onsite_capacity == 1 + 2
