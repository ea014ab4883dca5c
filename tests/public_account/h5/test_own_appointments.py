"""One's appointments on the pages: the list, moving, calendar, reminder, and a ban with its appeal."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from icalendar import Calendar

from app.domain.accounts import subscriptions
from app.domain.appointments import booking, penalties
from app.domain.appointments.booking import Booked
from app.domain.appointments.models import Appeal, Appointment, Ban, Slot, StrikeKind
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit.ids import uuid7
from config import messages, settings
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at
from tests.factories.messages import follow
from tests.public_account.h5.conftest import Browser

Own = tuple[Booked | Appointment, Slot]


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall(active_limit=50)


@pytest.fixture
async def own(hall: Hall, person_id: UUID) -> Own:
    slot = await make_slot(hall, capacity=2)
    return await booking.book(seat(slot, person_id)), slot


async def test_the_list_tells_the_coming_from_the_past(
    signed_in: Browser, hall: Hall, own: Own, person_id: UUID
) -> None:
    past = await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(14)), person_id))
    await booking.cancel(past.id, person_id)
    stranger = await booking.book(seat(own[1], await make_person()))
    page = (await signed_in.get("/h5/appointments")).text
    coming, _, gone = page.partition("过去的预约")
    assert str(own[0].id) in coming
    assert str(past.id) in gone
    assert str(stranger.id) not in page
    assert "1 次爽约或取消" in page


async def test_the_past_goes_on_page_by_page(signed_in: Browser, hall: Hall, person_id: UUID) -> None:
    for number in range(12):
        slot = await make_slot(hall, starts_at=tomorrow_at(9) + timedelta(minutes=number))
        made = await booking.book(seat(slot, person_id))
        await Appointment.filter(id=made.id).update(status="done")
    page = await signed_in.get("/h5/appointments")
    assert page.text.count('class="appointment"') == 10
    older = re.search(r'href="(/h5/appointments\?cursor=[0-9a-f-]{36})"', page.text)
    assert older is not None
    assert (await signed_in.get(older[1])).text.count('class="appointment"') == 2


async def test_moving_keeps_the_number_and_frees_the_seat(signed_in: Browser, hall: Hall, own: Own) -> None:
    made, slot = own
    other = await make_slot(hall, starts_at=tomorrow_at(15))
    path = f"/h5/appointments/{made.id}"
    choice = await signed_in.get(f"{path}/move")
    assert f"{path}/move/{other.id}" in choice.text
    assert f"{path}/move/{slot.id}?" not in choice.text, "it is the time one has already"
    page = await signed_in.get(f"{path}/move/{other.id}")
    assert "10:00–10:30" in page.text
    assert "15:00–15:30" in page.text
    moved = await signed_in.post(f"{path}/move/{other.id}", csrf=page.field("csrf"))
    assert (moved.status, moved.location) == (303, f"{path}?done=moved")
    shown = (await signed_in.get(moved.location)).text
    assert "改约成功" in shown
    assert made.number in shown
    assert (await Slot.get(id=slot.id)).booked == 0


async def test_what_cannot_be_moved_says_why_and_what_else_there_is(
    signed_in: Browser, hall: Hall, own: Own
) -> None:
    made, slot = own
    full = await make_slot(hall, starts_at=tomorrow_at(15))
    free = await make_slot(hall, starts_at=tomorrow_at(16))
    path = f"/h5/appointments/{made.id}/move"
    page = await signed_in.get(f"{path}/{full.id}")
    await booking.book(seat(full, await make_person()))
    late = await signed_in.post(f"{path}/{full.id}", csrf=page.field("csrf"))
    assert (late.status, "已约满" in late.text) == (409, True)
    assert f"{path}/{free.id}" in late.text
    same = await signed_in.post(f"{path}/{slot.id}", csrf=page.field("csrf"))
    assert (same.status, "相同" in same.text) == (409, True)
    assert 'name="csrf"' not in (await signed_in.get(f"{path}/{full.id}")).text, "it is full by now"
    with clock.frozen(slot.starts_at - timedelta(minutes=60)):
        assert "请致电大厅" in (await signed_in.get(path)).text
        too_late = await signed_in.post(f"{path}/{free.id}", csrf=page.field("csrf"))
    assert too_late.status == 409
    assert (await Appointment.get(id=made.id)).slot_id == slot.id


async def test_nobody_moves_or_saves_what_is_anothers(signed_in: Browser, hall: Hall, own: Own) -> None:
    stranger = await booking.book(seat(own[1], await make_person()))
    other = await make_slot(hall, starts_at=tomorrow_at(15))
    csrf = (await signed_in.get("/h5/")).field("csrf")
    path = f"/h5/appointments/{stranger.id}"
    for page in (
        await signed_in.get(f"{path}/move"),
        await signed_in.get(f"{path}/move/{other.id}"),
        await signed_in.post(f"{path}/move/{other.id}", csrf=csrf),
        await signed_in.get(f"{path}/calendar.ics"),
    ):
        assert page.status == 404
    assert (await Appointment.get(id=stranger.id)).slot_id == own[1].id


async def test_the_calendar_file_says_when(signed_in: Browser, own: Own) -> None:
    file = await signed_in.get(f"/h5/appointments/{own[0].id}/calendar.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "attachment" in file.headers["content-disposition"]
    [event] = Calendar.from_ical(file.text).walk("VEVENT")
    assert event.decoded("dtstart") == own[1].starts_at


async def test_only_whom_no_reminder_reaches_is_asked_to_follow(
    signed_in: Browser, own: Own, person_id: UUID
) -> None:
    path = f"/h5/appointments/{own[0].id}"
    assert "到时要提醒您吗" in (await signed_in.get(f"{path}?done=booked")).text
    assert "到时要提醒您吗" not in (await signed_in.get(path)).text, "it is asked once, after booking"
    await follow(person_id, "o-follower")
    assert "到时要提醒您吗" not in (await signed_in.get(f"{path}?done=booked")).text


async def test_consent_in_the_mini_program_to_this_message_is_a_way_too(
    signed_in: Browser, own: Own, person_id: UUID
) -> None:
    path, kinds = f"/h5/appointments/{own[0].id}?done=booked", messages.current()
    for message, is_asked in (("case_followed", True), ("appointment_reminder", False)):
        template_id = kinds[message].mp_template_id
        await subscriptions.grant(
            person_id, settings.current().mp_appid, [template_id], reported_by="callback", occasion=message
        )
        assert ("到时要提醒您吗" in (await signed_in.get(path)).text) == is_asked


@pytest.fixture
async def ban(person_id: UUID) -> Ban:
    now = clock.now()
    return await Ban.create(
        subject_id=person_id, reason=StrikeKind.NO_SHOW, starts_at=now, ends_at=now + timedelta(days=30)
    )


async def test_a_ban_is_told_and_appealed_against(signed_in: Browser, ban: Ban, person_id: UUID) -> None:
    page = await signed_in.get("/h5/appointments")
    assert "暂停预约" in page.text
    short = await signed_in.post("/h5/appointments/appeal", csrf=page.field("csrf"), text="病了")
    assert short.status == 422
    assert 'aria-invalid="true"' in short.text
    assert ">病了</textarea>" in short.text, "what was typed stays"
    done = await signed_in.post("/h5/appointments/appeal", csrf=page.field("csrf"), text="那天孩子急病住院")
    assert done.location == "/h5/appointments?done=appealed"
    assert "申诉已提交" in (await signed_in.get(done.location)).text
    [made] = await Appeal.all()
    assert (made.person_id, made.ban_id, made.text) == (person_id, ban.id, "那天孩子急病住院")
    again = await signed_in.post("/h5/appointments/appeal", csrf=page.field("csrf"), text="再说一遍理由")
    assert (again.status, "正在处理" in again.text) == (409, True)
    await penalties.decide_appeal(made.id, uuid7(), is_upheld=True, answer="病历属实，限制解除")
    answered = (await signed_in.get("/h5/appointments")).text
    assert "病历属实，限制解除" in answered, "the message says that the answer stands here"
    assert "暂停预约" not in answered


async def test_without_a_ban_there_is_nothing_to_appeal(signed_in: Browser, db: None) -> None:
    csrf = (await signed_in.get("/h5/")).field("csrf")
    refused = await signed_in.post("/h5/appointments/appeal", csrf=csrf, text="没有被限制也来申诉")
    assert (refused.status, "没有可以申诉" in refused.text) == (404, True)
