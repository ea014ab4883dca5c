"""Thousands of pushes nobody ever meant: the callback never breaks, and its log tells nothing."""

import asyncio
import io
import json
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from app.gateways import wechat
from app.gateways.wechat.envelope import Envelope, signature
from app.kit import clock
from app.sandbox.running import Running
from config.logging import JsonLines
from tests.client import Client

_AT_ONCE: Final = 16
_SHORT: Final = 2_000
_LONG: Final = 100_000
_SPOKEN: Final = "我的银行卡密码是八八六六"
_OPENID: Final = "oFUZZ0a1b2c3d4e5f6g7h8i9j0"

_KINDS: Final = (
    "text",
    "image",
    "voice",
    "video",
    "location",
    "link",
    "event",
    "miniprogrampage",
    "unheard_of",
)
_EVENTS: Final = (
    "subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "view_miniprogram", "LOCATION",
    "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "subscribe_msg_change_event",
    "subscribe_msg_sent_event", "user_enter_tempsession", "user_authorization_revoke",
    "user_info_modified", "wxa_media_check", "scancode_waitmsg", "never_seen",
)  # fmt: skip
_NAMES: Final = (
    "ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "Content", "MsgId", "MsgID",
    "Ticket", "Latitude", "Longitude", "Precision", "Location_X", "Location_Y", "Label", "Status", "List",
    "SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent", "TemplateId",
    "SubscribeStatusString", "PopupScene", "SessionFrom", "OpenID", "AppID", "RevokeInfo", "bizmsgmenuid",
    "PicUrl", "MediaId", "ScanCodeInfo", "Encrypt", "Recognition", "MenuId",
)  # fmt: skip
_WORDS: Final = (
    "预约", "进度 202601050001", "发票", "信用", "帮助", "人工", "1", "取消", "附近",
    "01,04,044001900111,12345678,100.00,20260105,", "", " ", "\u202e", "%s%n", "' OR 1=1 --", "<xml>", "]]>",
    "qrscene_abc", "9" * 400, "-1", "1e999", "0x10", "٣", _SPOKEN,
)  # fmt: skip


@dataclass(frozen=True)
class Push:
    """One request as it goes out, made from drawn parts at the moment of sending."""

    path: str
    form: str
    message: Any
    raw: bytes | None
    spoilt: tuple[tuple[int, int], ...]
    query: tuple[tuple[str, str | None], ...]
    tail: str

    def made(self) -> tuple[URL, bytes]:
        account = _account(self.path)
        # Everybody writes once: more than a few messages a minute are only told to wait.
        writer = f"{_OPENID}{secrets.token_hex(4)}"
        inside = _written(self.message, self.form).replace(_OPENID.encode(), writer.encode())
        sealed = Envelope(account).encrypt(inside)
        timestamp, nonce = str(int(clock.now().timestamp())), str(secrets.randbelow(10**9))
        named: dict[str, str | None] = {
            "timestamp": timestamp,
            "nonce": nonce,
            "signature": signature(account.token, timestamp, nonce),
            "msg_signature": signature(account.token, timestamp, nonce, sealed),
            "openid": _OPENID,
            "encrypt_type": "aes",
        }
        named.update(self.query)
        asked = urlencode({name: value for name, value in named.items() if value is not None})
        body = self.raw
        if body is None:
            body = _written({"ToUserName": "gh_1", "Encrypt": sealed}, self.form)
        for place, byte in self.spoilt:
            at = place % (len(body) + 1)
            body = body[:at] + bytes([byte]) + body[at + 1 :]
        return URL(f"{self.path}?{asked}{self.tail}", encoded=True), body


def _account(path: str) -> wechat.Account:
    current = wechat.current()
    return current.oa.account if path == "/wechat/oa" else current.mp.account


def _written(value: Any, form: str) -> bytes:
    if form == "json" or not isinstance(value, dict):
        return json.dumps(value).encode("utf-8", "replace")
    return f"<xml>{_elements(value)}</xml>".encode("utf-8", "replace")


def _elements(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(
            "".join(
                f"<{name}>{_elements(one)}</{name}>"
                for one in (inner if isinstance(inner, list) else [inner])
            )
            for name, inner in value.items()
        )
    return escape(str(value))


_text = st.one_of(st.sampled_from(_WORDS), st.text(max_size=40))
_scalar = st.one_of(_text, st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.none())
_values = st.recursive(
    _scalar,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
_messages = st.builds(
    lambda kind, event, when, more: {
        "ToUserName": "gh_1",
        "FromUserName": _OPENID,
        "CreateTime": when,
        "MsgType": kind,
        "Event": event,
        "Content": _SPOKEN,
        **more,
    },
    st.sampled_from(_KINDS),
    st.sampled_from(_EVENTS),
    st.one_of(st.integers(1_700_000_000, 1_900_000_000), st.integers(-(2**40), 2**60), _text),
    st.dictionaries(st.sampled_from(_NAMES), _values, max_size=5),
)
_bodies = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.binary(max_size=200),
    _values.map(lambda value: _written(value, "json")),
    _messages.map(lambda value: _written(value, "xml")),
)
_changes = st.lists(
    st.tuples(
        st.sampled_from(("timestamp", "nonce", "signature", "msg_signature", "encrypt_type", "openid")),
        st.one_of(st.none(), _text),
    ),
    max_size=2,
)
_pushes = st.builds(
    Push,
    path=st.sampled_from(("/wechat/oa", "/wechat/mp")),
    form=st.sampled_from(("xml", "json")),
    message=st.one_of(_messages, _messages, _messages, _values),
    raw=_bodies,
    spoilt=st.one_of(
        st.just(()),
        st.just(()),
        st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4).map(tuple),
    ),
    query=st.one_of(st.just(()), st.just(()), _changes.map(tuple)),
    tail=st.sampled_from(("", "", "", "&timestamp=1", "&%ff=%fe", "&nonce=%00", "&=&&", "&a[]=1")),
)


class _Log(logging.Handler):
    """Every line as it would be written, in the form it is written in."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[_Log]:
    handler, root = _Log(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def _secrets() -> tuple[str, ...]:
    accounts = (wechat.current().oa.account, wechat.current().mp.account)
    own = [part for one in accounts for part in (one.secret, one.token, one.aes_key)]
    return (*own, _SPOKEN, json.dumps(_SPOKEN)[1:-1], _OPENID)


async def _ask(client: Client, push: Push) -> tuple[Push, int]:
    url, body = push.made()
    async with client.session.post(url, data=io.BytesIO(body)) as answer:
        await answer.read()
        return push, answer.status


async def _survives(client: Client, log: _Log, pushes: list[Push]) -> None:
    log.lines.clear()
    answers = await asyncio.gather(*(_ask(client, push) for push in pushes))
    assert [one for one in answers if one[1] not in (200, 403)] == []
    assert [(line, secret) for line in log.lines for secret in _secrets() if secret in line] == []
    assert [line for line in log.lines if '"level": "ERROR"' in line or "Traceback" in line] == []


_BATCH = st.lists(_pushes, min_size=_AT_ONCE, max_size=_AT_ONCE)
_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=_SHORT // _AT_ONCE, deadline=None, derandomize=True, suppress_health_check=_FIXTURES)
@given(pushes=_BATCH)
async def test_two_thousand_strange_pushes_break_nothing_and_tell_nothing(
    client: Client, wechat_sandbox: Running, log: _Log, pushes: list[Push]
) -> None:
    await _survives(client, log, pushes)


@pytest.mark.long
@pytest.mark.timeout(7200)
@settings(max_examples=_LONG // _AT_ONCE, deadline=None, suppress_health_check=_FIXTURES)
@given(pushes=_BATCH)
async def test_a_hundred_thousand_strange_pushes_break_nothing_and_tell_nothing(
    client: Client, wechat_sandbox: Running, log: _Log, pushes: list[Push]
) -> None:
    await _survives(client, log, pushes)
