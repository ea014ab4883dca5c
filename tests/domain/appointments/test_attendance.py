"""Check-in, no-shows, strikes, bans, appeals and reminders."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.appointments import attendance, booking, errors, passes, penalties, reminders
from app.domain.appointments.models import Appointment, AppointmentStatus, Ban, Standing
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.models import OutboxEvent
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at

pytestmark = pytest.mark.usefixtures("db")


async def _miss(hall: Hall, person: UUID, day: int) -> None:
    """Book a slot some days ahead and let its time pass."""
    slot = await make_slot(hall, starts_at=tomorrow_at(9) + timedelta(days=day))
    await booking.book(seat(slot, person))
    with clock.frozen(slot.ends_at):
        await asyncio.gather(attendance.mark_no_shows(), attendance.mark_no_shows())


async def test_a_pass_checks_in_once_in_its_window() -> None:
    slot = await make_slot(await make_hall())
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    early = slot.starts_at - timedelta(minutes=16)
    with clock.frozen(early), pytest.raises(errors.CheckInNotOpen):
        await attendance.check_in(booked.id, person, passes.issue(booked.id, early)[0])
    with clock.frozen(slot.starts_at):
        token, _ = passes.issue(booked.id, slot.starts_at)
        checked = await attendance.check_in(booked.id, person, token)
        assert (checked.status, checked.checked_in_at) == (AppointmentStatus.CHECKED_IN, slot.starts_at)
        with pytest.raises(errors.NotActive):
            await attendance.check_in(booked.id, person, token)


async def test_a_forged_foreign_or_expired_pass_is_refused() -> None:
    slot = await make_slot(await make_hall())
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    now = slot.starts_at
    good, expires_at = passes.issue(booked.id, now)
    foreign, _ = passes.issue(uuid7(), now)
    with clock.frozen(now):
        for token in (foreign, good[:-2] + "AA", "", "x" * 48, "签到"):
            with pytest.raises(errors.BadPass):
                await attendance.check_in(booked.id, person, token)
    with clock.frozen(expires_at), pytest.raises(errors.BadPass):
        await attendance.check_in(booked.id, person, good)


async def test_a_missed_slot_is_a_no_show_once_and_a_visited_one_is_not() -> None:
    hall = await make_hall()
    slot = await make_slot(hall, capacity=2)
    missing, coming = await make_person(), await make_person()
    missed = await booking.book(seat(slot, missing))
    visited = await booking.book(seat(slot, coming))
    with clock.frozen(slot.starts_at):
        await attendance.check_in(visited.id, coming, passes.issue(visited.id, slot.starts_at)[0])
    with clock.frozen(slot.ends_at):
        assert sum(await asyncio.gather(*(attendance.mark_no_shows() for _ in range(4)))) == 1
    assert (await Appointment.get(id=missed.id)).status is AppointmentStatus.NO_SHOW
    assert (await Appointment.get(id=visited.id)).status is AppointmentStatus.CHECKED_IN
    assert (await Standing.get(subject_id=missing)).active == 0


async def test_three_no_shows_ban_and_the_ban_ends() -> None:
    hall = await make_hall(no_show_limit=3, ban_days=30)
    person = await make_person()
    for day in range(3):
        await _miss(hall, person, day)
    ban = await Ban.get(subject_id=person)
    slot = await make_slot(hall, starts_at=ban.starts_at + timedelta(days=1))
    with clock.frozen(ban.starts_at + timedelta(hours=1)), pytest.raises(errors.Banned):
        await booking.book(seat(slot, person))
    late = await make_slot(hall, starts_at=ban.ends_at + timedelta(days=2))
    with clock.frozen(ban.ends_at + timedelta(seconds=1)):
        await booking.book(seat(late, person))


async def test_old_no_shows_decay() -> None:
    hall = await make_hall(no_show_limit=2, no_show_days=10)
    person = await make_person()
    await _miss(hall, person, 0)
    await _miss(hall, person, 11)
    assert not await Ban.exists(subject_id=person)
    await _miss(hall, person, 12)
    assert await Ban.exists(subject_id=person)


async def test_frequent_cancelling_bans() -> None:
    hall = await make_hall(cancel_limit=2)
    person = await make_person()
    slot = await make_slot(hall)
    for _ in range(2):
        booked = await booking.book(seat(slot, person))
        await booking.cancel(booked.id, person)
    with pytest.raises(errors.Banned):
        await booking.book(seat(slot, person))


async def test_an_upheld_appeal_lifts_the_ban_and_excuses_its_strikes() -> None:
    hall = await make_hall(cancel_limit=2)
    person = await make_person()
    slot = await make_slot(hall)
    for _ in range(2):
        await booking.cancel((await booking.book(seat(slot, person))).id, person)
    appeal = await penalties.appeal(person, person, "因住院无法到场，附病历")
    with pytest.raises(errors.AppealOpen):
        await penalties.appeal(person, person, "再次申诉，请尽快处理")
    await penalties.decide_appeal(appeal.id, uuid7(), is_upheld=True, answer="情况属实")
    await booking.cancel((await booking.book(seat(slot, person))).id, person)
    await booking.book(seat(slot, person))


async def test_a_refused_appeal_keeps_the_ban() -> None:
    hall = await make_hall(cancel_limit=1)
    person = await make_person()
    slot = await make_slot(hall)
    await booking.cancel((await booking.book(seat(slot, person))).id, person)
    appeal = await penalties.appeal(person, person, "我不同意这个限制")
    await penalties.decide_appeal(appeal.id, uuid7(), is_upheld=False, answer="无正当理由")
    with pytest.raises(errors.Banned):
        await booking.book(seat(slot, person))


async def test_reminders_are_issued_once_for_each_time_of_an_appointment() -> None:
    hall = await make_hall()
    start = tomorrow_at(15) + timedelta(days=2)
    slot = await make_slot(hall, starts_at=start)
    person = await make_person()
    booked = await booking.book(seat(slot, person))
    issued = []
    for ahead in (timedelta(hours=25), timedelta(hours=23), timedelta(hours=3), timedelta(minutes=100)):
        with clock.frozen(start - ahead):
            issued.append(sum(await asyncio.gather(*(reminders.issue() for _ in range(3)))))
    assert issued == [0, 1, 0, 1]
    events = await OutboxEvent.filter(kind="appointment_reminded").order_by("id")
    assert [event.payload["reminder"] for event in events] == ["day_before", "two_hours"]
    assert events[0].payload["appointment_id"] == str(booked.id)
