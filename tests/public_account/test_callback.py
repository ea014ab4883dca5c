"""WeChat's calls are believed only if they are genuine, done once, and never answered with a 500."""

import io
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts import followers, subscriptions
from app.gateways import wechat
from app.gateways.wechat import Event
from app.gateways.wechat.envelope import Envelope, signature
from app.kit import cache, clock, db
from app.public_account import callback
from app.public_account import followers as face
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config import messages, settings
from tests.client import Answer, Client


@dataclass
class Platform:
    """WeChat's side of a callback."""

    client: Client
    path: str = "/wechat/oa"

    @property
    def account(self) -> wechat.Account:
        current = wechat.current()
        return current.oa.account if self.path == "/wechat/oa" else current.mp.account

    async def push(self, message: str, *, at: int = 0, body: str | None = None, **changes: str) -> Answer:
        """A genuine push, or one with something changed in it."""
        timestamp, nonce = str(int(clock.now().timestamp()) + at), str(secrets.randbelow(10**9))
        sealed = Envelope(self.account).encrypt(message.encode())
        query = {
            "timestamp": timestamp,
            "nonce": nonce,
            "signature": signature(self.account.token, timestamp, nonce),
            "msg_signature": signature(self.account.token, timestamp, nonce, sealed),
            "encrypt_type": "aes",
            **changes,
        }
        whole = body if body is not None else f"<xml><Encrypt>{sealed}</Encrypt></xml>"
        return await self.client.post(self.path, params=query, data=io.BytesIO(whole.encode()))

    def event(self, event: str, more: str = "", *, name: str = "zhang", at: int = 0) -> str:
        openid = openid_of(self.account.appid, name)
        created = int(clock.now().timestamp()) + at
        return (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{created}"
            f"</CreateTime><MsgType>event</MsgType><Event>{event}</Event><EventKey></EventKey>{more}</xml>"
        )


@pytest.fixture
async def platform(client: Client, wechat_sandbox: Running) -> Platform:
    person = wechat_sandbox.sandbox.world.person("zhang")
    wechat_sandbox.sandbox.world.follow(person, following=True)
    return Platform(client)


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
    assert (answer.status, answer.body) == (200, b"success")
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


async def test_message_is_answered(platform: Platform) -> None:
    openid = openid_of(platform.account.appid, "zhang")
    said = (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>1</CreateTime>"
        "<MsgType>text</MsgType><Content>你好</Content><MsgId>9</MsgId></xml>"
    )
    answer = await platform.push(said)
    assert (answer.status, answer.body) == (200, b"success")


@pytest.mark.parametrize(
    "changes",
    [
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
    ],
)
async def test_forged_push_gets_the_one_refusal_and_writes_nothing(
    platform: Platform, changes: dict[str, Any]
) -> None:
    answer = await platform.push(platform.event("subscribe"), **changes)
    assert (answer.status, answer.code) == (403, "not_from_wechat")
    assert await _identities() == []


@pytest.mark.parametrize(
    "message", ["", "<xml/>", "<xml><MsgType>event</MsgType></xml>", "{}", "[1]", "\x00"]
)
async def test_genuine_nonsense_gets_the_same_refusal(platform: Platform, message: str) -> None:
    answer = await platform.push(message)
    assert (answer.status, answer.code) == (403, "not_from_wechat")


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
