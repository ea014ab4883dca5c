"""Our side against the platform's, written apart: what one seals the other opens, and nothing else opens."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from app.gateways.wechat.api_security import (
    BadSignature,
    MissingProof,
    UnknownSerial,
    UnusableApiKey,
    of_mini_program,
)
from app.gateways.wechat.api_security.suites import AesRsa
from app.kit import clock
from config.settings import current
from tests.gateways.wechat.api_security.conftest import (
    AT,
    NEW_SN,
    OLD_SN,
    Side,
    public_pem,
    side_of,
)

pytestmark = pytest.mark.usefixtures("frozen")

_PATH = "/wxa/msg_sec_check"
_PICTURE_PATH = "/wxa/getwxacodeunlimit"
_PNG = b"\x89PNG\r\n\x1a\n rest"
_ASKED = {"version": 2, "content": "您好", "openid": "o1"}
_ANSWER = b'{"errcode":0,"errmsg":"ok","result":{"suggest":"pass","label":100}}'

Headers = dict[str, str]


def _sealed(side: Side, **changes: Any) -> tuple[bytes, Headers]:
    body, headers = side.ours(**changes).seal(_PATH, {"lang": "zh_CN"}, json.dumps(_ASKED).encode())
    return body, dict(headers)


def test_the_platform_opens_what_we_seal(side: Side) -> None:
    body, headers = _sealed(side)
    assert "您好".encode() not in body
    assert sorted(headers) == ["Wechatmp-Appid", "Wechatmp-Signature", "Wechatmp-TimeStamp"]
    assert json.loads(side.platform().open(_PATH, headers, body)) == {**_ASKED, "lang": "zh_CN"}


def test_no_two_calls_look_alike(side: Side) -> None:
    ivs = {json.loads(_sealed(side)[0])["iv"] for _ in range(20)}
    assert len(ivs) == 20


def test_an_empty_body_is_sealed_as_no_fields(side: Side) -> None:
    body, headers = side.ours().seal(_PATH, {}, b"")
    assert json.loads(side.platform().open(_PATH, dict(headers), body)) == {}


def test_we_open_what_the_platform_seals(side: Side) -> None:
    body, headers = side.platform().seal(_PATH, _ANSWER)
    assert b"suggest" not in body
    assert json.loads(side.ours().open(_PATH, 200, headers, body)) == json.loads(_ANSWER)


def test_header_names_count_in_any_case(side: Side) -> None:
    body, headers = side.platform().seal(_PATH, _ANSWER)
    lowered = {name.lower(): value for name, value in headers.items()}
    assert json.loads(side.ours().open(_PATH, 200, lowered, body)) == json.loads(_ANSWER)


def test_while_certificates_change_either_is_enough(side: Side, caplog: pytest.LogCaptureFixture) -> None:
    changing = side.platform(certificate=(NEW_SN, side.new), leaving=(OLD_SN, side.old))
    new = {"mp_api_platform_key_previous": public_pem(side.new), "mp_api_platform_sn_previous": NEW_SN}
    with caplog.at_level(logging.WARNING, logger="weiban.wechat"):
        body, headers = changing.seal(_PATH, _ANSWER)
        assert side.ours(**new).open(_PATH, 200, headers, body)
        assert not caplog.records
        body, headers = changing.seal(_PATH, _ANSWER)
        assert side.ours().open(_PATH, 200, headers, body)
    assert OLD_SN in caplog.text


def test_a_certificate_we_do_not_have_proves_nothing(side: Side) -> None:
    body, headers = side.platform(certificate=(NEW_SN, side.new)).seal(_PATH, _ANSWER)
    with pytest.raises(UnknownSerial):
        side.ours().open(_PATH, 200, headers, body)


def test_the_memory_of_answers_does_not_grow_for_ever(side: Side) -> None:
    ours, platform = side.ours(), side.platform()
    for minutes in range(0, 60, 5):
        with clock.frozen(AT + timedelta(minutes=minutes)):
            body, headers = platform.seal(_PATH, _ANSWER)
            ours.open(_PATH, 200, headers, body)
    assert len(ours._seen) <= 4


def test_an_unsigned_answer_is_refused_unless_the_gate_gave_it(side: Side) -> None:
    ours = side.ours()
    for code in (-1, 40001, 42001, 40234, 40240, 45009):
        body = json.dumps({"errcode": code, "errmsg": "x"}).encode()
        assert ours.open(_PATH, 200, {}, body) == body
    for body in (
        _ANSWER,
        b'{"errcode":43101}',
        b'{"errcode":"x"}',
        b"[40001]",
        b"",
        _PNG,
        b'{"suggest":"pass"}',
    ):
        with pytest.raises(MissingProof):
            ours.open(_PATH, 200, {}, body)


def test_a_picture_comes_signed_as_it_is_or_not_signed_at_all(side: Side) -> None:
    _, headers = side.platform().seal(_PICTURE_PATH, _PNG, is_picture=True)
    ours = side.ours()
    assert ours.open(_PICTURE_PATH, 200, headers, _PNG) == _PNG
    assert ours.open(_PICTURE_PATH, 200, {}, _PNG) == _PNG
    with pytest.raises(BadSignature):
        ours.open(_PICTURE_PATH, 200, headers, _PNG + b"x")
    with pytest.raises(MissingProof):
        ours.open(_PICTURE_PATH, 200, {}, b"<html>")


def test_switched_off_there_is_nothing_to_seal() -> None:
    assert of_mini_program(current()) is None


def test_no_key_shows(side: Side) -> None:
    shown = repr(side.ours()) + repr(side.platform()._keys) + repr(side.settings)
    for secret in (side.settings.mp_api_sym_key, side.settings.mp_api_private_key):
        assert secret is not None
        assert secret.get_secret_value()[8:20] not in shown


@pytest.mark.parametrize("name", ["mp_api_private_key", "mp_api_platform_key"])
def test_keys_of_the_other_suite_are_refused_by_name(side: Side, name: str) -> None:
    other = side_of("aes-rsa" if side.suite == "sm4-sm2" else "sm4-sm2")
    foreign = getattr(other.settings, name)
    with pytest.raises(UnusableApiKey) as refusal:
        side.ours(**{name: foreign})
    assert refusal.value.name == name


def test_an_aes_key_of_the_wrong_length_is_refused() -> None:
    side = side_of("aes-rsa")
    private = side.settings.mp_api_private_key
    assert private is not None
    with pytest.raises(UnusableApiKey):
        AesRsa(b"short", private.get_secret_value(), {})
