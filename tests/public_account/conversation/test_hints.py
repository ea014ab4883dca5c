"""Whatever comes, somebody answers; and a person, when one is there."""

from datetime import datetime

import pytest

from app.kit import clock
from app.kit.clock import SHANGHAI
from app.public_account import router
from app.public_account.conversation.talk import Talk
from config import menus, settings
from tests.public_account.conftest import Platform

UNUSUAL = (
    ("voice", "<MediaId>m</MediaId><Format>amr</Format><Recognition></Recognition>"),
    ("video", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>"),
    ("shortvideo", "<MediaId>m</MediaId>"),
    ("image", "<PicUrl>http://x/</PicUrl><MediaId>m</MediaId>"),
    ("link", "<Title>t</Title><Description>d</Description><Url>http://x/</Url>"),
    ("location", "<Location_X>no</Location_X>"),
    ("file", "<Title>a.pdf</Title>"),
    ("somethingnew", ""),
    ("text", ""),
    ("text", "<Content><b>nested</b></Content>"),
    ("text", "<Content>[微笑]</Content>"),
    ("text", "<Content>😀😀</Content>"),
    ("text", f"<Content>{'税' * 2000}</Content>"),
    ("text", "<Content>'; DROP TABLE guide; -- %s %(x)s {0} \\ ( * : &amp; !</Content>"),
)
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


async def test_help_says_what_one_can_say(platform: Platform) -> None:
    for words in ("帮助", "？", "?", "菜单", "幫助", "你好", "ＨＥＬＰ", "。", ""):
        heard = await platform.say(words)
        assert "我的预约" in heard.text, words
        assert "人工" in heard.text


async def test_nothing_is_met_with_silence(platform: Platform) -> None:
    for kind, more in UNUSUAL:
        heard = await platform.hear(platform.message(kind, more))
        assert heard.kind == "text", (kind, more)
        assert heard.text


async def test_voice_is_understood_by_what_wechat_heard(platform: Platform) -> None:
    more = "<MediaId>m</MediaId><Format>amr</Format><Recognition>帮助。</Recognition>"
    assert "我的预约" in (await platform.hear(platform.message("voice", more))).text


async def test_somebody_who_floods_us_is_asked_to_wait(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = settings.current().model_copy(update={"conversation_per_minute": 3})
    monkeypatch.setattr("app.public_account.answering.settings.current", lambda: few)
    heard = [await platform.say("帮助") for _ in range(4)]
    assert "我的预约" in heard[2].text
    assert "太快" in heard[3].text
    assert "我的预约" in (await platform.say("帮助", name="li")).text


async def test_handler_that_fails_is_told_in_words(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Talk) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(router, "find", fail)
    heard = await platform.say("预约")
    assert "稍后重试" in heard.text
    assert "secret" not in heard.text


async def test_conversation_is_handed_over_in_working_hours(platform: Platform) -> None:
    with clock.frozen(MONDAY):
        assert (await platform.say("转人工")).kind == "transfer_customer_service"


async def test_outside_of_them_it_is_said_when(platform: Platform) -> None:
    for at, when in (
        (MONDAY.replace(hour=12, minute=30), "11月23日"),
        (MONDAY.replace(hour=20), "11月24日"),
        (MONDAY.replace(day=22), "11月23日"),
    ):
        with clock.frozen(at):
            heard = await platform.say("人工客服")
        assert heard.kind == "text"
        assert when in heard.text
        assert "09:00-12:00" in heard.text


async def test_buttons_say_what_they_stand_for(platform: Platform) -> None:
    for function in menus.current().functions:
        heard = await platform.hear(platform.event("CLICK", key=function.code))
        assert heard.kind in ("text", "transfer_customer_service"), function
        if not function.is_open:
            assert "尚未开通" in heard.text
    assert "编号" in (await platform.hear(platform.event("CLICK", key="case_progress"))).text


async def test_a_button_of_an_older_menu_leads_to_the_page_it_opens_now(platform: Platform) -> None:
    heard = await platform.hear(platform.event("CLICK", key="credit_rating"))
    assert '/h5/credit">信用查询</a>' in heard.text


async def test_unknown_button_is_answered_with_help(platform: Platform) -> None:
    assert "我的预约" in (await platform.hear(platform.event("CLICK", key="gone"))).text


async def test_other_events_are_only_counted(platform: Platform) -> None:
    for event in ("VIEW", "view_miniprogram", "scancode_push", "some_future_event"):
        assert (await platform.hear(platform.event(event, key="https://example.org/"))).kind == "none"
