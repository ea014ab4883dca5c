"""Whatever is wrong with a push, at either address and in either form the answer is the same one."""

import base64
import io
import json
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.gateways import wechat
from app.gateways.wechat.envelope import Envelope, signature
from app.kit import clock, db
from app.public_account import callback
from app.sandbox.world import openid_of
from tests.client import Answer, Client

_PATHS = ("/wechat/oa", "/wechat/mp")
_VARYING = ("date", "x-request-id", "keep-alive", "connection")


@dataclass(frozen=True)
class Push:
    """A genuine push to one account before something in it is spoilt."""

    account: wechat.Account
    message: bytes
    sealed: str
    timestamp: str
    nonce: str

    def query(self, **changes: str | None) -> dict[str, str]:
        token = self.account.token
        whole = {
            "timestamp": self.timestamp,
            "nonce": self.nonce,
            "signature": signature(token, self.timestamp, self.nonce),
            "msg_signature": signature(token, self.timestamp, self.nonce, self.sealed),
            "encrypt_type": "aes",
        }
        return {name: value for name, value in (whole | changes).items() if value is not None}

    def resealed(self, sealed: str) -> tuple[bytes, dict[str, str]]:
        """Another ciphertext in this push, rightly signed."""
        right = signature(self.account.token, self.timestamp, self.nonce, sealed)
        return json.dumps({"Encrypt": sealed}).encode(), self.query(msg_signature=right)

    def holding(self, message: bytes) -> tuple[bytes, dict[str, str]]:
        """Another message in this push, rightly sealed and signed."""
        return self.resealed(Envelope(self.account).encrypt(message))


def _push(account: wechat.Account, event: str = "subscribe", form: str = "json") -> Push:
    fields = {
        "ToUserName": "gh_1",
        "FromUserName": openid_of(account.appid, "zhang"),
        "CreateTime": int(clock.now().timestamp()),
        "MsgType": "event",
        "Event": event,
        "EventKey": "",
    }
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    message = json.dumps(fields).encode() if form == "json" else f"<xml>{inside}</xml>".encode()
    now = str(int(clock.now().timestamp()))
    return Push(account, message, Envelope(account).encrypt(message), now, str(secrets.randbelow(10**9)))


def _account(path: str) -> wechat.Account:
    current = wechat.current()
    return current.oa.account if path == "/wechat/oa" else current.mp.account


async def _send(client: Client, path: str, body: bytes, query: dict[str, str]) -> Answer:
    return await client.post(path, params=query, data=io.BytesIO(body), headers={"Content-Type": "text/xml"})


def _xml(sealed: str) -> bytes:
    return f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()


def _flipped(push: Push) -> tuple[bytes, dict[str, str]]:
    raw = bytearray(base64.b64decode(push.sealed))
    raw[-1] ^= 1
    return _xml(base64.b64encode(raw).decode()), push.query()


def _for(appid: str) -> Callable[[Push], tuple[bytes, dict[str, str]]]:
    def spoil(push: Push) -> tuple[bytes, dict[str, str]]:
        other = wechat.Account(appid, "s", push.account.token, push.account.aes_key)
        return push.resealed(Envelope(other).encrypt(push.message))

    return spoil


def _lying(push: Push) -> tuple[bytes, dict[str, str]]:
    other = wechat.Account(push.account.appid, "s", push.account.token, push.account.aes_key)
    sealed = Envelope(other).encrypt(push.message, salt=b"r" * 16 + struct.pack(">I", 7))
    return push.resealed(sealed)


def _entity(push: Push) -> tuple[bytes, dict[str, str]]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(9))
    return f"<!DOCTYPE x [{laughs}]><xml><Encrypt>&l8;</Encrypt></xml>".encode(), push.query()


def _external(push: Push) -> tuple[bytes, dict[str, str]]:
    body = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Encrypt>&e;</Encrypt></xml>'
    return body.encode(), push.query()


Spoil = Callable[[Push], tuple[bytes, dict[str, str]]]

_SPOILT: dict[str, Spoil] = {
    "flipped byte": _flipped,
    "foreign appid": _for("wx0000000000000000"),
    "no appid": _for(""),
    "length lie": _lying,
    "cut in the middle of a block": lambda push: push.resealed(push.sealed[:40]),
    "empty ciphertext": lambda push: push.resealed(""),
    "bad base64": lambda push: push.resealed("%%%"),
    "random blocks": lambda push: push.resealed(base64.b64encode(secrets.token_bytes(64)).decode()),
    "old": lambda push: (_xml(push.sealed), push.query(timestamp="1500000000")),
    "timestamp that is none": lambda push: (_xml(push.sealed), push.query(timestamp="later")),
    "no timestamp": lambda push: (_xml(push.sealed), push.query(timestamp=None)),
    "no nonce": lambda push: (_xml(push.sealed), push.query(nonce=None)),
    "another nonce": lambda push: (_xml(push.sealed), push.query(nonce="1")),
    "endless nonce": lambda push: (_xml(push.sealed), push.query(nonce="n" * 400)),
    "no signature": lambda push: (_xml(push.sealed), push.query(msg_signature=None)),
    "the plain signature": lambda push: (
        _xml(push.sealed),
        push.query(msg_signature=push.query()["signature"]),
    ),
    "upper-case signature": lambda push: (
        _xml(push.sealed),
        push.query(msg_signature=push.query()["msg_signature"].upper()),
    ),
    "signature beyond ASCII": lambda push: (_xml(push.sealed), push.query(msg_signature="签" * 40)),
    "no query at all": lambda push: (_xml(push.sealed), {}),
    "plain message": lambda push: (push.message, push.query()),
    "no body": lambda push: (b"", push.query()),
    "spaces": lambda push: (b" \r\n\t", push.query()),
    "NUL bytes": lambda push: (b"\0" * 64, push.query()),
    "NUL inside XML": lambda push: (_xml(push.sealed).replace(b"gh_1", b"g\0h"), push.query()),
    "NUL inside JSON": lambda push: (
        json.dumps({"Encrypt": push.sealed, "ToUserName": "\0"}).encode(),
        push.query(),
    ),
    "missing Encrypt": lambda push: (b"<xml><ToUserName>gh_1</ToUserName></xml>", push.query()),
    "missing Encrypt in JSON": lambda push: (b'{"ToUserName": "gh_1"}', push.query()),
    "empty element": lambda push: (b"<xml/>", push.query()),
    "another root": lambda push: (_xml(push.sealed).replace(b"xml>", b"yml>"), push.query()),
    "Encrypt twice in XML": lambda push: (
        _xml(push.sealed).replace(b"</xml>", f"<Encrypt>{push.sealed}</Encrypt></xml>".encode()),
        push.query(),
    ),
    "Encrypt twice in JSON": lambda push: (
        f'{{"Encrypt": "x", "Encrypt": "{push.sealed}"}}'.encode(),
        push.query(),
    ),
    "entities": _entity,
    "external entity": _external,
    "deep XML": lambda push: (b"<xml>" + b"<a>" * 200_000, push.query()),
    "deep closed XML": lambda push: (
        b"<xml>" + b"<a>" * 80_000 + b"</a>" * 80_000 + b"</xml>",
        push.query(),
    ),
    "deep JSON": lambda push: (b'{"a":' * 200_000, push.query()),
    "deep closed JSON": lambda push: (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", push.query()),
    "JSON list": lambda push: (b'["Encrypt"]', push.query()),
    "JSON number": lambda push: (b"7", push.query()),
    "JSON of another shape": lambda push: (b'{"Encrypt": {"Encrypt": "x"}}', push.query()),
    "JSON with NaN": lambda push: (f'{{"Encrypt": "{push.sealed}", "a": NaN}}'.encode(), push.query()),
    "half JSON": lambda push: (json.dumps({"Encrypt": push.sealed}).encode()[:-1], push.query()),
    "half XML": lambda push: (_xml(push.sealed)[:-3], push.query()),
    "UTF-16": lambda push: (_xml(push.sealed).decode().encode("utf-16"), push.query()),
    "GBK": lambda push: (
        f'<?xml version="1.0" encoding="gbk"?>{_xml(push.sealed).decode()}'.replace("gh_1", "你好").encode(
            "gbk"
        ),
        push.query(),
    ),
    "not UTF-8": lambda push: (_xml(push.sealed).replace(b"gh_1", b"\xff\xfe"), push.query()),
    "a form": lambda push: (b"Encrypt=x&a=b", push.query()),
    "as large as may be": lambda push: (
        b"<xml>" + b" " * (callback.LARGEST_BODY - 11) + b"</xml>",
        push.query(),
    ),
    "wide XML": lambda push: (b"<xml>" + b"<a/>" * 250_000 + b"</xml>", push.query()),
    "sealed nothing": lambda push: push.holding(b""),
    "sealed rubbish": lambda push: push.holding(b"\xff\x00rubbish"),
    "sealed number": lambda push: push.holding(b"42"),
    "sealed without sender": lambda push: push.holding(b'{"MsgType": "event", "Event": "subscribe"}'),
    "sealed without kind": lambda push: push.holding(b'{"FromUserName": "o1", "CreateTime": 1}'),
    "sealed deep": lambda push: push.holding(b'{"a":' * 50_000),
    "sealed NUL": lambda push: push.holding(
        push.message.replace(b"zhang", b"z").replace(b"gh_1", b"\\u0000")
    ),
    "sealed surrogate": lambda push: push.holding(push.message.replace(b"gh_1", b"\\ud800")),
    "sealed endless time": lambda push: push.holding(
        json.dumps({**json.loads(push.message), "CreateTime": "9" * 400}).encode()
    ),
}


def _told(answer: Answer) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer but what differs from request to request anyway."""
    told = answer.body if isinstance(answer.body, dict) else {"body": answer.body}
    body = {name: value for name, value in told.items() if name != "request_id"}
    headers = {name: value for name, value in answer.headers.items() if name not in _VARYING}
    return answer.status, body, headers


async def test_every_spoilt_push_gets_the_one_answer_and_writes_nothing(client: Client) -> None:
    answers: dict[str, Any] = {}
    for path in _PATHS:
        for name, spoil in _SPOILT.items():
            body, query = spoil(_push(_account(path)))
            answers[f"{path} {name}"] = _told(await _send(client, path, body, query))
    first = answers[f"{_PATHS[0]} no body"]
    assert first[0] == 403
    assert first[1]["code"] == "not_from_wechat"
    assert {name: told for name, told in answers.items() if told != first} == {}
    assert await db.fetch_value("SELECT count(*) FROM wechat_identity") == 0


async def test_the_address_check_refuses_alike(client: Client) -> None:
    push = _push(_account("/wechat/oa"))
    told = [
        _told(await client.get("/wechat/oa", params=push.query(signature=wrong, echostr="1")))
        for wrong in (None, "", "0" * 40, "签", push.query()["msg_signature"])
    ]
    told.append(_told(await _send(client, "/wechat/oa", b"", {})))
    assert all(one == told[0] for one in told)


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("inner", ["json", "xml"])
@pytest.mark.parametrize("outer", ["json", "xml"])
async def test_both_accounts_take_both_forms_whatever_the_content_type(
    client: Client, path: str, inner: str, outer: str
) -> None:
    push = _push(_account(path), "view", inner)
    body = _xml(push.sealed) if outer == "xml" else json.dumps({"Encrypt": push.sealed}).encode()
    for kind in ("text/xml", "application/json", "text/plain"):
        answer = await client.post(path, params=push.query(), data=body, headers={"Content-Type": kind})
        assert (answer.status, answer.body) == (200, b"success")
