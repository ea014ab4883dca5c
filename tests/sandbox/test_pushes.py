"""Events reach our server signed and sealed, are tried three times, and stay visible when they fail."""

import asyncio
from dataclasses import replace
from typing import Any

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from app.gateways.wechat import Event, Message, parse
from app.gateways.wechat.envelope import Envelope
from app.sandbox.options import Options
from app.sandbox.running import running
from app.sandbox.templates import Templates
from app.sandbox.world import openid_of
from tests.sandbox.conftest import sealed_reply, until


def _opened(options: Options, pushed: tuple[str, dict[str, str], bytes]) -> Event | Message:
    path, query, body = pushed
    account = options.oa if path == "/wechat/oa" else options.mp
    return parse(Envelope(account).open(body, query).message)


async def test_the_first_scripted_login_makes_a_follower_before_it_answers(
    talk: Any, ours: Any, options: Options
) -> None:
    await talk.login("sandbox-zhang")
    (pushed,) = ours.got
    event = _opened(options, pushed)
    assert isinstance(event, Event)
    assert (pushed[0], event.event) == ("/wechat/oa", "subscribe")
    assert event.openid == openid_of(options.oa.appid, "zhang")
    await talk.login("sandbox-zhang")
    assert len(ours.got) == 1
    assert (await talk.template())["errcode"] == 0


async def test_who_unfollowed_is_not_made_to_follow_again(talk: Any) -> None:
    await talk.tap("unfollow")
    await talk.login("sandbox-zhang")
    assert (await talk.template())["errcode"] == 43004


async def test_a_login_from_the_phone_page_follows_nothing(talk: Any, ours: Any) -> None:
    code = (await talk.ask("POST", "/_sandbox/code", json={"person": "zhang"}))["code"]
    await talk.login(code)
    assert ours.got == []


async def test_auto_follow_can_be_switched_off(options: Options, templates: Templates, ours: Any) -> None:
    async with running(replace(options, auto_follow=False), templates) as started:
        person = started.sandbox.world.person("zhang")
        assert started.sandbox.world.following(person) is None
    assert ours.got == []


async def test_plain_wechatpy_reads_a_push(talk: Any, ours: Any, options: Options) -> None:
    await talk.tap("scan", scene="hall-7")
    _, query, body = ours.got[0]
    crypto = WeChatCrypto(options.oa.token, options.oa.aes_key, options.oa.appid)
    plain = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    event = parse_message(plain)
    assert (event.event, event.scene_id) == ("subscribe_scan", "hall-7")
    assert event.source == query["openid"] == openid_of(options.oa.appid, "zhang")


async def test_taps_push_what_the_platform_pushes(talk: Any, ours: Any, options: Options) -> None:
    await talk.tap("follow")
    await talk.tap("text", text="预约 ]]> <b>")
    await talk.tap("menu", key="booking")
    await talk.tap("menu", key="https://example.gov.cn/")
    await talk.tap("scan", scene="hall-7")
    await talk.tap("unfollow")
    _, text, click, view, scan, gone = (_opened(options, pushed) for pushed in ours.got)
    assert isinstance(text, Message)
    assert (text.text, text.msg_id is None) == ("预约 ]]> <b>", False)
    seen = [(event.event, event.key) for event in (click, view, scan, gone) if isinstance(event, Event)]
    assert seen == [
        ("click", "booking"),
        ("view", "https://example.gov.cn/"),
        ("scan", "hall-7"),
        ("unsubscribe", ""),
    ]


async def test_accepting_tells_the_mini_program_in_json(talk: Any, ours: Any, options: Options) -> None:
    await talk.tap("accept", template_ids=["S-BOOKED"])
    await talk.tap("accept", template_ids=["S-BOOKED", "S-LONG"])
    one, two = (_opened(options, pushed) for pushed in ours.got)
    assert ours.got[0][0] == "/wechat/mp"
    assert ours.got[0][2].startswith(b"{")
    assert isinstance(one, Event)
    assert isinstance(two, Event)
    assert one.event == "subscribe_msg_popup_event"
    assert [(entry["TemplateId"], entry["SubscribeStatusString"]) for entry in one.entries] == [
        ("S-BOOKED", "accept")
    ]
    assert [entry["TemplateId"] for entry in two.entries] == ["S-BOOKED", "S-LONG"]


async def test_a_template_send_is_followed_by_its_receipt(talk: Any, ours: Any, options: Options) -> None:
    await talk.tap("follow")
    msgid = (await talk.template())["msgid"]
    await until(lambda: len(ours.got) == 2)
    receipt = _opened(options, ours.got[1])
    assert isinstance(receipt, Event)
    assert (receipt.event, receipt.msg_id, receipt.raw["Status"]) == (
        "templatesendjobfinish",
        str(msgid),
        "success",
    )


async def test_a_push_is_tried_three_times_with_the_same_message(
    talk: Any, ours: Any, options: Options
) -> None:
    ours.answers = [(500, b""), (200, b"what?"), (200, b"success")]
    await talk.tap("text", text="在吗")
    await until(lambda: len(ours.got) == 3)
    messages = [_opened(options, pushed) for pushed in ours.got]
    assert len({message.msg_id for message in messages}) == 1
    (push,) = (await talk.ask("GET", "/_sandbox/pushes"))["items"]
    assert (push["attempts"], push["delivered"]) == (3, True)


async def test_a_push_nobody_takes_stays_visible(talk: Any, ours: Any) -> None:
    ours.answers = [(500, b"")] * 3
    await talk.tap("text", text="在吗")
    await until(lambda: len(ours.got) == 3)
    await asyncio.sleep(0.05)
    (push,) = (await talk.ask("GET", "/_sandbox/pushes"))["items"]
    assert (push["attempts"], push["delivered"], push["error"]) == (3, False, "HTTP 500")
    notice = (await talk.messages())[-1]
    assert (notice["kind"], notice["from"]) == ("notice", "platform")


async def test_a_sealed_reply_appears_in_the_chat(talk: Any, ours: Any, options: Options) -> None:
    ours.answers = [sealed_reply(options, "<MsgType>text</MsgType><Content><![CDATA[您好]]></Content>")]
    await talk.tap("text", text="在吗")
    said, answered = await talk.messages()
    assert (said["from"], said["text"]) == ("person", "在吗")
    assert (answered["kind"], answered["from"], answered["text"]) == ("text", "account", "您好")


async def test_without_a_callback_only_the_state_changes(
    options: Options, templates: Templates, ours: Any
) -> None:
    async with running(replace(options, callback=None), templates) as started:
        person = started.sandbox.world.person("zhang")
        assert await started.sandbox.follow(person) is None
        assert started.sandbox.world.following(person)
    assert ours.got == []
