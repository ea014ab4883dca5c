"""SM2 against the standard's own example and against OpenSSL; what is not exactly a signature is none."""

import base64
from typing import Final

import pytest
from ecdsa import der  # type: ignore[import-untyped]  # It ships no types.
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.sm2 import PrivateKey, PublicKey, UnusableKey

# GB/T 32918.5-2017, annex A.
_KEY: Final = PrivateKey.of(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
_R: Final = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
_S: Final = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
_N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_ID: Final = b"1234567812345678"

# Made by OpenSSL 3.0: `openssl dgst -sm3 -sigopt distid:97845f… -sign`.
_OPENSSL_PRIVATE: Final = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgTW+RkzDSfXZR/xr+
y0tOItXses3V6Z0Ry9t+vQQYcbuhRANCAAQL2XW0wiMdnt8RmBXbn5/rAR1mX/q2
6duvTdA3k2XPG9iRQh9Icd8g3Cpvx4W4a5DDRPxYB1UFoWRqRc6GnkJZ
-----END PRIVATE KEY-----
"""
_OPENSSL_SEC1: Final = """-----BEGIN SM2 PRIVATE KEY-----
MHcCAQEEIE1vkZMw0n12Uf8a/stLTiLV7HrN1emdEcvbfr0EGHG7oAoGCCqBHM9V
AYItoUQDQgAEC9l1tMIjHZ7fEZgV25+f6wEdZl/6tunbr03QN5NlzxvYkUIfSHHf
INwqb8eFuGuQw0T8WAdVBaFkakXOhp5CWQ==
-----END SM2 PRIVATE KEY-----
"""
_OPENSSL_PUBLIC: Final = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEC9l1tMIjHZ7fEZgV25+f6wEdZl/6
tunbr03QN5NlzxvYkUIfSHHfINwqb8eFuGuQw0T8WAdVBaFkakXOhp5CWQ==
-----END PUBLIC KEY-----
"""
_OPENSSL_CERTIFICATE: Final = """-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIUaI84gUTOOchwRoKpmmovl+H5Md8wCgYIKoEcz1UBg3Uw
DDEKMAgGA1UEAwwBcDAeFw0yNjExMjIwNjM3NDFaFw0zNjExMTkwNjM3NDFaMAwx
CjAIBgNVBAMMAXAwWTATBgcqhkjOPQIBBggqgRzPVQGCLQNCAAQL2XW0wiMdnt8R
mBXbn5/rAR1mX/q26duvTdA3k2XPG9iRQh9Icd8g3Cpvx4W4a5DDRPxYB1UFoWRq
Rc6GnkJZo1MwUTAdBgNVHQ4EFgQUXQxjMTY5GKEVKTuToev/zlFJJWowHwYDVR0j
BBgwFoAUXQxjMTY5GKEVKTuToev/zlFJJWowDwYDVR0TAQH/BAUwAwEB/zAKBggq
gRzPVQGDdQNIADBFAiBU2fNjm30cFmZGA7wAPzl0d5KtrXGRsqDcLd07g9U79QIh
AOxja4+es1g71c1RnmlOsMy/2fwTfjvirO1Ud4mBDMyO
-----END CERTIFICATE-----
"""
_OPENSSL_ID: Final = b"97845f6ed842ea860df6fdf65941ff56"
_OPENSSL_MESSAGE: Final = b"https://api.weixin.qq.com/x\nwx\n1\n{}"
_OPENSSL_SIGNATURE: Final = base64.b64decode(
    "MEQCIEJLyGPW12oVryVgZVI2Yq1HH2r+LUv1c7wRjXRtm4uGAiB7CLyNxb0sYz/mQE5YT/0PeaMmSy1svC/GqkUO0CK2gA=="
)


def _der(r: int, s: int) -> bytes:
    return bytes(der.encode_sequence(der.encode_integer(r), der.encode_integer(s)))


def test_the_standard_s_key_pair_belongs_together() -> None:
    assert _KEY.public.x == 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
    assert _KEY.public.y == 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13


def test_the_standard_s_signature_is_right_for_its_identity_only() -> None:
    assert _KEY.public.verify(b"message digest", _der(_R, _S), _ID)
    assert not _KEY.public.verify(b"message digest", _der(_R, _S), b"1234567812345679")
    assert not _KEY.public.verify(b"message digesT", _der(_R, _S), _ID)


def test_openssl_s_signature_is_right_under_every_form_of_its_key() -> None:
    private, sec1 = PrivateKey.from_pem(_OPENSSL_PRIVATE), PrivateKey.from_pem(_OPENSSL_SEC1)
    public, certified = PublicKey.from_pem(_OPENSSL_PUBLIC), PublicKey.from_pem(_OPENSSL_CERTIFICATE)
    assert private.public == sec1.public == public == certified
    assert public.verify(_OPENSSL_MESSAGE, _OPENSSL_SIGNATURE, _OPENSSL_ID)


def test_every_signature_is_fresh_and_right() -> None:
    signatures = {_KEY.sign(b"m", b"id") for _ in range(5)}
    assert len(signatures) == 5
    assert all(_KEY.public.verify(b"m", one, b"id") for one in signatures)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x30\x00",
        _R.to_bytes(32, "big") + _S.to_bytes(32, "big"),
        _der(_R, _S) + b"\x00",
        _der(0, _S),
        _der(_R, 0),
        _der(_R, _S + _N),
        _der(_R + _N, _S),
        _der(_R, _N - _R),
        _der(_S, _R),
    ],
)
def test_what_is_not_exactly_a_signature_is_none(signature: bytes) -> None:
    assert not _KEY.public.verify(b"message digest", signature, _ID)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_rubbish_is_no_signature(signature: bytes) -> None:
    assert not _KEY.public.verify(b"message digest", signature, _ID)


@pytest.mark.parametrize("pem", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_holds_no_key_is_refused(pem: str) -> None:
    with pytest.raises(UnusableKey):
        PublicKey.from_pem(pem)
    with pytest.raises(UnusableKey):
        PrivateKey.from_pem(pem)


def test_a_point_beside_the_curve_is_refused() -> None:
    with pytest.raises(UnusableKey):
        PublicKey.at(_KEY.public.x, _KEY.public.y + 1)


@pytest.mark.parametrize("number", [0, -1, _N - 1, _N])
def test_a_number_out_of_range_is_no_key(number: int) -> None:
    with pytest.raises(UnusableKey):
        PrivateKey.of(number)


@pytest.mark.parametrize("identity", [b"", b"x" * 8192])
def test_an_identity_must_fit_its_length(identity: bytes) -> None:
    with pytest.raises(ValueError):
        _KEY.sign(b"m", identity)


def test_the_number_does_not_show() -> None:
    assert "3945208" not in repr(_KEY)
    assert str(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8) not in repr(_KEY)
