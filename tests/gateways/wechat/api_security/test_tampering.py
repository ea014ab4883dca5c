"""Answers and calls with something changed in them: each is refused, by its kind, on either side."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.gateways.wechat.api_security import (
    BadSeal,
    BadSignature,
    ForeignAnswer,
    MissingProof,
    ReplayedAnswer,
    StaleAnswer,
    UnknownSerial,
    UntrustedAnswer,
)
from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from tests.gateways.wechat.api_security.conftest import AT, NEW_SN, OLD_SN, Side

pytestmark = pytest.mark.usefixtures("frozen")

_PATH = "/wxa/msg_sec_check"
_ANSWER = b'{"errcode":0,"errmsg":"ok","result":{"suggest":"pass","label":100}}'

Headers = dict[str, str]
Change = Callable[[bytes, Headers], tuple[bytes, Headers]]


def _sealed(side: Side, **changes: Any) -> tuple[bytes, Headers]:
    body, headers = side.ours(**changes).seal(_PATH, {}, b'{"content": "x"}')
    return body, dict(headers)


def _flip(text: str, place: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[place] ^= 1
    return base64.b64encode(raw).decode()


def _in_body(name: str, place: int) -> Change:
    def change(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
        sealed = json.loads(body)
        return json.dumps(sealed | {name: _flip(sealed[name], place)}).encode(), headers

    return change


def _in_head(name: str, value: str | None) -> Change:
    def change(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
        kept = {key: kept for key, kept in headers.items() if key != name}
        return body, kept if value is None else kept | {name: value}

    return change


def _signature(place: int) -> Change:
    def change(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
        return body, headers | {"Wechatmp-Signature": _flip(headers["Wechatmp-Signature"], place)}

    return change


_NOW = int(AT.timestamp())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_in_body("iv", 0), BadSignature),
        (_in_body("data", 5), BadSignature),
        (_in_body("authtag", -1), BadSignature),
        (_signature(-1), BadSignature),
        (_signature(10), BadSignature),
        (_in_head("Wechatmp-Signature", "%%%"), BadSignature),
        (_in_head("Wechatmp-Signature", "密"), BadSignature),
        (_in_head("Wechatmp-Signature", "QUJD"), BadSignature),
        (_in_head("Wechatmp-Signature", None), MissingProof),
        (_in_head("Wechatmp-Serial", None), MissingProof),
        (_in_head("Wechatmp-Serial-Deprecated", OLD_SN), None),
        (_in_head("Wechatmp-Appid", None), MissingProof),
        (_in_head("Wechatmp-TimeStamp", None), MissingProof),
        (_in_head("Wechatmp-Serial", NEW_SN), UnknownSerial),
        (_in_head("Wechatmp-Appid", "wx0sandboxmp000002"), ForeignAnswer),
        (_in_head("Wechatmp-TimeStamp", str(_NOW + 1)), BadSignature),
        (_in_head("Wechatmp-TimeStamp", str(_NOW - 301)), StaleAnswer),
        (_in_head("Wechatmp-TimeStamp", str(_NOW + 302)), StaleAnswer),
        (_in_head("Wechatmp-TimeStamp", "later"), StaleAnswer),
        (_in_head("Wechatmp-TimeStamp", "٣"), StaleAnswer),
    ],
)
def test_a_changed_answer_is_refused_by_its_kind(
    side: Side,
    change: Change,
    error: type[UntrustedAnswer] | None,
) -> None:
    body, headers = change(*side.platform().seal(_PATH, _ANSWER))
    if error is None:
        # The current serial already proves it; the other pair is not looked at.
        assert side.ours().open(_PATH, 200, headers, body)
        return
    with pytest.raises(error) as refusal:
        side.ours().open(_PATH, 200, headers, body)
    assert refusal.value.sent_maybe
    assert refusal.value.path == _PATH


def test_every_byte_of_a_signature_counts(side: Side) -> None:
    body, headers = side.platform().seal(_PATH, _ANSWER)
    ours = side.ours()
    for place in range(len(base64.b64decode(headers["Wechatmp-Signature"]))):
        with pytest.raises(BadSignature):
            ours.open(_PATH, 200, _signature(place)(body, headers)[1], body)


def test_an_answer_of_another_path_is_refused(side: Side) -> None:
    body, headers = side.platform().seal("/wxa/business/getuserphonenumber", _ANSWER)
    with pytest.raises(BadSignature):
        side.ours().open(_PATH, 200, headers, body)


def test_an_answer_given_before_is_refused(side: Side) -> None:
    ours = side.ours()
    body, headers = side.platform().seal(_PATH, _ANSWER)
    assert ours.open(_PATH, 200, headers, body)
    with pytest.raises(ReplayedAnswer):
        ours.open(_PATH, 200, headers, body)
    with clock.frozen(AT + timedelta(seconds=200)), pytest.raises(ReplayedAnswer):
        ours.open(_PATH, 200, headers, body)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sym_sn": "another"}, BadSeal),
        ({"sym_key": b"another key of thirty-two bytes!"}, BadSeal),
    ],
)
def test_a_signed_answer_that_does_not_open_is_refused(
    side: Side, changes: dict[str, Any], error: type[UntrustedAnswer]
) -> None:
    if "sym_key" in changes and side.suite == "sm4-sm2":
        changes = {"sym_key": changes["sym_key"][:16]}
    body, headers = side.platform(**changes).seal(_PATH, _ANSWER)
    with pytest.raises(error):
        side.ours().open(_PATH, 200, headers, body)


@pytest.mark.parametrize(
    ("inside", "error"),
    [
        ({"_appid": "wx0sandboxmp000002"}, ForeignAnswer),
        ({"_timestamp": _NOW + 1}, StaleAnswer),
        ({"_n": ""}, BadSeal),
        ({"_n": 5}, BadSeal),
    ],
)
def test_what_is_inside_must_agree_with_what_is_outside(
    side: Side, inside: dict[str, Any], error: type[UntrustedAnswer]
) -> None:
    body, headers = side.platform().seal(_PATH, json.dumps({"errcode": 0} | inside).encode())
    with pytest.raises(error):
        side.ours().open(_PATH, 200, headers, body)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"iv":5}', b'{"iv":"","data":"","authtag":""}', b"\xff", b'"x"', b"null"]
)
def test_a_signed_body_of_another_form_is_refused(side: Side, body: bytes) -> None:
    _, headers = side.platform().seal(_PATH, body, is_picture=True)
    with pytest.raises(BadSeal):
        side.ours().open(_PATH, 200, headers, body)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        (_in_body("iv", 0), 40234),
        (_in_body("data", 0), 40234),
        (_in_body("authtag", 0), 40234),
        (_signature(-1), 40234),
        (_in_head("Wechatmp-Appid", None), 40233),
        (_in_head("Wechatmp-TimeStamp", None), 40231),
        (_in_head("Wechatmp-Signature", None), 40232),
        (_in_head("Wechatmp-Appid", "wx0sandboxmp000002"), 40237),
        (_in_head("Wechatmp-TimeStamp", str(_NOW - 301)), 40240),
        (_in_head("Wechatmp-TimeStamp", "x"), 40240),
        (_in_head("Wechatmp-TimeStamp", str(_NOW + 1)), 40234),
    ],
)
def test_the_platform_refuses_a_changed_call_with_its_own_code(
    side: Side, change: Change, errcode: int
) -> None:
    body, headers = change(*_sealed(side))
    with pytest.raises(PlatformRefusal) as refusal:
        side.platform().open(_PATH, headers, body)
    assert refusal.value.errcode == errcode


def test_the_platform_refuses_another_key_s_call(side: Side) -> None:
    for changes, errcode in (
        ({"mp_api_sym_sn": "another"}, 40235),
        ({"mp_api_key_sn": "another"}, 40234 if side.suite == "sm4-sm2" else None),
    ):
        body, headers = _sealed(side, **changes)
        if errcode is None:
            # With RSA the number of our key is only its name.
            assert side.platform().open(_PATH, headers, body)
            continue
        with pytest.raises(PlatformRefusal) as refusal:
            side.platform().open(_PATH, headers, body)
        assert refusal.value.errcode == errcode
    body, headers = _sealed(side)
    with pytest.raises(PlatformRefusal):
        side.platform(developer=side.new).open(_PATH, headers, body)
