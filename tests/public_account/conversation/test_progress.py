"""进度: a number leads to a query code, a query code to the case, and nobody guesses."""

from datetime import datetime, timedelta
from uuid import UUID

from app.domain.accounts import followers
from app.domain.appointments import booking
from app.domain.cases.models import CaseState
from app.kit import cache, clock
from tests.factories.appointments import make_hall, make_person, make_slot, seat
from tests.factories.cases import CODE, make_case
from tests.public_account.conftest import Platform


async def known_person(platform: Platform, name: str = "zhang") -> UUID:
    """Somebody who follows, and therefore is a person."""
    return await followers.record_follow(platform.account.appid, platform.openid(name), None, clock.now())


async def test_case_is_told_to_whoever_knows_its_code(platform: Platform) -> None:
    case = await make_case(CaseState.ACCEPTED, CaseState.REVIEW)
    asked = await platform.say(f"进度 {case.number}")
    assert "查询码" in asked.text
    heard = await platform.say(CODE.lower())
    assert "食品经营许可（新办）" in heard.text
    assert "审核" in heard.text
    assert "查询码" not in (await platform.say("帮助")).text


async def test_number_is_known_by_itself_and_however_it_is_dressed(platform: Platform) -> None:
    case = await make_case()
    for dressed in ("{}", "查询進度：{}", " {} ", "我要查进度{}"):
        assert f"办件 {case.number}" in (await platform.say(dressed.format(case.number.lower()))).text


async def test_wrong_code_and_wrong_number_sound_alike_and_lock(platform: Platform) -> None:
    case = await make_case()
    await platform.say(f"进度 {case.number}")
    wrong_code = await platform.say("AAAAAA")
    await platform.say(f"进度 {case.number[:-4]}9999")
    assert (await platform.say("AAAAAA")).text == wrong_code.text
    for _ in range(3):
        await platform.say("BBBBBB")
    locked = await platform.say(CODE)
    assert "已暂停查询" in locked.text
    assert f"{clock.now() + timedelta(minutes=30):%H:}" in locked.text


async def test_question_is_forgotten_after_five_minutes(platform: Platform) -> None:
    case = await make_case()
    await platform.say(f"进度 {case.number}")
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        assert "食品经营" not in (await platform.say(CODE)).text


async def test_lost_memory_only_costs_asking_again(platform: Platform) -> None:
    case = await make_case()
    await platform.say(f"进度 {case.number}")
    await cache.client().flushall()
    heard = await platform.say(CODE)
    assert heard.kind == "text"
    assert "食品经营" not in heard.text


async def test_another_persons_question_is_not_mine(platform: Platform) -> None:
    case = await make_case()
    await platform.say(f"进度 {case.number}", name="li")
    assert "食品经营" not in (await platform.say(CODE)).text


async def test_without_a_number_everything_of_ones_own_is_told(platform: Platform) -> None:
    person_id = await known_person(platform)
    await make_case(CaseState.ACCEPTED, person_id=person_id)
    heard = await platform.say("进度")
    assert "食品经营许可（新办）" in heard.text
    assert "受理" in heard.text


async def test_stranger_is_told_how_to_ask(platform: Platform) -> None:
    assert "进度 办件编号" in (await platform.say("进度")).text


async def test_nonsense_for_a_number_is_told_how_to_ask(platform: Platform) -> None:
    assert "没有看懂" in (await platform.say("进度 12")).text


async def test_own_appointments_are_told_the_next_first(platform: Platform) -> None:
    person_id = await known_person(platform)
    hall = await make_hall()
    later = await booking.book(seat(await make_slot(hall, starts_at=_at(3)), person_id))
    sooner = await booking.book(seat(await make_slot(hall, starts_at=_at(2)), person_id))
    for words in ("我的预约", "查询我的预约", "取消预约"):
        heard = await platform.say(words)
        assert heard.text.index(sooner.number) < heard.text.index(later.number)
        assert "待办理" in heard.text
        assert f"pages/appointments/detail?id={sooner.id}" in heard.text
    assert "天河区办税服务厅" in (await platform.say(sooner.number)).text


async def test_without_any_the_way_to_one_is_told(platform: Platform) -> None:
    assert "回复“预约”" in (await platform.say("我的预约")).text


async def test_number_of_another_persons_appointment_tells_nothing(platform: Platform) -> None:
    hall = await make_hall()
    booked = await booking.book(seat(await make_slot(hall), await make_person()))
    await known_person(platform)
    heard = await platform.say(booked.number)
    assert "没有这个预约号" in heard.text
    assert "天河区" not in heard.text


def _at(days: int) -> datetime:
    return (clock.now() + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
