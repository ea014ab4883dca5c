"""What managers change of their halls, and how appointments that lose their seat are settled."""

import re
from datetime import date, timedelta
from typing import Any

from app.domain.appointments import schedule
from app.domain.appointments.models import Appointment, BookingRules, ScheduleConflict, Slot
from app.domain.halls.models import Counter, Hall, OpeningHours
from app.kit import clock
from app.kit.models import AuditEntry, OutboxEvent
from tests.console.halls.conftest import HALLS, a_booking, change, go
from tests.factories.halls import open_every_day
from tests.public_account.h5.conftest import Browser


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
