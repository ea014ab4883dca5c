"""Following and scanning: a welcome, and the story of a code goes on where it was broken off."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.domain.accounts import followers, scenes
from app.domain.accounts.scene_models import SceneKind
from app.domain.appointments import booking
from app.domain.appointments.models import Appointment, AppointmentStatus
from app.domain.catalogue import publishing
from app.domain.catalogue.models import Guide
from app.kit import clock
from tests.factories.appointments import make_hall, make_slot, seat
from tests.factories.guides import guide_text
from tests.public_account.conftest import Platform


async def booked(platform: Platform, name: str = "zhang", **slot: int) -> UUID:
    """An appointment of a follower, whose slot begins in ten minutes."""
    person_id = await followers.record_follow(
        platform.account.appid, platform.openid(name), None, clock.now() - timedelta(hours=1)
    )
    starts_at = clock.now() + timedelta(minutes=10)
    open_slot = await make_slot(await make_hall(), starts_at=starts_at, bookable_until=starts_at)
    return (await booking.book(seat(open_slot, person_id))).id


async def check_in_scene(appointment_id: UUID) -> str:
    return await scenes.make_scene(
        SceneKind.CHECK_IN, {"appointment_id": str(appointment_id)}, expires_in=timedelta(hours=1)
    )


async def test_stranger_is_welcomed_and_told_what_one_can_say(platform: Platform) -> None:
    heard = await platform.hear(platform.event("subscribe"))
    assert "欢迎关注" in heard.text
    assert "我的预约" in heard.text
    assert "data-miniprogram-path" in heard.text


async def test_known_person_is_welcomed_back(platform: Platform) -> None:
    await platform.client.log_in("zhang")
    assert "欢迎回来" in (await platform.hear(platform.event("subscribe"))).text


async def test_who_follows_by_a_poster_sees_that_halls_seats(platform: Platform) -> None:
    hall = await make_hall()
    await make_slot(hall, capacity=4)
    short = await scenes.make_scene(SceneKind.HALL_POSTER, {"hall_id": hall.id}, expires_in=None)
    heard = await platform.hear(platform.event("subscribe", key=f"qrscene_{short}"))
    assert "天河区办税服务厅" in heard.text
    assert "余4" in heard.text
    assert "余4" in (await platform.hear(platform.event("SCAN", key=short))).text


async def test_who_comes_for_reminders_is_told_they_come_here(platform: Platform) -> None:
    short = await scenes.make_scene(SceneKind.REMINDERS, {}, expires_in=None)
    for event in (
        platform.event("subscribe", key=f"qrscene_{short}"),
        platform.event("SCAN", key=short, at=1),
    ):
        heard = await platform.hear(event)
        assert "提醒会发到这里" in heard.text
        assert "/h5/me/messages" in heard.text


async def test_scan_checks_in_once(platform: Platform) -> None:
    appointment_id = await booked(platform)
    short = await check_in_scene(appointment_id)
    heard = await platform.hear(platform.event("SCAN", key=short))
    assert "已签到" in heard.text
    assert (await Appointment.get(id=appointment_id)).status is AppointmentStatus.CHECKED_IN
    again = await platform.hear(platform.event("SCAN", key=short, at=1))
    assert again.text == heard.text


async def test_scan_too_early_says_when(platform: Platform) -> None:
    person_id = await followers.record_follow(platform.account.appid, platform.openid(), None, clock.now())
    taken = await booking.book(seat(await make_slot(await make_hall()), person_id))
    heard = await platform.hear(platform.event("SCAN", key=await check_in_scene(taken.id)))
    assert "还未到签到时间" in heard.text
    assert (await Appointment.get(id=taken.id)).status is AppointmentStatus.BOOKED


async def test_scan_of_another_persons_code_checks_nobody_in(platform: Platform) -> None:
    appointment_id = await booked(platform, "li")
    await followers.record_follow(platform.account.appid, platform.openid(), None, clock.now())
    heard = await platform.hear(platform.event("SCAN", key=await check_in_scene(appointment_id)))
    assert "没有找到这个预约" in heard.text
    assert (await Appointment.get(id=appointment_id)).status is AppointmentStatus.BOOKED


async def test_stranger_who_scans_is_told_what_is_missing(platform: Platform) -> None:
    appointment_id = await booked(platform, "li")
    heard = await platform.hear(platform.event("SCAN", key=await check_in_scene(appointment_id)))
    assert "登录" in heard.text


async def test_code_of_a_guide_opens_it(platform: Platform) -> None:
    await publishing.publish([guide_text("invoicing", "个体工商户代开发票")])
    guide = await Guide.get(code="invoicing")
    short = await scenes.make_scene(SceneKind.GUIDE, {"guide_id": guide.id}, expires_in=None)
    heard = await platform.hear(platform.event("SCAN", key=short))
    assert heard.kind == "news"
    assert heard.fields["Articles"]["item"]["Url"].endswith(f"/h5/guides/{guide.id}")


async def test_unknown_or_expired_code_says_so(platform: Platform) -> None:
    for key in ("", "nosuchcode", "qrscene_nosuchcode", "'; --", "x" * 64):
        assert "过期" in (await platform.hear(platform.event("SCAN", key=key))).text


async def test_mini_programs_customer_is_greeted_by_message(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    assert (await mini.hear(mini.event("user_enter_tempsession"))).kind == "none"
