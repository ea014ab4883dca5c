"""预约: a hall is found, its next free seats are listed, and each link books one."""

import re
from datetime import timedelta

from app.domain.accounts import followers
from app.domain.appointments import booking
from app.domain.appointments.models import BookingRules
from app.domain.halls.models import Business, Hall, HallBusiness
from app.gateways.wechat.replies import MOST_BYTES
from app.kit import cache
from config import settings
from tests.factories.appointments import BUSINESS, make_hall, make_slot, seat, tomorrow_at
from tests.public_account.conftest import Platform

PLACE = "<Location_X>23.13</Location_X><Location_Y>113.36</Location_Y><Scale>16</Scale><Label>天河</Label>"


async def hall_with_seats(code: str = "TH", *, name: str = "天河区办税服务厅", **facts: str) -> Hall:
    hall = await make_hall(code)
    await Hall.filter(id=hall.id).update(name=name, pinyin="tianhequbanshuifuwuting", initials="thq", **facts)
    await make_slot(hall, capacity=5, starts_at=tomorrow_at(10))
    return hall


async def test_seats_of_a_hall_named_are_listed_with_links_that_book(platform: Platform) -> None:
    hall = await hall_with_seats()
    full = await make_slot(hall, starts_at=tomorrow_at(9), booked=1)
    heard = await platform.say("预约 天河")
    assert "天河区办税服务厅" in heard.text
    assert "余5" in heard.text
    assert "发票业务" in heard.text
    assert f"slot={full.id}" not in heard.text
    (link,) = re.findall(
        r'<a href="([^"]+)" data-miniprogram-appid="(\w+)" data-miniprogram-path="([^"]+)">', heard.text
    )
    slot_id = int(link[0].rpartition("/")[2].partition("?")[0])
    assert link == (
        f"{settings.current().public_url}/h5/slots/{slot_id}?business={BUSINESS}",
        settings.current().mp_appid,
        f"pages/booking/index?hall={hall.id}&business={BUSINESS}&slot={slot_id}",
    )


async def test_hall_is_found_however_it_is_said(platform: Platform) -> None:
    await hall_with_seats()
    for words in ("預約　天河", "我要预约天河", "预约办税 TIANHE", "预约 thq", "预约 发票 天河"):
        assert "余5" in (await platform.say(words)).text, words


async def test_location_sent_leads_to_the_nearest_hall(platform: Platform) -> None:
    await hall_with_seats()
    await hall_with_seats("BY", name="白云区办税服务厅", latitude="23.200000")
    near = (await platform.hear(platform.message("location", PLACE))).text
    assert near.index("天河区") < near.index("白云区")
    assert "公里" in near
    heard = await platform.say("预约")
    assert "天河区办税服务厅" in heard.text
    assert "白云区" not in heard.text


async def test_location_is_kept_coarse_sealed_and_briefly(platform: Platform) -> None:
    told = "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>9</Precision>"
    assert (await platform.hear(platform.event("LOCATION", told))).kind == "none"
    (key,) = await cache.client().keys("talk:*")
    kept = await cache.client().get(key)
    assert kept is not None
    assert b"23.1" not in kept
    assert 0 < await cache.client().ttl(key) <= 30 * 60


async def test_hall_visited_last_is_the_usual_one(platform: Platform) -> None:
    hall = await hall_with_seats()
    await platform.hear(platform.event("subscribe"))
    person_id = await followers.person_behind(platform.account.appid, platform.openid())
    assert person_id is not None
    await booking.book(seat(await make_slot(hall, starts_at=tomorrow_at(15)), person_id))
    assert "天河区办税服务厅" in (await platform.say("预约")).text


async def test_stranger_without_a_place_is_asked_where(platform: Platform) -> None:
    heard = await platform.say("预约")
    assert "发送位置" in heard.text
    assert "预约 大厅名称" in heard.text


async def test_one_of_several_halls_is_chosen_by_its_number(platform: Platform) -> None:
    await hall_with_seats()
    await hall_with_seats("TH2", name="天河区政务服务中心")
    listed = await platform.say("预约 天河")
    assert "1. 天河区办税服务厅" in listed.text
    assert "2. 天河区政务服务中心" in listed.text
    assert "1 到 2" in (await platform.say("7")).text
    assert "【天河区政务服务中心】" in (await platform.say("2")).text
    assert "【" not in (await platform.say("1")).text  # The question is settled.


async def test_full_hall_says_so(platform: Platform) -> None:
    hall = await make_hall()
    await make_slot(hall, capacity=1, booked=1)
    assert "约满" in (await platform.say("预约 天河")).text


async def test_hall_without_any_slot_says_so(platform: Platform) -> None:
    await make_hall()
    heard = await platform.say("预约 天河")
    assert "没有可预约的时段" in heard.text
    assert "020-00000000" in heard.text


async def test_hall_that_takes_no_bookings_says_so(platform: Platform) -> None:
    hall = await make_hall()
    await BookingRules.filter(hall_id=hall.id).delete()
    assert "不开放网上预约" in (await platform.say("预约 天河")).text


async def test_unknown_hall_is_answered_with_a_way_out(platform: Platform) -> None:
    heard = await platform.say("预约 火星<a>")
    assert "没有找到" in heard.text
    assert "发送位置" in heard.text
    assert "<a" not in heard.text


async def test_list_fits_one_message_and_gives_every_business_its_first_seat(platform: Platform) -> None:
    hall = await make_hall()
    for n in range(4):
        name = f"很长的业务名称第{n}种"
        await Business.create(
            code=f"B{n}", name=name, pinyin="", initials="", handling_minutes=9, position=n + 1
        )
        await HallBusiness.create(hall=hall, business_id=f"B{n}")
        for turn in range(4):
            await make_slot(
                hall, 3, business_id=f"B{n}", starts_at=tomorrow_at(9) + turn * timedelta(minutes=30)
            )
    heard = await platform.say("预约 天河")
    assert len(heard.text.encode()) <= MOST_BYTES
    for n in range(4):
        assert f"第{n}种" in heard.text
    assert heard.text.count("<a ") == heard.text.count("</a>") >= 5


async def test_one_business_is_shown_alone(platform: Platform) -> None:
    hall = await hall_with_seats()
    await Business.create(
        code="SOCIAL", name="社保业务", pinyin="", initials="", handling_minutes=9, position=2
    )
    await HallBusiness.create(hall=hall, business_id="SOCIAL")
    await make_slot(hall, 3, business_id="SOCIAL", starts_at=tomorrow_at(14))
    heard = await platform.say("预约 天河 社保")
    assert "社保业务" in heard.text
    assert "发票业务" not in heard.text
