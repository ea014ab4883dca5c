"""Slow answers come afterwards, once, and never too late; a mini-program's customer is written to."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from app.gateways import wechat
from app.gateways.wechat import WeChatRefused, WeChatUnreachable
from app.gateways.wechat.envelope import Envelope, signature
from app.gateways.wechat.replies import Reply, Text
from app.kit import clock, db
from app.public_account import answering, router
from app.public_account.conversation.talk import Talk
from tests.public_account.conftest import Platform

Sent = list[tuple[str, Any]]


@pytest.fixture
def sent(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Every customer-service message that leaves."""
    kept: Sent = []

    async def keep(openid: str, message: Any) -> None:
        kept.append((openid, message))

    for party in wechat.current().parties:
        monkeypatch.setattr(party, "send_custom", keep)
    return kept


async def work_off() -> list[str]:
    """Run the jobs that wait as the worker does; answers their names."""
    names = []
    handlers = {answering.ANSWER_JOB: answering.answer_later, answering.SEND_JOB: answering.send}
    while rows := await db.fetch("DELETE FROM pgqueuer RETURNING entrypoint, payload"):
        for row in rows:
            names.append(row["entrypoint"])
            await handlers[row["entrypoint"]](orjson.loads(row["payload"]))
    return names


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes the conversation take long the first time; answers what it was asked."""
    asked: list[str] = []
    find = router.find

    async def dawdle(talk: Talk) -> tuple[str, Reply | None]:
        asked.append(talk.words)
        if len(asked) == 1:
            await asyncio.sleep(30)
        return await find(talk)

    monkeypatch.setattr(router, "find", dawdle)
    monkeypatch.setattr(answering, "WITHIN_S", 0.05)
    return asked


async def test_slow_answer_follows_as_a_message(platform: Platform, sent: Sent, slow: list[str]) -> None:
    said = platform.text("帮助", message_id=77)
    assert (await platform.hear(said)).kind == "none"
    assert (await platform.hear(said)).kind == "none"  # WeChat comes again: nothing happens twice.
    assert await work_off() == [answering.ANSWER_JOB, answering.SEND_JOB]
    ((openid, message),) = sent
    assert openid == platform.openid()
    assert "我的预约" in message["text"]["content"]


async def test_what_people_say_is_unreadable_in_a_job(platform: Platform, slow: list[str]) -> None:
    await platform.say("帮助我的秘密")
    (row,) = await db.fetch("SELECT convert_from(payload, 'UTF8') AS payload FROM pgqueuer")
    assert "秘密" not in row["payload"]
    assert "帮助" not in row["payload"]


async def test_late_answer_goes_on_with_the_dialogue(platform: Platform, sent: Sent, slow: list[str]) -> None:
    number = "11440106MB2DEMA0293440131012001202611160001"
    await platform.say(f"进度 {number}")
    await work_off()
    assert "查询码" in sent[0][1]["text"]["content"]
    assert "不对" in (await platform.say("K7M2XQ")).text


async def test_answer_nobody_waits_for_any_more_is_not_sent(
    platform: Platform, sent: Sent, slow: list[str]
) -> None:
    await platform.say("帮助")
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        await work_off()
    assert sent == []


@pytest.mark.parametrize(
    ("failure", "is_tried_again"),
    [
        (WeChatRefused(45015, "out of window", None, "/x"), False),
        (WeChatRefused(45047, "too many", None, "/x"), False),
        (WeChatRefused(-1, "busy", None, "/x"), True),
        (WeChatUnreachable("/x", "refused", sent_maybe=False), True),
        (WeChatUnreachable("/x", "timeout", sent_maybe=True), False),
    ],
)
async def test_only_what_surely_did_not_arrive_is_sent_again(
    platform: Platform,
    slow: list[str],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    is_tried_again: bool,
) -> None:
    async def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(wechat.current().oa, "send_custom", fail)
    await platform.say("帮助")
    if is_tried_again:
        with pytest.raises(type(failure)):
            await work_off()
    else:
        await work_off()


async def test_mini_programs_customer_is_written_to(platform: Platform, sent: Sent) -> None:
    mini = replace(platform, path="/wechat/mp")
    assert (await mini.say("帮助")).kind == "none"
    assert await work_off() == [answering.SEND_JOB]
    ((openid, message),) = sent
    assert openid == mini.openid()
    assert "我的预约" in message["text"]["content"]


async def test_mini_program_hands_over_in_the_form_it_was_called(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    monday = datetime(2026, 11, 23, 10, 0, tzinfo=clock.SHANGHAI)
    said = {
        "ToUserName": "gh_1", "FromUserName": mini.openid(), "CreateTime": str(int(monday.timestamp())),
        "MsgType": "text", "Content": "人工", "MsgId": "49d7_1555684067",
    }  # fmt: skip
    sealed = Envelope(mini.account).encrypt(orjson.dumps(said))
    with clock.frozen(monday):
        at = str(int(monday.timestamp()))
        signed = signature(mini.account.token, at, "5", sealed)
        query = {"timestamp": at, "nonce": "5", "msg_signature": signed}
        body = orjson.dumps({"ToUserName": "gh_1", "Encrypt": sealed})
        answer = await mini.client.post(mini.path, params=query, data=body)
    assert answer.status == 200
    told = orjson.loads(answer.body)
    assert set(told) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    assert told["Nonce"] == "5"


async def test_long_answer_is_told_in_parts(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"第{n}行" + "字" * 40 for n in range(30)]
    find = router.find

    async def at_length(talk: Talk) -> tuple[str, Reply | None]:
        return ("long", Text("\n".join(lines))) if talk.words == "长" else await find(talk)

    monkeypatch.setattr(router, "find", at_length)
    first = await platform.say("长")
    second = await platform.say("更多")
    assert "回复“更多”" in first.text
    assert [*first.text.split("\n")[:-1], *second.text.split("\n")] == lines
    assert "没有更多" in (await platform.say("更多")).text
