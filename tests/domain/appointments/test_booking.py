"""Booking, holding, cancelling and moving, through the domain's doors on a real database."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments import booking, errors, queries, seats
from app.domain.appointments.models import (
    Appointment,
    AppointmentEvent,
    AppointmentStatus,
    Ban,
    Slot,
    Standing,
)
from app.kit import clock
from app.kit.errors import Fault
from app.kit.models import OutboxEvent
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at

pytestmark = pytest.mark.usefixtures("db")


async def _outcomes(*bookings: object) -> list[object]:
    return await asyncio.gather(*bookings, return_exceptions=True)  # type: ignore[call-overload,no-any-return]


async def test_booking_writes_seat_history_and_event_together() -> None:
    slot = await make_slot(await make_hall())
    person = await make_person()
    booked = await booking.book(seat(slot, person, items=("领用发票",)))
    row = await Appointment.get(id=booked.id)
    assert (row.status, row.items, row.person_id) == (AppointmentStatus.BOOKED, ["领用发票"], person)
    assert len(row.number) == 8
    assert row.number.isdigit()
    assert (await Slot.get(id=slot.id)).booked == 1
    assert (await Standing.get(subject_id=person)).active == 1
    event = await AppointmentEvent.get(appointment_id=row.id)
    assert (event.kind, event.actor) == ("booked", f"person:{person}")
    outbox = await OutboxEvent.get()
    assert (outbox.kind, outbox.payload) == ("appointment_booked", {"appointment_id": str(row.id)})


async def test_last_place_goes_to_one_person() -> None:
    slot = await make_slot(await make_hall(), capacity=3)
    people = [await make_person() for _ in range(30)]
    outcomes = await _outcomes(*(booking.book(seat(slot, person)) for person in people))
    assert sum(isinstance(one, booking.Booked) for one in outcomes) == 3
    assert sum(isinstance(one, errors.SlotFull) for one in outcomes) == 27
    assert (await Slot.get(id=slot.id)).booked == 3


async def test_ten_requests_of_one_person_at_once_keep_the_limit() -> None:
    hall = await make_hall(active_limit=2)
    person = await make_person()
    slots = [await make_slot(hall, 5, starts_at=tomorrow_at(9) + timedelta(days=day)) for day in range(10)]
    outcomes = await _outcomes(*(booking.book(seat(slot, person)) for slot in slots))
    assert sum(isinstance(one, booking.Booked) for one in outcomes) == 2
    assert sum(isinstance(one, errors.TooManyActive) for one in outcomes) == 8
    assert (await Standing.get(subject_id=person)).active == 2


async def test_one_booking_per_subject_business_and_half_day() -> None:
    hall = await make_hall()
    person = await make_person()
    await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(9)), person))
    with pytest.raises(errors.AlreadyBooked):
        await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(11)), person))
    await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(14)), person))


async def test_the_same_request_key_books_once() -> None:
    slot = await make_slot(await make_hall(), capacity=5)
    person = await make_person()
    made = await asyncio.gather(*(booking.book(seat(slot, person, request_key="retry-1")) for _ in range(10)))
    assert len({one.id for one in made}) == 1
    assert (await Slot.get(id=slot.id)).booked == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"is_open": False}, errors.SlotClosed),
        ({"bookable_from": timedelta(minutes=5)}, errors.TooEarly),
        ({"bookable_until": timedelta(minutes=-5)}, errors.TooLate),
        ({"capacity": 0}, errors.SlotFull),
    ],
)
async def test_a_slot_that_may_not_be_booked_says_why(
    change: dict[str, object], refusal: type[Fault]
) -> None:
    values = {
        name: clock.now() + value if isinstance(value, timedelta) else value for name, value in change.items()
    }
    slot = await make_slot(await make_hall(), **values)  # type: ignore[arg-type]
    with pytest.raises(refusal):
        await booking.book(seat(slot, await make_person()))


async def test_an_unknown_slot_and_another_business_are_refused() -> None:
    slot = await make_slot(await make_hall())
    person = await make_person()
    with pytest.raises(errors.OtherBusiness):
        await booking.book(seat(slot, person, business_id="DECLARE"))
    slot.id = 999_999
    with pytest.raises(errors.SlotNotFound):
        await booking.book(seat(slot, person))


async def test_a_hall_may_ask_for_real_names() -> None:
    slot = await make_slot(await make_hall(required_level=IdentityLevel.REALNAME_L1))
    with pytest.raises(errors.LevelTooLow):
        await booking.book(seat(slot, await make_person()))
    known = await make_person(IdentityLevel.REALNAME_L1)
    await booking.book(seat(slot, known, level=IdentityLevel.REALNAME_L1))


async def test_a_hold_keeps_the_seat_for_its_owner_alone() -> None:
    slot = await make_slot(await make_hall())
    owner, other = await make_person(), await make_person()
    hold_id, _ = await booking.hold(slot.id, "INVOICE", owner, IdentityLevel.WX_BOUND)
    with pytest.raises(errors.SlotFull):
        await booking.book(seat(slot, other))
    with pytest.raises(errors.HoldGone):
        await booking.book(seat(slot, other, hold_id=hold_id))
    with pytest.raises(errors.HoldNotFound):
        await booking.release(hold_id, other)
    await booking.book(seat(slot, owner, hold_id=hold_id))
    taken = await Slot.get(id=slot.id)
    assert (taken.booked, taken.held) == (1, 0)


async def test_one_hold_a_person_even_at_once() -> None:
    hall = await make_hall()
    person = await make_person()
    slots = [await make_slot(hall, starts_at=tomorrow_at(9) + timedelta(days=day)) for day in range(6)]
    outcomes = await _outcomes(
        *(booking.hold(slot.id, "INVOICE", person, IdentityLevel.WX_BOUND) for slot in slots)
    )
    assert sum(isinstance(one, errors.TooManyHolds) for one in outcomes) == 5
    assert sum(slot.held for slot in await Slot.all()) == 1


async def test_an_expired_hold_frees_its_seat_without_any_job() -> None:
    slot = await make_slot(await make_hall())
    owner, other = await make_person(), await make_person()
    hold_id, expires_at = await booking.hold(slot.id, "INVOICE", owner, IdentityLevel.WX_BOUND)
    with clock.frozen(expires_at + timedelta(seconds=1)):
        question = queries.AvailabilityQuestion(slot.hall_id, "INVOICE", slot.on, 1)
        assert [row["remaining"] for row in (await queries.availability([question]))[0]] == [1]
        with pytest.raises(errors.HoldGone):
            await booking.book(seat(slot, owner, hold_id=hold_id))
        await booking.book(seat(slot, other))
    taken = await Slot.get(id=slot.id)
    assert (taken.booked, taken.held) == (1, 0)


async def test_cancelling_frees_the_seat_and_the_half_day() -> None:
    slot = await make_slot(await make_hall())
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    await booking.cancel(booked.id, person)
    assert (await Slot.get(id=slot.id)).booked == 0
    assert (await Standing.get(subject_id=person)).active == 0
    await booking.book(seat(slot, person))
    kinds = [event.kind for event in await OutboxEvent.all().order_by("id")]
    assert kinds == ["appointment_booked", "appointment_cancelled", "appointment_booked"]


async def test_cancelling_twice_at_once_frees_one_seat() -> None:
    slot = await make_slot(await make_hall(), capacity=2)
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    await booking.book(seat(slot, await make_person()))
    outcomes = await _outcomes(*(booking.cancel(booked.id, person) for _ in range(5)))
    assert sum(isinstance(one, errors.NotActive) for one in outcomes) == 4
    assert (await Slot.get(id=slot.id)).booked == 1


async def test_another_persons_appointment_is_not_found() -> None:
    booked = await booking.book(seat(await make_slot(await make_hall()), await make_person()))
    with pytest.raises(errors.AppointmentNotFound):
        await booking.cancel(booked.id, await make_person())


async def test_cancelling_after_the_deadline_is_refused() -> None:
    slot = await make_slot(await make_hall(cancel_minutes=120))
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    with clock.frozen(slot.starts_at - timedelta(minutes=119)), pytest.raises(errors.CancelTooLate):
        await booking.cancel(booked.id, person)


async def test_a_freed_seat_cools_before_it_returns() -> None:
    slot = await make_slot(await make_hall(seat_return_max_s=60))
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    await booking.cancel(booked.id, person)
    with pytest.raises(errors.SlotFull):
        await booking.book(seat(slot, await make_person()))
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        assert await seats.return_expired() == 1
        await booking.book(seat(slot, await make_person()))


async def test_moving_keeps_the_number_and_frees_the_old_seat() -> None:
    hall = await make_hall()
    old, new = await make_slot(hall), await make_slot(hall, starts_at=tomorrow_at(15))
    person = await make_person()
    booked = await booking.book(seat(old, person))
    moved = await booking.reschedule(booked.id, person, new.id, IdentityLevel.WX_BOUND)
    assert (moved.number, moved.slot_id) == (booked.number, new.id)
    assert [(await Slot.get(id=one.id)).booked for one in (old, new)] == [0, 1]
    assert (await Standing.get(subject_id=person)).active == 1


async def test_a_move_that_fails_keeps_the_old_seat() -> None:
    hall = await make_hall()
    old, full = await make_slot(hall), await make_slot(hall, starts_at=tomorrow_at(15))
    person = await make_person()
    booked = await booking.book(seat(old, person))
    await booking.book(seat(full, await make_person()))
    with pytest.raises(errors.SlotFull):
        await booking.reschedule(booked.id, person, full.id, IdentityLevel.WX_BOUND)
    row = await Appointment.get(id=booked.id)
    assert (row.slot_id, row.status) == (old.id, AppointmentStatus.BOOKED)
    assert (await Slot.get(id=old.id)).booked == 1


async def test_two_people_swapping_slots_never_deadlock() -> None:
    hall = await make_hall()
    first, second = await make_slot(hall, 2), await make_slot(hall, 2, starts_at=tomorrow_at(15))
    people = [await make_person(), await make_person()]
    made = [
        await booking.book(seat(slot, person)) for slot, person in zip((first, second), people, strict=True)
    ]
    targets = (second, first)
    for _ in range(5):
        await asyncio.gather(
            *(
                booking.reschedule(one.id, person, target.id, IdentityLevel.WX_BOUND)
                for one, person, target in zip(made, people, targets, strict=True)
            )
        )
        targets = (targets[1], targets[0])
    assert sorted(slot.booked for slot in await Slot.all()) == [1, 1]


async def test_the_hall_cancels_without_a_penalty() -> None:
    slot = await make_slot(await make_hall(cancel_limit=1))
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    await booking.cancel_by_hall(booked.id, "staff:1", "设备检修")
    assert await Ban.all().count() == 0
    event = await OutboxEvent.get(kind="appointment_cancelled_by_hall")
    assert event.payload["reason"] == "设备检修"


async def test_people_of_one_enterprise_share_its_half_day() -> None:
    slot = await make_slot(await make_hall(), capacity=5)
    enterprise = UUID(int=7)
    await booking.book(seat(slot, await make_person(), enterprise_id=enterprise))
    with pytest.raises(errors.AlreadyBooked):
        await booking.book(seat(slot, await make_person(), enterprise_id=enterprise))
