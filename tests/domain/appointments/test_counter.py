"""The counter's rules: who is checked in, called, passed over and done, and never by two clerks at once."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.appointments import (
    attendance,
    booking,
    calling,
    counter,
    errors,
    passes,
    walk_ins,
)
from app.domain.appointments.listings import ATTENDANCE
from app.domain.appointments.models import Appointment, AppointmentStatus, Standing, Strike
from app.domain.halls.errors import HallNotFound
from app.kit import clock, db
from app.kit.listings import Asked
from app.kit.models import OutboxEvent
from tests.factories.accounts import id_number
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat
from tests.factories.counter import NINE, booked, clerk_of, fill_with_appointments, known, status_of, waiting

pytestmark = pytest.mark.usefixtures("db")


async def test_a_pass_or_a_number_checks_in_and_is_on_record() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    by_pass, by_number = await booked(hall, 2)
    with clock.frozen(NINE):
        await attendance.check_in_at_counter(clerk, hall.id, passes.issue(by_pass.id, NINE)[0])
        spaced = f" {by_number.number[:4]} {by_number.number[4:]} "
        await attendance.check_in_at_counter(clerk, hall.id, spaced)
        with pytest.raises(errors.AlreadyCheckedIn):
            await attendance.check_in_at_counter(clerk, hall.id, by_number.number)
    rows = await db.fetch("SELECT actor, hall_id FROM audit_entry WHERE action = 'appointment.checked_in'")
    assert [tuple(row) for row in rows] == [(clerk.caller_id, hall.id)] * 2


async def test_whoever_was_checked_in_by_a_clerk_is_told() -> None:
    hall = await make_hall()
    by_clerk, by_phone = await booked(hall, 2)
    with clock.frozen(NINE):
        await attendance.check_in_at_counter(clerk_of(hall), hall.id, by_clerk.number)
        person = (await Appointment.get(id=by_phone.id)).person_id
        await attendance.check_in(by_phone.id, person, passes.issue(by_phone.id, NINE)[0])
    told = await OutboxEvent.filter(kind="appointment_checked_in")
    assert [event.payload["appointment_id"] for event in told] == [str(by_clerk.id)]


async def test_the_last_digits_will_do_while_only_one_number_of_the_day_ends_so() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    first, second = await booked(hall, 2)
    await Appointment.filter(id=first.id).update(number="11112222")
    await Appointment.filter(id=second.id).update(number="33332222")
    with clock.frozen(NINE):
        with pytest.raises(errors.NumberUnclear):
            await attendance.check_in_at_counter(clerk, hall.id, "2222")
        assert (await attendance.check_in_at_counter(clerk, hall.id, "12222")).id == first.id
        assert (await attendance.check_in_at_counter(clerk, hall.id, "2222")).id == second.id
        with pytest.raises(errors.NumberUnknown):
            await attendance.check_in_at_counter(clerk, hall.id, "9999")
        with pytest.raises(errors.BadPass):
            await attendance.check_in_at_counter(clerk, hall.id, "not a pass")


async def test_who_booked_elsewhere_is_sent_there() -> None:
    here, there = await make_hall("A"), await make_hall("B")
    clerk = clerk_of(here)
    [away] = await booked(there)
    with clock.frozen(NINE):
        with pytest.raises(errors.BookedElsewhere):
            await attendance.check_in_at_counter(clerk, here.id, passes.issue(away.id, NINE)[0])
        with pytest.raises(errors.NumberUnknown):
            await attendance.check_in_at_counter(clerk, here.id, away.number)


async def test_nobody_touches_another_halls_rows() -> None:
    here, there = await make_hall("A"), await make_hall("B")
    clerk, stranger = clerk_of(here), clerk_of(there, "wang-wu")
    [one] = await waiting(here, clerk)
    with clock.frozen(NINE):
        for deed in (calling.call, calling.recall, calling.pass_over, calling.finish, counter.card):
            with pytest.raises(HallNotFound):
                await deed(stranger, here.id, one)
            with pytest.raises((errors.AppointmentNotFound, errors.NotServing)):
                await deed(stranger, there.id, one)
        for asked in (
            counter.board(stranger, here.id),
            calling.call_next(stranger, here.id),
            attendance.check_in_at_counter(stranger, here.id, "12345678"),
            walk_ins.register(stranger, here.id, BUSINESS, id_number()),
        ):
            with pytest.raises(HallNotFound):
                await asked
    assert await status_of(one) is AppointmentStatus.CHECKED_IN


async def test_one_person_called_by_many_clerks_at_once_comes_to_one() -> None:
    hall = await make_hall()
    clerks = [clerk_of(hall, f"clerk-{number}") for number in range(4)]
    [one] = await waiting(hall, clerks[0])
    with clock.frozen(NINE):
        outcomes = await asyncio.gather(
            *(calling.call(clerk, hall.id, one) for clerk in clerks), return_exceptions=True
        )
        assert sum(isinstance(outcome, Appointment) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, errors.AlreadyCalled) for outcome in outcomes) == 3
        winner = next(at for at, outcome in enumerate(outcomes) if isinstance(outcome, Appointment))
        with pytest.raises(errors.CalledByAnother):
            await calling.finish(clerks[winner - 1], hall.id, one)
        await calling.finish(clerks[winner], hall.id, one)
    assert await status_of(one) is AppointmentStatus.DONE


async def test_clerks_who_call_the_next_one_together_get_different_people() -> None:
    hall = await make_hall()
    clerks = [clerk_of(hall, f"clerk-{number}") for number in range(4)]
    people = await waiting(hall, clerks[0], 3)
    with clock.frozen(NINE):
        outcomes = await asyncio.gather(
            *(calling.call_next(clerk, hall.id) for clerk in clerks), return_exceptions=True
        )
    called = [outcome.id for outcome in outcomes if isinstance(outcome, Appointment)]
    assert sorted(called) == sorted(people)
    assert sum(isinstance(outcome, errors.NobodyWaits) for outcome in outcomes) == 1


async def test_a_key_pressed_twice_calls_one_person() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    await waiting(hall, clerk, 3)
    with clock.frozen(NINE):
        outcomes = await asyncio.gather(
            *(calling.call_next(clerk, hall.id) for _ in range(3)), return_exceptions=True
        )
    assert sum(isinstance(outcome, Appointment) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, errors.StillServing) for outcome in outcomes) == 2


async def test_who_does_not_come_waits_once_more_behind_the_others_and_is_not_punished() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    gone, other = await waiting(hall, clerk, 2)
    with clock.frozen(NINE):
        assert (await calling.call_next(clerk, hall.id)).id == gone
        for _ in range(2):
            await calling.recall(clerk, hall.id, gone)
        with pytest.raises(errors.CalledThrice):
            await calling.recall(clerk, hall.id, gone)
        await calling.pass_over(clerk, hall.id, gone)
        assert [visit.id for visit in (await counter.board(clerk, hall.id)).waiting] == [other, gone]
        assert (await calling.call_next(clerk, hall.id)).id == other
        await calling.finish(clerk, hall.id, other)
        assert (await calling.call_next(clerk, hall.id)).id == gone
        await calling.recall(clerk, hall.id, gone)
        await calling.pass_over(clerk, hall.id, gone)
    missed = await Appointment.get(id=gone)
    assert missed.status is AppointmentStatus.NO_SHOW
    assert not await Strike.exists(appointment_id=gone)
    assert (await Standing.get(subject_id=missed.person_id)).active == 0


async def test_a_manager_stands_in_for_whoever_called() -> None:
    hall = await make_hall()
    clerk, manager = clerk_of(hall), clerk_of(hall, "wang-wu", StaffRole.HALL_MANAGER)
    [one] = await waiting(hall, clerk)
    with clock.frozen(NINE):
        with pytest.raises(errors.NotServing):
            await calling.finish(manager, hall.id, one)
        await calling.call(clerk, hall.id, one)
        await calling.finish(manager, hall.id, one)


async def test_only_who_has_checked_in_is_called() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    [one] = await booked(hall)
    with clock.frozen(NINE), pytest.raises(errors.NotCheckedIn):
        await calling.call(clerk, hall.id, one.id)


async def test_the_board_shows_today_masked_and_in_order() -> None:
    hall = await make_hall()
    clerk = clerk_of(hall)
    citizen = await known("张三丰", id_number())
    slot = await make_slot(hall, capacity=2, starts_at=NINE)
    await booking.book(seat(slot, citizen))
    later = await make_slot(hall, starts_at=NINE + timedelta(days=1))
    await booking.book(seat(later, await make_person()))
    with clock.frozen(NINE):
        board = await counter.board(clerk, hall.id)
    assert [visit.name for visit in board.expected] == ["张*丰"]
    assert [*board.serving, *board.waiting, *board.ended] == []
    assert board.following is None


async def test_lists_and_changes_are_found_by_index_however_many_halls_there_are() -> None:
    hall = await make_hall()
    await fill_with_appointments(hall)
    day = {"hall": hall.id, "since": NINE, "until": NINE + timedelta(days=1), "states": ["booked"]}
    statement, values = ATTENDANCE.statement(Asked(day, "start"))
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))
    assert "appointment_by_hall" in plan, plan
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {counter.NEWEST}", hall.id, NINE))
    assert "appointment_by_change" in plan, plan
