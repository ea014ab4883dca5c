"""Halls at their managers' desks: seen before it is done, done with a reason, and nobody else's business."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments import booking, schedule
from app.domain.appointments.models import Appointment, BookingRules, ScheduleConflict, Slot
from app.domain.halls.models import Counter, Hall, HallException, OpeningHours
from app.kit import clock
from app.kit.models import AuditEntry, OutboxEvent
from tests.console.conftest import AtWork
from tests.factories.appointments import make_hall, make_person, seat
from tests.factories.halls import open_every_day
from tests.public_account.h5.conftest import Browser, Page

HALLS = "/console/halls"


@pytest.fixture
async def hall(db: None) -> Hall:
    """A hall with seats for some days ahead."""
    made = await make_hall(online_share="1")
    await open_every_day(made)
    await schedule.apply(made.id)
    return made


@pytest.fixture
async def other(hall: Hall) -> Hall:
    """Another hall, whose manager is no manager here."""
    return await make_hall("YX")


@pytest.fixture
async def manager(at_work: AtWork, hall: Hall) -> Browser:
    return await at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=hall.id))


async def a_booking(hall: Hall) -> tuple[Slot, booking.Booked]:
    """Somebody's appointment in the first slot of the day after tomorrow."""
    slot = (
        await Slot.filter(hall=hall, on__gt=clock.today() + timedelta(days=1)).order_by("starts_at").first()
    )
    assert slot is not None
    await Slot.filter(id=slot.id).update(bookable_from=clock.now() - timedelta(days=1))
    made = await booking.book(seat(slot, await make_person()))
    assert isinstance(made, booking.Booked)
    return slot, made


async def go(browser: Browser, path: str, step: str, **said: Any) -> Page:
    """A form of a change, filled in: looked at, or done with what was looked at."""
    page = await browser.get(path)
    form = {"csrf": page.field("csrf"), "reason": "消防演练", **said, "go": step}
    return await browser("POST", path, data=form)


async def change(browser: Browser, path: str, **said: Any) -> Page:
    """A change from its preview to the deed."""
    seen = (await go(browser, path, "preview", **said)).field("seen")
    return await go(browser, path, "apply", seen=seen, **said)


async def test_a_preview_names_who_is_hit_and_changes_nothing(manager: Browser, hall: Hall) -> None:
    slot, made = await a_booking(hall)
    before = await AuditEntry.all().count()
    page = await go(manager, f"{HALLS}/{hall.id}/days", "preview", on=slot.on.isoformat(), hours="")
    assert page.status == 200
    assert made.number in page.text
    assert slot.on.isoformat() in page.text
    assert await HallException.all().count() == 0
    assert await ScheduleConflict.all().count() == 0
    assert await AuditEntry.all().count() == before
    assert not await OutboxEvent.filter(kind="hall_schedule_changed").exists()


async def test_a_closed_day_leads_to_a_conflict_that_is_settled_by_a_move(
    manager: Browser, hall: Hall
) -> None:
    slot, made = await a_booking(hall)
    done = await change(manager, f"{HALLS}/{hall.id}/days", on=slot.on.isoformat(), hours="")
    assert (done.status, done.location) == (303, f"{HALLS}/{hall.id}?done=day")
    assert "消防演练" in (await manager.get(done.location)).text
    [entry] = await AuditEntry.filter(action="special_day_set")
    assert (entry.reason, entry.hall_id) == ("消防演练", hall.id)
    conflict = await ScheduleConflict.get()
    assert made.number in (await manager.get(f"{HALLS}/conflicts")).text
    page = await manager.get(f"{HALLS}/conflicts/{conflict.id}")
    choices = re.findall(r'<option value="(\d+)"', page.text)
    settled = await manager.post(f"{HALLS}/conflicts/{conflict.id}", csrf=page.field("csrf"), slot=choices[0])
    assert settled.status == 303
    assert (await Appointment.get(id=made.id)).slot_id == int(choices[0])
    assert await OutboxEvent.filter(kind="appointment_rescheduled").exists()
    assert await AuditEntry.filter(action="schedule_conflict_settled", hall_id=hall.id).exists()
    gone = await manager.post(f"{HALLS}/conflicts/{conflict.id}", csrf=page.field("csrf"), slot="0")
    assert gone.status == 404, "nobody settles it twice"


async def test_a_conflict_takes_only_the_seats_it_was_shown(
    manager: Browser, hall: Hall, other: Hall
) -> None:
    await open_every_day(other)
    await schedule.apply(other.id)
    slot, made = await a_booking(hall)
    await change(manager, f"{HALLS}/{hall.id}/days", on=slot.on.isoformat(), hours="")
    conflict, foreign = await ScheduleConflict.get(), await Slot.filter(hall=other).first()
    assert foreign is not None
    path = f"{HALLS}/conflicts/{conflict.id}"
    csrf = (await manager.get(path)).field("csrf")
    for wrong in (foreign.id, slot.id, 999_999):
        assert (await manager.post(path, csrf=csrf, slot=str(wrong))).status == 409
    assert (await Appointment.get(id=made.id)).slot_id == slot.id
    cancelled = await manager.post(path, csrf=csrf, slot="0")
    assert cancelled.status == 303
    assert await OutboxEvent.filter(kind="appointment_cancelled_by_hall").exists()


async def test_who_books_between_preview_and_deed_is_shown_before_it_is_done(
    manager: Browser, hall: Hall
) -> None:
    slot, _ = await a_booking(hall)
    path, said = f"{HALLS}/{hall.id}/days", {"on": slot.on.isoformat(), "hours": ""}
    seen = (await go(manager, path, "preview", **said)).field("seen")
    later = await booking.book(seat(slot, await make_person()))
    assert isinstance(later, booking.Booked)
    again = await go(manager, path, "apply", seen=seen, **said)
    assert again.status == 409
    assert later.number in again.text
    assert await HallException.all().count() == 0
    assert (await go(manager, path, "apply", seen=again.field("seen"), **said)).status == 303


async def test_what_cannot_be_understood_is_marked_and_the_rest_stays(manager: Browser, hall: Hall) -> None:
    page = await go(
        manager,
        f"{HALLS}/{hall.id}/hours",
        "preview",
        valid_from="2030-01-01",
        day_1="9点到12点",
        day_2="09:00-12:00",
    )
    assert page.status == 422
    assert 'value="9点到12点"' in page.text
    assert 'value="09:00-12:00"' in page.text
    assert 'aria-invalid="true"' in page.text
    overlapping = {"valid_from": "2030-01-01", "day_1": "09:00-12:00 11:00-13:00"}
    assert (await go(manager, f"{HALLS}/{hall.id}/hours", "preview", **overlapping)).status == 422
    past = await go(manager, f"{HALLS}/{hall.id}/days", "preview", on="2020-01-01", hours="")
    assert (past.status, 'value="2020-01-01"' in past.text) == (409, True)


async def test_back_from_the_preview_stands_what_was_typed(manager: Browser, hall: Hall) -> None:
    page = await go(manager, f"{HALLS}/{hall.id}/days", "edit", on="2030-01-05", hours="09:00-11:00")
    assert page.status == 200
    assert 'value="2030-01-05"' in page.text
    assert 'value="消防演练"' in page.text


async def test_new_hours_counters_and_businesses_take_effect(manager: Browser, hall: Hall) -> None:
    begins = clock.today() + timedelta(days=1)
    hours = {f"day_{day}": "10:00-11:00、14:00–15:00" for day in range(1, 8)}
    path = f"{HALLS}/{hall.id}"
    assert (await change(manager, f"{path}/hours", valid_from=begins.isoformat(), **hours)).status == 303
    assert await OpeningHours.filter(hall=hall, valid_from=begins).count() == 14
    assert not await Slot.filter(
        hall=hall, on__gt=begins, is_open=True, starts_at__lt=_at(begins, 9)
    ).exists()
    added = await change(
        manager, f"{path}/counters/new", number="7", name="七号", is_active="on", skills=["INVOICE"]
    )
    assert added.status == 303
    counter = await Counter.get(hall=hall, number=7)
    twice = await go(manager, f"{path}/counters/new", "preview", number="7", name="又一个", is_active="on")
    assert twice.status == 409
    assert (await change(manager, f"{path}/counters/{counter.id}", name="七号")).status == 303
    assert not (await Counter.get(id=counter.id)).is_active
    assert (await change(manager, f"{path}/businesses/INVOICE", handling_minutes="20")).status == 303
    assert not await Slot.filter(hall=hall, is_open=True).exists(), "no longer offered"
    for action in ("counter_added", "counter_closed", "hall_business_set", "opening_hours_set"):
        assert await AuditEntry.filter(action=action, hall_id=hall.id).exists(), action


def _at(day: date, hour: int) -> Any:
    return clock.now().replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=0)


async def test_blackouts_come_and_go(manager: Browser, hall: Hall) -> None:
    path = f"{HALLS}/{hall.id}/blackouts"
    on = (clock.today() + timedelta(days=2)).isoformat()
    assert (await change(manager, path, rule="on", on=on, half="am")).status == 303
    page = await manager.get(f"{HALLS}/{hall.id}")
    found = re.search(rf"{path}/(\d+)/drop", page.text)
    assert found is not None
    assert (await change(manager, f"{path}/{found[1]}/drop")).status == 303
    assert f"{path}/{found[1]}/drop" not in (await manager.get(f"{HALLS}/{hall.id}")).text
    nameless = await go(manager, path, "preview", rule="day_of_month")
    assert nameless.status == 422


async def test_rules_of_the_house_are_changed_with_their_history(manager: Browser, hall: Hall) -> None:
    path = f"{HALLS}/{hall.id}/rules"
    page = await manager.get(path)
    said = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page.text))
    said = {name: value for name, value in said.items() if name not in ("csrf", "reason")}
    said |= {"required_level": "wx_bound", "no_show_limit": "5"}
    assert (await change(manager, path, **said)).status == 303
    assert (await BookingRules.get(hall=hall)).no_show_limit == 5
    history = (await manager.get(path)).text
    assert "3 → 5" in history
    assert "消防演练" in history
    wrong = await go(manager, path, "preview", **{**said, "window_workdays": "2", "earliest_workdays": "9"})
    assert wrong.status == 422
    assert (await BookingRules.get(hall=hall)).window_workdays != 2


async def test_another_halls_manager_sees_none_of_it(at_work: AtWork, hall: Hall, other: Hall) -> None:
    slot, made = await a_booking(hall)
    counter = await Counter.filter(hall=hall).first()
    assert counter is not None
    stranger = await at_work("stranger", Post(StaffRole.HALL_MANAGER, hall_id=other.id))
    region = await at_work("region", Post(StaffRole.HALL_MANAGER, region_code="4401"))
    admin = await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))
    for below in ("", "/hours", "/days", "/rules", "/plate", "/close", "/appointments", "/appointments.csv",
                  "/no-shows", f"/counters/{counter.id}", "/businesses/INVOICE"):  # fmt: skip
        assert (await stranger.get(f"{HALLS}/{hall.id}{below}")).status == 404, below
        assert (await admin.get(f"{HALLS}/{hall.id}{below}")).status == 200, below
        assert (await region.get(f"{HALLS}/{hall.id}{below}")).status == 200, below
    crossed = f"{HALLS}/{other.id}/counters/{counter.id}"
    assert (await stranger.get(crossed)).status == 404, "a counter below a hall it is not of"
    csrf = (await stranger.get(f"{HALLS}/")).field("csrf")
    forged = {"csrf": csrf, "reason": "不是我的大厅", "on": slot.on.isoformat(), "hours": "", "go": "apply"}
    assert (await stranger("POST", f"{HALLS}/{hall.id}/days", data=forged)).status == 404
    assert hall.code not in (await stranger.get(f"{HALLS}/list")).text
    assert hall.code in (await region.get(f"{HALLS}/list")).text
    assert made.number in (await region.get(f"{HALLS}/{hall.id}/appointments")).text


async def test_a_foreign_conflict_is_not_found(at_work: AtWork, hall: Hall, other: Hall) -> None:
    slot, made = await a_booking(hall)
    await HallException.create(hall=hall, on=slot.on, is_closed=True, reason="停电")
    await schedule.apply(hall.id)
    conflict = await ScheduleConflict.get()
    stranger = await at_work("stranger", Post(StaffRole.HALL_MANAGER, hall_id=other.id))
    csrf = (await stranger.get(f"{HALLS}/")).field("csrf")
    assert made.number not in (await stranger.get(f"{HALLS}/conflicts")).text
    assert (await stranger.get(f"{HALLS}/conflicts/{conflict.id}")).status == 404
    assert (await stranger.post(f"{HALLS}/conflicts/{conflict.id}", csrf=csrf, slot="0")).status == 404
    assert (await ScheduleConflict.get()).settled_at is None


async def test_a_hall_is_founded_by_the_administrator_alone(at_work: AtWork, hall: Hall) -> None:
    admin = await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))
    manager = await at_work("region", Post(StaffRole.HALL_MANAGER, region_code="4401"))
    page = await admin.get(f"{HALLS}/new")
    said = {
        "csrf": page.field("csrf"), "code": "NEW-1", "region": "440106", "name": "新设办税服务厅",
        "address": "天河路 2 号", "phone": "020-11111111", "latitude": "23.125", "longitude": "113.36",
    }  # fmt: skip
    assert (await manager.get(f"{HALLS}/new")).status == 403
    nowhere = await admin.post(f"{HALLS}/new", **{**said, "region": "999999"})
    assert (nowhere.status, 'value="NEW-1"' in nowhere.text) == (404, True)
    founded = await admin.post(f"{HALLS}/new", **said)
    assert founded.status == 303
    assert "还没有保存过预约规则" in (await admin.get(founded.location)).text
    assert (await admin.post(f"{HALLS}/new", **said)).status == 409
    made = await Hall.get(code="NEW-1")
    assert (made.initials, await BookingRules.exists(hall=made)) == ("xsbsfwt", False)
    closed = await change(admin, f"{HALLS}/{made.id}/close")
    assert closed.location.endswith("done=closing")
    assert not (await Hall.get(id=made.id)).is_active
