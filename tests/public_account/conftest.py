"""WeChat's side of a callback: pushes as the platform makes them, and what a person then reads."""

import io
import itertools
import secrets
from dataclasses import dataclass
from typing import Any

import pytest
import xmltodict

from app.gateways import wechat
from app.gateways.wechat.envelope import Envelope, signature
from app.kit import clock
from app.public_account import answering, callback
from app.sandbox.running import Running
from app.sandbox.world import openid_of
from tests.client import Answer, Client

_message_ids = itertools.count(7_000_000_000_000_001)


@dataclass(frozen=True)
class Heard:
    """A passive reply as the person sees it; ``kind`` is ``none`` for a bare success."""

    kind: str
    text: str = ""
    fields: Any = None


@dataclass
class Platform:
    """WeChat's side of a callback."""

    client: Client
    path: str = "/wechat/oa"

    @property
    def account(self) -> wechat.Account:
        current = wechat.current()
        known = {"/wechat/oa": current.oa.account, "/wechat/mp": current.mp.account}
        return known.get(self.path) or current.party(self.path.rpartition("/")[2]).account

    def openid(self, name: str = "zhang") -> str:
        return openid_of(self.account.appid, name)

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
        answer = await self.client.post(self.path, params=query, data=io.BytesIO(whole.encode()))
        answer.headers["nonce"] = nonce
        return answer

    def event(self, event: str, more: str = "", *, name: str = "zhang", at: int = 0, key: str = "") -> str:
        created = int(clock.now().timestamp()) + at
        return (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{self.openid(name)}</FromUserName>"
            f"<CreateTime>{created}</CreateTime><MsgType>event</MsgType><Event>{event}</Event>"
            f"<EventKey>{key}</EventKey>{more}</xml>"
        )

    def message(
        self, kind: str, more: str = "", *, name: str = "zhang", message_id: int | None = None
    ) -> str:
        return (
            f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{self.openid(name)}</FromUserName>"
            f"<CreateTime>{int(clock.now().timestamp())}</CreateTime><MsgType>{kind}</MsgType>{more}"
            f"<MsgId>{message_id or next(_message_ids)}</MsgId></xml>"
        )

    def text(self, words: str, *, name: str = "zhang", message_id: int | None = None) -> str:
        return self.message(
            "text", f"<Content><![CDATA[{words}]]></Content>", name=name, message_id=message_id
        )

    async def say(self, words: str, *, name: str = "zhang") -> Heard:
        """Say something and hear the answer."""
        return await self.hear(self.text(words, name=name))

    async def hear(self, message: str) -> Heard:
        """Push something and read the passive reply as WeChat does, checking what WeChat checks."""
        answer = await self.push(message)
        assert answer.status == 200, answer.body
        return self.read(answer)

    def read(self, answer: Answer) -> Heard:
        """A passive reply, opened."""
        if answer.body == b"success":
            return Heard("none")
        outer = xmltodict.parse(answer.body)["xml"]
        query = {
            "timestamp": outer["TimeStamp"],
            "nonce": outer["Nonce"],
            "msg_signature": outer["MsgSignature"],
        }
        assert outer["Nonce"] == answer.headers["nonce"]
        inner = xmltodict.parse(Envelope(self.account).open(answer.body, query).message)["xml"]
        assert inner["FromUserName"] == "gh_1"
        return Heard(inner["MsgType"], inner.get("Content") or "", inner)


@pytest.fixture
async def platform(client: Client, wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """WeChat's side, which waits longer than the real one: a busy machine must not make an answer late."""
    monkeypatch.setattr(answering, "WITHIN_S", 10.0)
    monkeypatch.setattr(callback, "_LONGEST_S", 20.0)
    person = wechat_sandbox.sandbox.world.person("zhang")
    wechat_sandbox.sandbox.world.follow(person, following=True)
    return Platform(client)
