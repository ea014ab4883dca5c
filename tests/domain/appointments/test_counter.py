"""The counter's rules: who is checked in, called, passed over and done, and never by two clerks at once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts.models import Person, StaffRole
from app.domain.accounts.proofing import ID_NUMBER
from app.domain.accounts.staff import Post, StaffMember
from app.domain.appointments import attendance, booking, calling, counter, errors, passes, walk_ins
from app.domain.appointments.listings import ATTENDANCE
from app.domain.appointments.models import Appointment, AppointmentStatus, Slot, Standing, Strike
from app.domain.halls.errors import HallNotFound
from app.domain.halls.models import Hall
from app.kit import audit, clock, crypto, db
from app.kit.ids import uuid7
from app.kit.listings import Asked
from app.kit.models import OutboxEvent
from tests.factories.accounts import id_number
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat, tomorrow_at

pytestmark = pytest.mark.usefixtures("db")

NINE = tomorrow_at(9)


def clerk_of(hall: Hall, name: str = "li-si", role: StaffRole = StaffRole.CLERK) -> StaffMember:
    """A member of staff of one hall, as their session brings them."""
    return StaffMember(
        uuid7(), uuid7(), name, name, (Post(role, hall_id=hall.id),), must_change_password=False
    )


async def known(name: str, number: str) -> UUID:
    """Somebody whose name and ID number are proved."""
    person = await make_person()
    await Person.filter(id=person).update(
        name_sealed=crypto.seal(name), id_number_hash=crypto.lookup_hash(number, ID_NUMBER)
    )
    return person


async def booked(hall: Hall, count: int = 1) -> list[booking.Booked | Appointment]:
    slot = await make_slot(hall, capacity=count, starts_at=NINE)
    return [await booking.book(seat(slot, await make_person())) for _ in range(count)]


async def waiting(hall: Hall, clerk: StaffMember, count: int = 1) -> list[UUID]:
    """Appointments that have checked in, in this order."""
    made = await booked(hall, count)
    for at, one in enumerate(made):
        with clock.frozen(NINE + timedelta(seconds=at)):
            await attendance.check_in_at_counter(clerk, hall.id, one.number)
    return [one.id for one in made]


async def status_of(appointment_id: UUID) -> AppointmentStatus:
    return (await Appointment.get(id=appointment_id)).status


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


async def test_lists_and_changes_are_found_by_index_however_many_halls_there_are() -> None:
    hall = await make_hall()
    slot = await make_slot(hall, starts_at=NINE)
    person = await make_person()
    await db.execute(
        "INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id,"
        " starts_at, ends_at, half_day, status, items, channel, created_at, updated_at)"
        " SELECT gen_random_uuid(), lpad(n::text, 8, '0'), $1, n % 500 + 1, $2, $3, $3,"
        " $4::timestamptz + n % 200 * interval '1 hour', $4::timestamptz + n % 200 * interval '1 hour', n,"
        " 'booked', '[]', 'MP', $4, $4::timestamptz - n * interval '1 second'"
        " FROM generate_series(1, 20000) n",
        slot.id, BUSINESS, person, NINE,
    )  # fmt: skip
    await db.execute("ANALYZE appointment")
    day = {"hall": hall.id, "since": NINE, "until": NINE + timedelta(days=1), "states": ["booked"]}
    statement, values = ATTENDANCE.statement(Asked(day, "start"))
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))
    assert "appointment_by_hall" in plan, plan
    asked = (
        "SELECT updated_at FROM appointment WHERE hall_id = $1 AND updated_at > $2 ORDER BY 1 DESC LIMIT 200"
    )
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {asked}", hall.id, NINE))
    assert "appointment_by_change" in plan, plan
