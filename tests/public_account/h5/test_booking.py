"""Booking on the pages: what is seen, what is taken, and what a refusal says."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.appointments import booking
from app.domain.appointments.models import Appointment, Slot
from app.domain.halls.models import Hall
from app.kit import clock
from tests.factories.appointments import BUSINESS, make_hall, make_person, make_slot, seat, tomorrow_at
from tests.public_account.h5.conftest import Browser, Page


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall()


@pytest.fixture
async def slot(hall: Hall) -> Slot:
    return await make_slot(hall, capacity=2)


def address_of(slot: Slot) -> str:
    return f"/h5/slots/{slot.id}?business={BUSINESS}"


async def submit(browser: Browser, slot: Slot, page: Page) -> Page:
    return await browser.post(
        f"/h5/slots/{slot.id}", csrf=page.field("csrf"), business=BUSINESS, key=page.field("key")
    )


async def test_the_page_says_what_will_be_booked(signed_in: Browser, slot: Slot) -> None:
    page = await signed_in.get(address_of(slot))
    start = slot.starts_at.astimezone(clock.SHANGHAI)
    assert page.status == 200
    for words in ("天河区办税服务厅", "发票业务", f"{start.month}月{start.day}日", "10:00–10:30", "本人"):
        assert words in page.text
    assert "<dt>剩余名额</dt><dd>2</dd>" in page.text
    assert await Appointment.all().count() == 0, "looking books nothing"


async def test_booking_from_the_page_takes_a_seat(signed_in: Browser, slot: Slot, person_id: UUID) -> None:
    booked = await submit(signed_in, slot, await signed_in.get(address_of(slot)))
    made = await Appointment.get(person_id=person_id)
    assert (booked.status, booked.location) == (303, f"/h5/appointments/{made.id}?done=booked")
    assert made.channel == "WX_OA"
    shown = await signed_in.get(booked.location)
    for words in ("预约成功", made.number, "待办理", "<svg", "确认取消"):
        assert words in shown.text
    assert "待办理" in (await signed_in.get("/h5/")).text


async def test_a_double_tap_books_once(signed_in: Browser, slot: Slot) -> None:
    page = await signed_in.get(address_of(slot))
    taps = await asyncio.gather(*(submit(signed_in, slot, page) for _ in range(5)))
    assert {tap.status for tap in taps} == {303}
    assert len({tap.location for tap in taps}) == 1
    assert await Appointment.all().count() == 1
    assert (await Slot.get(id=slot.id)).booked == 1


async def test_a_full_slot_shows_what_is_free_instead(signed_in: Browser, hall: Hall) -> None:
    slot = await make_slot(hall, capacity=1)
    free = await make_slot(hall, starts_at=tomorrow_at(15))
    page = await signed_in.get(address_of(slot))
    await booking.book(seat(slot, await make_person()))
    late = await submit(signed_in, slot, page)
    assert (late.status, "已约满" in late.text) == (409, True)
    assert address_of(free) in late.text
    again = await signed_in.get(address_of(slot))
    assert "请选择下面的其他时段" in again.text
    assert 'name="key"' not in again.text, "what cannot be had is not offered"


async def test_a_refusal_is_told_in_words(signed_in: Browser, slot: Slot, hall: Hall) -> None:
    await submit(signed_in, slot, await signed_in.get(address_of(slot)))
    other = await make_slot(hall, starts_at=tomorrow_at(11))
    refused = await submit(signed_in, other, await signed_in.get(address_of(other)))
    assert (refused.status, "无需重复预约" in refused.text) == (409, True)


@pytest.mark.parametrize("path", ["/h5/slots/999999?business=INVOICE", "/h5/slots/0?business=INVOICE"])
async def test_an_unknown_slot_is_told_as_a_page(signed_in: Browser, path: str) -> None:
    page = await signed_in.get(path)
    assert (page.status, "没有找到" in page.text) == (404, True)
    assert page.headers["content-type"].startswith("text/html")


async def test_a_slot_is_for_its_own_business(signed_in: Browser, slot: Slot) -> None:
    assert (await signed_in.get(f"/h5/slots/{slot.id}?business=OTHER")).status == 422


async def test_cancelling_from_the_page_frees_the_seat(
    signed_in: Browser, slot: Slot, person_id: UUID
) -> None:
    booked = await submit(signed_in, slot, await signed_in.get(address_of(slot)))
    page = await signed_in.get(booked.location)
    path = booked.location.partition("?")[0]
    cancelled = await signed_in.post(f"{path}/cancel", csrf=page.field("csrf"))
    assert cancelled.location == f"{path}?done=cancelled"
    shown = await signed_in.get(cancelled.location)
    assert "已取消" in shown.text
    assert "<svg" not in shown.text, "a pass is for an appointment to be attended"
    twice = await signed_in.post(f"{path}/cancel", csrf=page.field("csrf"))
    assert (twice.status, "不能再操作" in twice.text) == (409, True)
    assert (await Slot.get(id=slot.id)).booked == 0
    assert (await Appointment.get(person_id=person_id)).status == "cancelled"


async def test_after_the_deadline_there_is_no_cancelling(signed_in: Browser, slot: Slot) -> None:
    booked = await submit(signed_in, slot, await signed_in.get(address_of(slot)))
    page = await signed_in.get(booked.location)
    with clock.frozen(slot.starts_at - timedelta(minutes=60)):
        path = booked.location.partition("?")[0]
        assert "确认取消" not in (await signed_in.get(path)).text
        late = await signed_in.post(f"{path}/cancel", csrf=page.field("csrf"))
    assert (late.status, "请致电大厅" in late.text) == (409, True)


async def test_somebody_elses_appointment_is_not_found(signed_in: Browser, slot: Slot) -> None:
    made = await booking.book(seat(slot, await make_person()))
    home = await signed_in.get("/h5/")
    for page in (
        await signed_in.get(f"/h5/appointments/{made.id}"),
        await signed_in.get(f"/h5/appointments/{made.id}/code"),
        await signed_in.post(f"/h5/appointments/{made.id}/cancel", csrf=home.field("csrf")),
    ):
        assert page.status == 404
    assert (await Appointment.get(id=made.id)).status == "booked"


async def test_a_hall_shows_its_free_times_to_anyone(browser: Browser, hall: Hall, slot: Slot) -> None:
    full = await make_slot(hall, capacity=0, starts_at=tomorrow_at(14))
    page = await browser.get(f"/h5/halls/{hall.id}")
    assert page.status == 200
    assert address_of(slot) in page.text
    assert address_of(full) not in page.text
    assert hall.name in (await browser.get("/h5/halls?q=天河")).text
    assert "没有找到大厅" in (await browser.get("/h5/halls?q=没有这个厅")).text


async def test_the_home_page_offers_what_is_open(signed_in: Browser) -> None:
    home = (await signed_in.get("/h5/")).text
    assert '<a href="/h5/halls">预约办税</a>' in home
    assert "证明打印<small>尚未开通</small>" in home
    assert "到办税服务厅窗口打印" in home, "what is not open says the way out"
