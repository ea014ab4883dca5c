"""WeChat's calls are believed only if they are genuine, done once, and never answered with a 500."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts import followers, subscriptions
from app.gateways.wechat import Event
from app.gateways.wechat.envelope import Envelope, signature
from app.gateways.wechat.replies import Reply
from app.kit import cache, clock, db
from app.public_account import callback, deliveries, router
from app.public_account import followers as face
from app.public_account.conversation.talk import Talk
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config import messages, settings
from notifications import windows
from tests.public_account.conftest import Platform


async def _identities() -> list[Any]:
    return list(await db.fetch("SELECT * FROM wechat_identity ORDER BY id"))


async def test_address_is_verified_by_echoing(platform: Platform) -> None:
    timestamp, nonce = str(int(clock.now().timestamp())), "42"
    query = {
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": "4375120948345356249",
        "signature": signature(platform.account.token, timestamp, nonce),
    }
    answer = await platform.client.get("/wechat/oa", params=query)
    assert (answer.status, answer.body) == (200, b"4375120948345356249")
    answer = await platform.client.get("/wechat/oa", params={**query, "nonce": "43"})
    assert answer.status == 403


async def test_follower_is_joined_to_their_person_by_unionid(platform: Platform) -> None:
    await platform.client.log_in("zhang")
    answer = await platform.push(platform.event("subscribe"))
    assert answer.status == 200
    ours, theirs = await _identities()
    assert ours["person_id"] == theirs["person_id"]
    assert theirs["is_follower"]
    assert theirs["unionid"] == unionid_of("zhang")


async def test_stranger_who_follows_becomes_a_person(platform: Platform) -> None:
    await platform.push(platform.event("subscribe"))
    (identity,) = await _identities()
    token = await platform.client.log_in("zhang")
    assert token
    assert {row["person_id"] for row in await _identities()} == {identity["person_id"]}


async def test_unfollowing_ends_it(platform: Platform) -> None:
    await platform.push(platform.event("subscribe", at=-5))
    await platform.push(platform.event("unsubscribe"))
    (identity,) = await _identities()
    assert not identity["is_follower"]


async def test_old_news_changes_nothing(platform: Platform) -> None:
    await platform.push(platform.event("subscribe", at=-20))
    await platform.push(platform.event("unsubscribe", at=-5))
    await platform.push(platform.event("subscribe", at=-10))
    (identity,) = await _identities()
    assert not identity["is_follower"]


async def test_follower_whom_wechat_does_not_name_in_time_is_asked_after_by_a_job(
    platform: Platform, wechat_sandbox: Running
) -> None:
    wechat_sandbox.sandbox.faults.order({"path": "/cgi-bin/user/info", "errcode": -1})
    answer = await platform.push(platform.event("subscribe"))
    assert answer.status == 200
    assert await _identities() == []
    (job,) = await db.fetch("SELECT * FROM pgqueuer")
    assert job["entrypoint"] == face.RESOLVE_JOB
    wechat_sandbox.sandbox.faults.clear()
    appid, openid = platform.account.appid, openid_of(platform.account.appid, "zhang")
    await face.resolve({"appid": appid, "openid": openid})
    (identity,) = await _identities()
    assert identity["is_follower"]
    wechat_sandbox.sandbox.world.follow(wechat_sandbox.sandbox.world.person("zhang"), following=False)
    await face.resolve({"appid": appid, "openid": openid})
    (identity,) = await _identities()
    assert not identity["is_follower"]


async def test_receipt_is_appended(platform: Platform) -> None:
    await platform.push(platform.event("TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>success</Status>"))
    (row,) = await db.fetch("SELECT * FROM notification_receipt")
    assert (row["msgid"], row["result"]) == ("7", "success")


async def test_repeated_push_is_done_once(platform: Platform) -> None:
    said = platform.event("TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>success</Status>")
    answers = [(await platform.push(said)).body for _ in range(3)]
    assert answers == [b"success"] * 3
    assert len(await db.fetch("SELECT 1 FROM notification_receipt")) == 1


async def test_push_that_failed_is_done_when_it_comes_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    async def fail_first(_: str, event: Event) -> None:
        tries.append(event.event)
        if len(tries) == 1:
            raise ConnectionError

    monkeypatch.setitem(callback._listeners, "click", [fail_first])
    said = platform.event("CLICK")
    assert (await platform.push(said)).status == 503
    assert (await platform.push(said)).status == 200
    assert (await platform.push(said)).status == 200
    assert len(tries) == 2


async def test_pushes_are_taken_without_the_cache(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.client.log_in("zhang")

    def gone() -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "client", gone)
    for _ in range(2):
        assert (await platform.push(platform.event("subscribe"))).status == 200
    assert len(await _identities()) == 2


async def test_repeated_message_gets_the_same_answer_without_being_done_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    find = router.find

    async def count(talk: Talk) -> tuple[str, Reply | None]:
        found.append(talk.words)
        return await find(talk)

    monkeypatch.setattr(router, "find", count)
    said = platform.text("帮助", message_id=42)
    heard = [platform.read(await platform.push(said)) for _ in range(3)]
    assert found == ["帮助"]
    assert {one.text for one in heard} == {heard[0].text}
    assert "预约" in heard[0].text


async def test_deliveries_that_arrive_together_are_done_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def slowly(_: str, event: Event) -> None:
        done.append(event.event)
        await asyncio.sleep(0.3)

    monkeypatch.setitem(callback._listeners, "view", [slowly])
    said = platform.event("VIEW", key="https://example.org/")
    answers = await asyncio.gather(*(platform.push(said) for _ in range(4)))
    assert [answer.body for answer in answers] == [b"success"] * 4
    assert done == ["view"]


async def test_delivery_whose_worker_died_is_taken_over(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "CLAIM_S", 0.3)
    said = platform.text("帮助", message_id=43)
    talker = windows.talker_of(platform.account.appid, platform.openid())
    left = await deliveries.claim(platform.account.appid, "m:43", talker)
    assert left.answer is None
    assert (await platform.hear(said)).kind == "text"


async def test_other_accounts_are_called_at_their_own_address(platform: Platform) -> None:
    own = replace(platform, path=f"/wechat/oa/{platform.account.appid}")
    assert (await own.say("帮助")).kind == "text"
    for path in ("/wechat/oa/wx0000000000000000", f"/wechat/mp/{platform.account.appid}"):
        answer = await platform.client.post(path, params={"nonce": "1"}, data=b"<xml></xml>")
        assert (answer.status, answer.code) == (403, "not_from_wechat")


FORGED: tuple[dict[str, Any], ...] = (
    {"msg_signature": "0" * 40},
    {"msg_signature": ""},
    {"timestamp": "1"},
    {"timestamp": "later"},
    {"nonce": "x" * 300},
    {"at": 400},
    {"at": -400},
    {"body": ""},
    {"body": "not XML"},
    {"body": "<xml></xml>"},
    {"body": "<xml><Encrypt>%%%</Encrypt></xml>"},
    {"body": '{"Encrypt": 7}'},
    {"body": "<xml>" * 5000},
    {"body": '<!DOCTYPE x [<!ENTITY e "e">]><xml><Encrypt>&e;</Encrypt></xml>'},
)


async def test_forged_push_gets_the_one_refusal_and_writes_nothing(platform: Platform) -> None:
    for changes in FORGED:
        answer = await platform.push(platform.event("subscribe"), **changes)
        assert (answer.status, answer.code) == (403, "not_from_wechat"), changes
    assert await _identities() == []


async def test_genuine_nonsense_gets_the_same_refusal(platform: Platform) -> None:
    for message in ("", "<xml/>", "<xml><MsgType>event</MsgType></xml>", "{}", "[1]", "\x00"):
        answer = await platform.push(message)
        assert (answer.status, answer.code) == (403, "not_from_wechat"), message


async def test_push_without_any_query_is_refused(platform: Platform) -> None:
    assert (await platform.client.post("/wechat/oa", data=b"<xml></xml>")).status == 403
    assert (await platform.client.get("/wechat/oa")).status == 403


async def test_push_for_the_other_account_is_refused(platform: Platform) -> None:
    other = replace(platform, path="/wechat/mp")
    message = platform.event("subscribe")
    sealed = Envelope(other.account).encrypt(message.encode())
    timestamp = str(int(clock.now().timestamp()))
    query = {
        "timestamp": timestamp,
        "nonce": "1",
        "msg_signature": signature(platform.account.token, timestamp, "1", sealed),
    }
    body = f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    assert (await platform.client.post("/wechat/oa", params=query, data=body)).status == 403


async def test_enormous_body_is_refused(platform: Platform) -> None:
    answer = await platform.push(platform.event("subscribe"), body="x" * (callback.LARGEST_BODY + 1))
    assert answer.status in (403, 413)


async def test_consents_from_the_prompt_are_entered_once(platform: Platform) -> None:
    await platform.client.log_in("zhang")
    mini = replace(platform, path="/wechat/mp")
    template_id = messages.current()["appointment_booked"].mp_template_id
    openid = openid_of(settings.current().mp_appid, "zhang")
    entry = f'{{"TemplateId":"{template_id}","SubscribeStatusString":"accept","PopupScene":"0"}}'
    said = (
        f'{{"ToUserName":"gh_2","FromUserName":"{openid}","CreateTime":"{clock.now().timestamp():.0f}",'
        f'"MsgType":"event","Event":"subscribe_msg_popup_event","List":{entry}}}'
    )
    person = await followers.person_behind(settings.current().mp_appid, openid)
    assert person is not None
    for _ in range(2):
        assert (await mini.push(said)).status == 200
        await cache.client().flushall()
    assert await subscriptions.count_unspent([person], [template_id]) == {(person, template_id): 1}
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        change = said.replace("popup_event", "change_event").replace("accept", "reject")
        assert (await mini.push(change)).status == 200
    assert await subscriptions.count_unspent([person], [template_id]) == {}


async def test_consents_of_strangers_and_for_strange_templates_mean_nothing(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    said = mini.event("subscribe_msg_popup_event", "<SubscribeMsgPopupEvent><List/></SubscribeMsgPopupEvent>")
    assert (await mini.push(said)).status == 200
    await platform.client.log_in("zhang")
    entry = "<List><TemplateId>x</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
    said = mini.event(
        "subscribe_msg_popup_event", f"<SubscribeMsgPopupEvent>{entry}</SubscribeMsgPopupEvent>", at=1
    )
    assert (await mini.push(said)).status == 200
    assert not await db.fetch("SELECT 1 FROM subscription_credit")
