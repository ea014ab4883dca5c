"""A change of a hall: seen before it is done, and done as it was seen or not at all."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.appointments import booking, schedule
from app.domain.appointments.models import ScheduleConflict
from app.domain.halls import service
from app.domain.halls.models import Hall, HallException
from app.kit import audit, clock, db
from app.kit.errors import Refused
from app.kit.models import AuditEntry, OutboxEvent
from tests.console.halls.conftest import HALLS, a_booking, change, go
from tests.factories.appointments import make_person, seat
from tests.public_account.h5.conftest import Browser


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


async def test_what_another_manager_changed_meanwhile_is_shown_before_it_is_overwritten(
    manager: Browser, hall: Hall
) -> None:
    path, said = (
        f"{HALLS}/{hall.id}/plate",
        {"name": "甲大厅", "address": "天河路 9 号", "phone": "020-00000000"},
    )
    said |= {"latitude": "23.1", "longitude": "113.3"}
    seen = (await go(manager, path, "preview", **said)).field("seen")
    await change(manager, path, **{**said, "name": "乙大厅"})
    again = await go(manager, path, "apply", seen=seen, **said)
    assert (again.status, "乙大厅" in again.text, "甲大厅" in again.text) == (409, True, True)
    assert (await Hall.get(id=hall.id)).name == "乙大厅"
    assert (await go(manager, path, "apply", seen=again.field("seen"), **said)).status == 303


async def test_a_preview_waits_for_no_audit_and_keeps_nobody_waiting(manager: Browser, hall: Hall) -> None:
    """The audit log is one chain: whoever holds it keeps everybody waiting, and no trial may."""
    path = f"{HALLS}/{hall.id}/days"
    on = (clock.today() + timedelta(days=2)).isoformat()
    async with db.transaction():
        await audit.record("system", "tried", "hall")
        async with asyncio.timeout(3):
            assert (await go(manager, path, "preview", on=on, hours="")).status == 200


async def test_whoever_changes_the_hall_right_now_does_not_hang_a_preview(
    manager: Browser, hall: Hall
) -> None:
    path = f"{HALLS}/{hall.id}/days"
    on = (clock.today() + timedelta(days=2)).isoformat()
    async with db.transaction():
        await service.locked_hall(hall.id)
        async with asyncio.timeout(4):
            busy = await go(manager, path, "preview", on=on, hours="")
    assert (busy.status, 'value="消防演练"' in busy.text) == (409, True)
    assert (await go(manager, path, "preview", on=on, hours="")).status == 200


async def test_a_change_its_slots_and_its_conflicts_stand_together_or_not_at_all(
    manager: Browser, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, _ = await a_booking(hall)
    path, said = f"{HALLS}/{hall.id}/days", {"on": slot.on.isoformat(), "hours": ""}
    seen = (await go(manager, path, "preview", **said)).field("seen")

    async def lost(_: int) -> None:
        raise Refused

    with monkeypatch.context() as broken:
        broken.setattr(schedule, "apply", lost)
        assert (await go(manager, path, "apply", seen=seen, **said)).status == 409
    assert not await HallException.exists()
    assert not await AuditEntry.filter(action="special_day_set").exists()
    assert (await go(manager, path, "apply", seen=seen, **said)).status == 303
    assert await ScheduleConflict.all().count() == 1
    assert await OutboxEvent.filter(kind="hall_schedule_changed").count() == 1


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
