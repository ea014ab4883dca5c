"""Halls are the business of their own managers, and what concerns all halls of the administrator."""

from functools import reduce

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.appointments import booking, schedule
from app.domain.appointments.models import BookingRules, ScheduleConflict
from app.domain.halls.models import Blackout, Counter, Hall, HallException
from app.kit.models import AuditEntry, OutboxEvent
from tests.console.conftest import AtWork
from tests.console.doors import DOORS
from tests.console.halls.conftest import HALLS, a_booking, change, go
from tests.factories.appointments import make_person, seat
from tests.factories.halls import open_every_day
from tests.public_account.h5.conftest import Browser


async def test_a_blackout_of_all_halls_is_the_administrators(
    at_work: AtWork, manager: Browser, hall: Hall, other: Hall
) -> None:
    await open_every_day(other)
    await schedule.apply(other.id)
    (slot, made), (_, far) = await a_booking(hall), await a_booking(other)
    admin = await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))
    path, said = f"{HALLS}/everywhere/blackouts", {"rule": "on", "on": slot.on.isoformat()}
    looked = await go(admin, path, "preview", **said)
    for text in (made.number, far.number, hall.name, other.name):
        assert text in looked.text
    assert not await Blackout.exists()
    later = await booking.book(seat(slot, await make_person()))
    again = await go(admin, path, "apply", seen=looked.field("seen"), **said)
    assert (again.status, later.number in again.text) == (409, True)
    done = await go(admin, path, "apply", seen=again.field("seen"), **said)
    assert (done.status, done.location) == (303, f"{HALLS}/everywhere?done=blackout")
    blackout = await Blackout.get()
    [event] = await OutboxEvent.filter(kind="hall_schedule_changed")
    assert event.payload == {"hall_id": None}, "slots of all halls follow by the worker"
    assert "消防演练" in (await manager.get(f"{HALLS}/{hall.id}")).text
    own = f"{HALLS}/{hall.id}/blackouts/{blackout.id}/drop"
    assert (await manager.get(own)).status == 404
    assert (await manager.get(path)).status == 403
    assert (await change(admin, f"{path}/{blackout.id}/drop")).status == 303
    assert not await Blackout.exists()


async def test_another_halls_manager_sees_none_of_it(at_work: AtWork, hall: Hall, other: Hall) -> None:
    slot, made = await a_booking(hall)
    counter = await Counter.filter(hall=hall).first()
    assert counter is not None
    stranger = await at_work("stranger", Post(StaffRole.HALL_MANAGER, hall_id=other.id))
    region = await at_work("region", Post(StaffRole.HALL_MANAGER, region_code="4401"))
    admin = await at_work("admin", Post(StaffRole.SYSTEM_ADMIN))
    blackout = await Blackout.create(hall=hall, is_first_workday=True, reason="征期")
    await HallException.create(hall=hall, on=slot.on, is_closed=True, reason="停电")
    places = {
        "<hall_id:int>": str(hall.id), "<counter_id:int>": str(counter.id), "<code:str>": "INVOICE",
        "<blackout_id:int>": str(blackout.id), "<on:str>": slot.on.isoformat(),
    }  # fmt: skip
    doors = [(method, path) for method, path in DOORS if path.startswith(f"{HALLS}/<hall_id:int>")]
    assert len(doors) > 30, "every route of the desk below a hall"
    csrf = (await stranger.get(f"{HALLS}/")).field("csrf")
    for method, door in doors:
        path = reduce(lambda known, place: known.replace(*place), places.items(), door)
        form = {"csrf": csrf, "reason": "不是我的大厅", "go": "apply"} if method == "POST" else None
        assert (await stranger(method, path, data=form)).status == 404, path
        if method == "GET":
            assert (await admin.get(path)).status == 200, path
            assert (await region.get(path)).status == 200, path
    assert not await AuditEntry.filter(reason="不是我的大厅").exists()
    crossed = f"{HALLS}/{other.id}/counters/{counter.id}"
    assert (await stranger.get(crossed)).status == 404, "a counter below a hall it is not of"
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
