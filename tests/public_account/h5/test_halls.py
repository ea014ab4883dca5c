"""Finding a hall: by words, region and nearness; how busy it is; and its own page."""

import asyncio
import logging
import re
import time

import pytest

from app.domain.appointments import booking, house_rules
from app.domain.appointments.models import Appointment, BookingRules
from app.domain.halls.models import Hall, Region
from app.kit import clock
from app.kit.web import observation
from app.kit.web.pages import prints
from tests.factories.appointments import make_hall, make_person, make_slot, seat, tomorrow_at
from tests.public_account.h5.conftest import Browser


@pytest.fixture
async def halls(db: None) -> tuple[Hall, Hall]:
    """One hall in Tianhe, one in Foshan, thirty kilometres away."""
    near = await make_hall()
    for code, name, parent in (("44", "广东省", None), ("4401", "广州市", "44"), ("4406", "佛山市", "44")):
        await Region.create(
            code=code, name=name, level=len(code) // 2, parent_code=parent, pinyin="", initials=""
        )
    await Region.filter(code="440106").update(parent_code="4401")
    far = await make_hall("FS")
    await Hall.filter(id=far.id).update(
        name="佛山市办税服务厅", region_id="4406", latitude="23.02", longitude="113.12"
    )
    return near, far


def order(text: str, *halls: Hall) -> list[int]:
    listed = [int(found) for found in re.findall(r'class="entry" href="/h5/halls/(\d+)"', text)]
    return [one for one in listed if one in {hall.id for hall in halls}]


async def test_the_nearest_comes_first_with_its_distance(browser: Browser, halls: tuple[Hall, Hall]) -> None:
    near, far = halls
    page = (await browser.get("/h5/halls?near=23.03,113.12")).text
    assert order(page, near, far) == [far.id, near.id]
    assert "1.1 公里" in page
    assert "公里" not in (await browser.get("/h5/halls")).text


async def test_a_region_shows_its_own_halls_and_what_lies_below(
    browser: Browser, halls: tuple[Hall, Hall]
) -> None:
    near, far = halls
    whole = (await browser.get("/h5/halls")).text
    for region in ("44", "4401", "4406"):
        assert f'/h5/halls?region={region}"' in whole, "the only province is passed by itself"
    foshan = (await browser.get("/h5/halls?region=4406")).text
    assert order(foshan, near, far) == [far.id]
    assert 'region=4406" aria-current="true"' in foshan


async def test_what_was_asked_is_kept_when_words_are_added(
    browser: Browser, halls: tuple[Hall, Hall]
) -> None:
    page = await browser.get("/h5/halls?region=4406&near=23.03,113.12")
    assert (page.field("region"), page.field("near")) == ("4406", "23.03,113.12")


@pytest.mark.parametrize("query", ["near=91,0", "near=x", "region=%3Cb%3E", "cursor=nonsense"])
async def test_what_makes_no_sense_is_told_as_a_page(browser: Browser, query: str) -> None:
    page = await browser.get(f"/h5/halls?{query}")
    assert page.status in (400, 422)
    assert page.headers["content-type"].startswith("text/html")


async def test_a_long_list_goes_on(browser: Browser, db: None) -> None:
    made = [await make_hall(f"H{n}") for n in range(21)]
    first = (await browser.get("/h5/halls?near=23.03,113.12")).text
    more = re.search(r'href="(/h5/halls\?[^"]*cursor=[^"]+)"', first)
    assert more is not None
    rest = (await browser.get(more[1].replace("&amp;", "&"))).text
    assert sorted(order(first, *made) + order(rest, *made)) == [hall.id for hall in made]


async def test_waiting_and_free_seats_are_told(browser: Browser, halls: tuple[Hall, Hall]) -> None:
    hall, _ = halls
    slot = await make_slot(hall, capacity=5)
    await make_slot(hall, capacity=7, starts_at=tomorrow_at(15))
    made = await booking.book(seat(slot, await make_person()))
    page = (await browser.get("/h5/halls")).text
    assert "今天没有余号" in page
    assert "余 11" in page
    prints.forget()
    with clock.frozen(tomorrow_at(9)):
        await Appointment.filter(id=made.id).update(status="checked_in")
        for path in ("/h5/halls", f"/h5/halls/{hall.id}"):
            page = (await browser.get(path)).text
            assert "1 人等候" in page
            assert "今天余 11" in page


async def test_a_rush_on_a_hall_prints_it_once_and_a_seat_taken_shows_seconds_later(
    browser: Browser, signed_in: Browser, halls: tuple[Hall, Hall], monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, _ = halls
    slot = await make_slot(hall, capacity=5)
    path = f"/h5/halls/{hall.id}"
    pages = await asyncio.gather(*(one.get(path) for one in [browser, signed_in] * 10))
    assert len({page.text for page in pages}) == 1, "nothing on it is anybody's own"
    await booking.book(seat(slot, await make_person()))
    assert (await browser.get(path)).text == pages[0].text
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + 2)
    page = (await browser.get(path)).text
    assert ("余 4" in page, "余 5" in page) == (True, False)


async def test_where_somebody_is_stays_nowhere(browser: Browser, halls: tuple[Hall, Hall]) -> None:
    await browser.get("/h5/halls?near=23.03,113.12")
    assert len(prints._kept) == 0
    await browser.get("/h5/halls")
    assert len(prints._kept) == 1


async def test_a_hall_is_booked_in_three_taps(signed_in: Browser, halls: tuple[Hall, Hall]) -> None:
    hall, _ = halls
    await make_slot(hall)
    page = await signed_in.get(f"/h5/halls/{hall.id}")
    time = re.search(r'href="(/h5/slots/[^"]+)"', page.text)
    assert time is not None
    slot = await signed_in.get(time[1])
    booked = await signed_in.post(
        time[1].partition("?")[0],
        csrf=slot.field("csrf"), key=slot.field("key"), business=slot.field("business"),
    )  # fmt: skip
    assert booked.location.endswith("?done=booked")


async def test_a_hall_without_rules_takes_no_bookings(browser: Browser, halls: tuple[Hall, Hall]) -> None:
    hall, _ = halls
    await make_slot(hall)
    await BookingRules.filter(hall_id=hall.id).delete()
    house_rules.forget()
    page = (await browser.get(f"/h5/halls/{hall.id}")).text
    assert "暂不接受预约" in page
    assert "/h5/slots/" not in page


async def test_a_place_is_kept_by_no_browser_and_no_log(
    browser: Browser, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observation, "_SLOW_S", 0)
    with caplog.at_level(logging.DEBUG):
        page = await browser.get("/h5/halls?near=23.031,113.121")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "/h5/halls 200" in caplog.text, "a slow answer is logged"
    assert "23.03" not in caplog.text
