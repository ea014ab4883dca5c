"""Envelopes: WeChat's own vectors open and seal; everything else is one and the same refusal."""

import base64
import json
import os
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from app.gateways.wechat import Account, BadEnvelope
from app.gateways.wechat.envelope import Envelope, signature
from app.gateways.wechat.markup import cdata, parse_body
from app.kit import clock

_VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector for vector in json.loads((Path(__file__).parent / "vectors.json").read_text())
}
_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
_OTHER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_ACCOUNT = Account("wx49f0ab532d5d035a", "s", "123456", _KEY)
_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_MESSAGE = b"<xml><MsgType><![CDATA[text]]></MsgType></xml>"


def _account_of(vector: dict[str, Any], **changes: Any) -> Account:
    key = vector["key"]
    kept = {"appid": key.get("appid", "wx0"), "aes_key": key.get("encoding_aes_key", _OTHER_KEY)}
    return Account(**{"secret": "s", "token": key["token"], **kept, **changes})


def _packed(message: bytes, appid: bytes = b"wx49f0ab532d5d035a", *, length: int | None = None) -> bytes:
    return os.urandom(16) + struct.pack(">I", len(message) if length is None else length) + message + appid


def _padded(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


def _pushed(padded: bytes, *, at: datetime = _AT) -> tuple[bytes, dict[str, str]]:
    """A signed push around any plain bytes, well formed or not."""
    key = base64.b64decode(_KEY + "=")
    cipher = Cipher(AES(key), CBC(key[:16])).encryptor()
    return _signed(base64.b64encode(cipher.update(padded) + cipher.finalize()).decode(), at=at)


def _signed(sealed: str, *, at: datetime = _AT) -> tuple[bytes, dict[str, str]]:
    timestamp = str(int(at.timestamp()))
    query = {"timestamp": timestamp, "nonce": "n1"}
    query["msg_signature"] = signature(_ACCOUNT.token, timestamp, "n1", sealed)
    return f"<xml><Encrypt>{cdata(sealed)}</Encrypt></xml>".encode(), query


@pytest.mark.parametrize("name", ["official-url-verify", "official-plain-post"])
def test_address_signatures_of_the_documentation_are_right(name: str) -> None:
    vector = _VECTORS[name]
    asked = vector["input"]
    assert (
        signature(vector["key"]["token"], asked["timestamp"], asked["nonce"])
        == vector["expected"]["signature"]
    )
    query = {**asked, "signature": vector["expected"]["signature"]}
    with clock.frozen(datetime.fromtimestamp(int(asked["timestamp"]), UTC)):
        Envelope(_account_of(vector)).check_address(query)
        with pytest.raises(BadEnvelope):
            Envelope(_account_of(vector, token="other")).check_address(query)


def test_the_documentation_s_json_message_opens() -> None:
    vector = _VECTORS["official-aes-json-decrypt"]
    asked = vector["input"]
    with clock.frozen(datetime.fromtimestamp(int(asked["timestamp"]), UTC)):
        opened = Envelope(_account_of(vector)).open(json.dumps(asked["body"]).encode(), asked)
    assert opened.message.decode() == vector["expected"]["msg"]
    assert opened.form == "json"


@pytest.mark.parametrize("name", ["official-aes-json-reply", "wechatpy-xml-encrypt"])
def test_sealing_gives_the_known_ciphertext(name: str) -> None:
    vector = _VECTORS[name]
    asked, right = vector["input"], vector["expected"]
    envelope = Envelope(_account_of(vector))
    assert envelope.encrypt(asked["msg"].encode(), salt=asked["random"].encode()) == right["Encrypt"]
    signed = signature(vector["key"]["token"], str(asked["timestamp"]), asked["nonce"], right["Encrypt"])
    assert signed == right["MsgSignature"]


def test_a_json_reply_has_the_official_names() -> None:
    reply = json.loads(Envelope(_ACCOUNT).seal(b"{}", nonce="n", form="json"))
    assert sorted(reply) == ["Encrypt", "MsgSignature", "Nonce", "TimeStamp"]
    assert isinstance(reply["TimeStamp"], int)


def test_wechatpy_reads_what_we_seal_and_we_read_what_it_seals() -> None:
    theirs = WeChatCrypto(_ACCOUNT.token, _KEY, _ACCOUNT.appid)
    with clock.frozen(_AT):
        sealed = parse_body(Envelope(_ACCOUNT).seal(_MESSAGE, nonce="n1"))
        body = f"<xml><Encrypt>{cdata(sealed['Encrypt'])}</Encrypt></xml>"
        assert (
            theirs.decrypt_message(body, sealed["MsgSignature"], sealed["TimeStamp"], "n1")
            == _MESSAGE.decode()
        )
        answer = theirs.encrypt_message(_MESSAGE.decode(), "n2", str(int(_AT.timestamp())))
        outer = parse_body(answer.encode())
        query = {"timestamp": outer["TimeStamp"], "nonce": "n2", "msg_signature": outer["MsgSignature"]}
        assert Envelope(_ACCOUNT).open(answer.encode(), query).message == _MESSAGE


def test_both_keys_open_during_a_rotation_and_the_reply_uses_the_one_that_did() -> None:
    body, query = _pushed(_padded(_packed(_MESSAGE)))
    rotating = Envelope(Account(_ACCOUNT.appid, "s", _ACCOUNT.token, _OTHER_KEY, aes_key_previous=_KEY))
    with clock.frozen(_AT):
        opened = rotating.open(body, query)
        reply = rotating.seal(b"<xml/>", nonce="n1", key=opened.key)
        outer = parse_body(reply)
        answer = {"timestamp": outer["TimeStamp"], "nonce": "n1", "msg_signature": outer["MsgSignature"]}
        assert Envelope(_ACCOUNT).open(reply, answer).message == b"<xml/>"
        with pytest.raises(BadEnvelope):
            Envelope(Account(_ACCOUNT.appid, "s", _ACCOUNT.token, _OTHER_KEY)).open(body, query)


_WHOLE = _padded(_packed(_MESSAGE))


@pytest.mark.parametrize(
    ("what", "padded"),
    [
        ("pad 0", _padded(_packed(_MESSAGE))[:-1] + b"\x00"),
        ("pad 33", _packed(_MESSAGE + b"x" * 60)[:63] + b"\x21"),
        ("inconsistent padding", _padded(_packed(b"x" * 40))[:-2] + b"\x01\x02"),
        ("padding over everything", b"\x20" * 32),
        ("length too long", _padded(_packed(_MESSAGE, length=len(_MESSAGE) + 1))),
        ("length far too long", _padded(_packed(_MESSAGE, length=2**32 - 1))),
        ("length too short", _padded(_packed(_MESSAGE, length=len(_MESSAGE) - 1))),
        ("another appid", _padded(_packed(_MESSAGE, b"wx49f0ab532d5d035b"))),
        ("appid with a tail", _padded(_packed(_MESSAGE, b"wx49f0ab532d5d035a0"))),
        ("no appid", _padded(_packed(_MESSAGE, b""))),
        ("one block of rubbish", b"\x07" * 16),
    ],
    # What is packed begins with random bytes, and a name must be the same in every process.
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_broken_inside_is_refused(what: str, padded: bytes) -> None:
    padded = padded[: len(padded) - len(padded) % 16]
    body, query = _pushed(padded)
    with clock.frozen(_AT), pytest.raises(BadEnvelope) as refusal:
        Envelope(_ACCOUNT).open(body, query)
    assert str(refusal.value) == "not a genuine WeChat message"


@pytest.mark.parametrize(
    "sealed", ["", "?", "AAAA", "=" * 8, "A" * 21, base64.b64encode(b"x" * 33).decode(), "密"]
)
def test_ciphertext_that_is_none_is_refused(sealed: str) -> None:
    body, query = _signed(sealed)
    with clock.frozen(_AT), pytest.raises(BadEnvelope):
        Envelope(_ACCOUNT).open(body, query)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"<xml>",
        b"<xml/>",
        b"<a><Encrypt>x</Encrypt></a>",
        b"<xml><Encrypt><a/></Encrypt></xml>",
        b"<xml><Encrypt>1</Encrypt><Encrypt>2</Encrypt></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>',
        b"<xml>" + b"<a>" * 50_000,
        b"{}",
        b"{",
        b"[1]",
        b'{"Encrypt": 5}',
        b'{"Encrypt": {"a": 1}}',
        b"\xff\xfe<\x00",
    ],
)
def test_bodies_of_the_wrong_shape_are_refused(body: bytes) -> None:
    _, query = _pushed(_WHOLE)
    with clock.frozen(_AT), pytest.raises(BadEnvelope):
        Envelope(_ACCOUNT).open(body, query)


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "msg_signature"])
def test_an_incomplete_address_is_refused(missing: str) -> None:
    body, query = _pushed(_WHOLE)
    del query[missing]
    with clock.frozen(_AT), pytest.raises(BadEnvelope):
        Envelope(_ACCOUNT).open(body, query)


def test_the_plain_signature_opens_nothing_in_safe_mode() -> None:
    body, query = _pushed(_WHOLE)
    query["signature"] = signature(_ACCOUNT.token, query["timestamp"], query["nonce"])
    query["msg_signature"] = query["signature"]
    with clock.frozen(_AT), pytest.raises(BadEnvelope):
        Envelope(_ACCOUNT).open(body, query)


def test_compatible_mode_reads_the_sealed_copy_only() -> None:
    body, query = _pushed(_WHOLE)
    compatible = Account(_ACCOUNT.appid, "s", _ACCOUNT.token, _KEY, mode="compat")
    forged = body.replace(b"<xml>", b"<xml><MsgType>image</MsgType>")
    with clock.frozen(_AT):
        assert Envelope(compatible).open(forged, query).message == _MESSAGE
        with pytest.raises(BadEnvelope):
            Envelope(compatible).open(_MESSAGE, query)


@pytest.mark.parametrize(("late_s", "is_taken"), [(299, True), (-299, True), (302, False), (-302, False)])
def test_a_push_counts_within_its_window_only(late_s: int, is_taken: bool) -> None:
    body, query = _pushed(_WHOLE)
    with clock.frozen(datetime.fromtimestamp(_AT.timestamp() + late_s, UTC)):
        if is_taken:
            assert Envelope(_ACCOUNT).open(body, query).message == _MESSAGE
            # The platform's own retry is the same push again.
            assert Envelope(_ACCOUNT).open(body, query).message == _MESSAGE
        else:
            with pytest.raises(BadEnvelope):
                Envelope(_ACCOUNT).open(body, query)


@given(st.data())
def test_one_changed_byte_anywhere_is_refused(data: st.DataObject) -> None:
    body, query = _pushed(_WHOLE)
    start = body.index(b"CDATA[") + 6
    place = data.draw(st.integers(start, len(body) - len(b"]]></Encrypt></xml>") - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != body[place]))
    changed = body[:place] + bytes([byte]) + body[place + 1 :]
    with clock.frozen(_AT), pytest.raises(BadEnvelope):
        Envelope(_ACCOUNT).open(changed, query)


@given(st.binary(max_size=300))
def test_rubbish_is_never_more_than_a_bad_envelope(body: bytes) -> None:
    _, query = _pushed(_WHOLE)
    with clock.frozen(_AT), pytest.raises(BadEnvelope):
        Envelope(_ACCOUNT).open(body, query)


def test_a_nonce_cannot_break_out_of_a_reply() -> None:
    with clock.frozen(_AT):
        reply = parse_body(Envelope(_ACCOUNT).seal(b"<xml/>", nonce="]]></Nonce><Evil>1</Evil><Nonce>"))
    assert "Evil" not in reply
    assert reply["Nonce"] == "]]></Nonce><Evil>1</Evil><Nonce>"


def test_secrets_of_an_account_do_not_show() -> None:
    shown = repr(_ACCOUNT) + repr(Envelope(_ACCOUNT))
    assert _KEY not in shown
    assert "123456" not in shown
