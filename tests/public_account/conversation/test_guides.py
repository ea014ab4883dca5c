"""Anything else that is said finds guides, or help."""

from app.domain.catalogue import publishing
from tests.factories.guides import guide_text
from tests.public_account.conftest import Platform


async def test_guides_are_found_by_what_people_say(platform: Platform) -> None:
    await publishing.publish(
        [
            guide_text("invoicing", "个体工商户代开发票", summary="到窗口或网上代开" + "，很长" * 40),
            guide_text("social-insurance", "社会保险费缴纳"),
        ]
    )
    heard = await platform.say("请问怎么代开发票？")
    assert "个体工商户代开发票" in heard.text
    assert "/h5/guides/" in heard.text
    assert "社会保险" not in heard.text
    assert "…" in heard.text


async def test_question_that_begins_like_a_command_is_still_a_question(platform: Platform) -> None:
    await publishing.publish([guide_text("invoicing", "预约办税需要带什么材料")])
    assert "需要带什么材料" in (await platform.say("预约需要带什么材料")).text


async def test_nonsense_finds_help(platform: Platform) -> None:
    await publishing.publish([guide_text("invoicing", "个体工商户代开发票")])
    heard = await platform.say("龘靐齉")
    assert "没有找到" in heard.text
    assert "我的预约" in heard.text


async def test_button_of_the_guides_says_how_to_ask(platform: Platform) -> None:
    assert "代开发票" in (await platform.hear(platform.event("CLICK", key="guides"))).text
