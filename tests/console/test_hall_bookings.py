"""Bookings of a hall as its manager lists them, and bans and appeals as they are decided."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments import attendance, booking, manager_lists, penalties
from app.domain.appointments.models import Ban, Strike
from app.domain.halls.models import Hall
from app.kit import clock, db
from app.kit.listings import Asked
from app.kit.models import AuditEntry
from tests.console.conftest import AtWork
from tests.factories.appointments import make_hall, make_past, make_person, make_slot, seat, tomorrow_at
from tests.public_account.h5.conftest import Browser

HALLS = "/console/halls"


@pytest.fixture
async def hall(db: None) -> Hall:
    """A hall where one no-show leads to a ban."""
    return await make_hall(no_show_limit=1)


@pytest.fixture
async def manager(at_work: AtWork, hall: Hall) -> Browser:
    return await at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=hall.id))


async def a_ban(hall: Hall) -> tuple[Ban, booking.Booked]:
    """Somebody who did not come, and may not book any more."""
    slot = await make_slot(hall, starts_at=tomorrow_at(10))
    made = await booking.book(seat(slot, await make_person()))
    assert isinstance(made, booking.Booked)
    with clock.frozen(slot.ends_at + timedelta(minutes=1)):
        await attendance.mark_no_shows()
    return await Ban.get(), made


async def test_appointments_of_the_hall_alone_filtered_and_exported(manager: Browser, hall: Hall) -> None:
    mine = await booking.book(seat(await make_slot(hall), await make_person()))
    other = await booking.book(seat(await make_slot(await make_hall("YX")), await make_person()))
    path, tomorrow = f"{HALLS}/{hall.id}/appointments", (clock.today() + timedelta(days=1)).isoformat()
    page = (await manager.get(path)).text
    assert mine.number in page
    assert other.number not in page
    assert "小程序" in page, "how they booked is told in words"
    assert mine.number in (await manager.get(f"{path}?since={tomorrow}&until={tomorrow}&status=booked")).text
    assert mine.number not in (await manager.get(f"{path}?status=done")).text
    assert mine.number not in (await manager.get(f"{path}?since=2030-01-01")).text
    assert mine.number in (await manager.get(f"{path}.csv")).text
    assert await AuditEntry.filter(action="table.exported", target="table:appointments").exists()


async def test_a_no_show_is_listed_with_what_follows(manager: Browser, hall: Hall) -> None:
    ban, made = await a_ban(hall)
    page = (await manager.get(f"{HALLS}/{hall.id}/no-shows")).text
    assert made.number in page
    assert f"{ban.ends_at.astimezone(clock.SHANGHAI):%Y-%m-%d}" in page
    assert f"{HALLS}/bans/{ban.id}" in (await manager.get(f"{HALLS}/bans?running=yes")).text
    assert f"{HALLS}/bans/{ban.id}" not in (await manager.get(f"{HALLS}/bans?running=no")).text


async def test_an_appeal_is_decided_once_and_with_words(manager: Browser, hall: Hall) -> None:
    ban, made = await a_ban(hall)
    person_id = ban.subject_id
    appeal = await penalties.appeal(person_id, person_id, "那天我住院了，有病历为证")
    path = f"{HALLS}/appeals/{appeal.id}"
    assert path in (await manager.get(f"{HALLS}/appeals?status=open")).text
    page = await manager.get(path)
    assert "那天我住院了" in page.text
    assert made.number in page.text, "the strikes behind the ban"
    wordless = await manager.post(path, csrf=page.field("csrf"), verdict="upheld", answer="好")
    assert wordless.status == 422
    said = {"csrf": page.field("csrf"), "verdict": "upheld", "answer": "病历属实，予以解除"}
    assert (await manager.post(path, **said)).status == 303
    assert "病历属实" in (await manager.get(path)).text
    assert (await Ban.get()).lifted_at is not None
    assert (await Strike.get()).excused_at is not None
    [entry] = await AuditEntry.filter(action="appeal_upheld")
    assert (entry.reason, entry.hall_id) == ("病历属实，予以解除", hall.id)
    assert (await manager.post(path, **{**said, "verdict": "refused"})).status == 409


async def test_a_ban_is_lifted_with_a_reason(manager: Browser, hall: Hall) -> None:
    ban, _ = await a_ban(hall)
    path = f"{HALLS}/bans/{ban.id}"
    csrf = (await manager.get(path)).field("csrf")
    assert (await manager.post(path, csrf=csrf, reason="")).status == 422
    assert (await manager.post(path, csrf=csrf, reason="系统故障误记")).status == 303
    assert (await Ban.get()).lifted_at is not None
    [entry] = await AuditEntry.filter(action="booking_ban_lifted")
    assert (entry.reason, entry.hall_id) == ("系统故障误记", hall.id)
    assert (await manager.post(path, csrf=csrf, reason="系统故障误记")).status == 409


async def test_another_halls_bans_and_appeals_are_not_found(at_work: AtWork, hall: Hall) -> None:
    ban, _ = await a_ban(hall)
    appeal = await penalties.appeal(ban.subject_id, ban.subject_id, "请尽快处理")
    stranger = await at_work("stranger", Post(StaffRole.HALL_MANAGER, hall_id=(await make_hall("YX")).id))
    csrf = (await stranger.get(f"{HALLS}/")).field("csrf")
    said: dict[str, Any] = {"csrf": csrf, "reason": "不是我的大厅", "verdict": "upheld", "answer": "不是我的"}
    for path, name in ((f"{HALLS}/bans/{ban.id}", "reason"), (f"{HALLS}/appeals/{appeal.id}", "verdict")):
        assert (await stranger.get(path)).status == 404
        form = {"csrf": csrf, name: said[name]} | ({"answer": "不归我管的"} if name == "verdict" else {})
        assert (await stranger.post(path, **form)).status == 404
        assert path not in (await stranger.get(path.rpartition("/")[0])).text
    assert (await Ban.get()).lifted_at is None


async def test_a_number_is_found_without_reading_the_hall(hall: Hall) -> None:
    await make_past(hall, 3000)
    asked = Asked({"hall": hall.id, "number": "00000042"}, "starts_at", is_descending=True)
    statement, values = manager_lists.APPOINTMENTS.statement(asked)
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))
    assert "appointment_by_number" in plan
