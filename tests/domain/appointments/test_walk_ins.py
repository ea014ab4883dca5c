"""Walk-ins: who may be registered at the counter, on which seat, and who may not."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.accounts.models import Person
from app.domain.appointments import (
    booking,
    calling,
    errors,
    walk_ins,
)
from app.domain.appointments.models import Appointment, AppointmentStatus, Slot, Standing
from app.domain.halls.models import Hall
from app.kit import audit, clock
from app.kit.models import OutboxEvent
from tests.factories.accounts import id_number
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat
from tests.factories.counter import NINE, clerk_of, known

pytestmark = pytest.mark.usefixtures("db")


async def walk_in_hall() -> tuple[Hall, Slot]:
    hall = await make_hall(active_limit=1)
    return hall, await make_slot(hall, capacity=1, starts_at=NINE, onsite_capacity=1)


async def test_a_walk_in_takes_the_last_seat_and_the_next_one_none() -> None:
    hall, slot = await walk_in_hall()
    clerk = clerk_of(hall)
    await booking.book(seat(slot, await make_person()))
    numbers = [id_number(serial=number) for number in (701, 702)]
    people = {await known(name, number) for name, number in zip(("张三", "李四"), numbers, strict=True)}
    with clock.frozen(NINE + timedelta(minutes=1)):
        assert [one.free for one in await walk_ins.seats_now(hall.id)] == [1]
        outcomes = await asyncio.gather(
            *(walk_ins.register(clerk, hall.id, BUSINESS, number) for number in numbers),
            return_exceptions=True,
        )
        assert [one.free for one in await walk_ins.seats_now(hall.id)] == [0]
    [made] = [outcome for outcome in outcomes if isinstance(outcome, Appointment)]
    assert sum(isinstance(outcome, errors.NoOnsiteSeat) for outcome in outcomes) == 1
    assert made.status is AppointmentStatus.CHECKED_IN
    after = await Slot.get(id=slot.id)
    assert (after.booked, after.capacity, after.onsite_capacity) == (2, 2, 0)
    assert made.person_id in people
    assert (await Standing.get(subject_id=made.person_id)).active == 1
    assert await OutboxEvent.filter(kind="appointment_booked").count() == 2
    await audit.verify()


async def test_a_walk_in_needs_a_name_we_know_a_running_slot_and_no_other_booking() -> None:
    hall, slot = await walk_in_hall()
    clerk, number = clerk_of(hall), id_number(serial=703)
    citizen = await known("张三", number)
    with clock.frozen(NINE - timedelta(minutes=1)), pytest.raises(errors.NoOnsiteSeat):
        await walk_ins.register(clerk, hall.id, BUSINESS, number)
    await booking.book(seat(slot, citizen))
    with clock.frozen(NINE):
        with pytest.raises(errors.WalkInUnknown):
            await walk_ins.register(clerk, hall.id, BUSINESS, id_number(serial=704))
        with pytest.raises(errors.AlreadyBooked):
            await walk_ins.register(clerk, hall.id, BUSINESS, number)
    assert (await Slot.get(id=slot.id)).booked == 1, "a refusal takes no seat"


async def test_who_may_not_book_ahead_may_still_come_in_person() -> None:
    hall, _ = await walk_in_hall()
    clerk, number = clerk_of(hall), id_number(serial=705)
    citizen = await known("张三", number)
    await Standing.create(subject_id=citizen, active=1, banned_until=NINE + timedelta(days=9))
    with clock.frozen(NINE):
        made = await walk_ins.register(clerk, hall.id, BUSINESS, number)
        await calling.call_next(clerk, hall.id)
        await calling.finish(clerk, hall.id, made.id)
    assert (await Standing.get(subject_id=citizen)).active == 1


async def test_a_person_who_has_left_is_not_entered() -> None:
    hall, _ = await walk_in_hall()
    clerk, number = clerk_of(hall), id_number(serial=706)
    citizen = await known("张三", number)
    await Person.filter(id=citizen).update(status="deleted")
    with clock.frozen(NINE), pytest.raises(errors.WalkInUnknown):
        await walk_ins.register(clerk, hall.id, BUSINESS, number)
