"""Signing: the published vectors, and the worked examples an integrator follows."""

import hashlib
import hmac
import re
from pathlib import Path

import pytest

from app.gateways.exchange.signing import HmacSigner, Sm2Signer, answer_headers
from app.kit import signing, sm2
from tests.gateways.exchange.registry import KEY, OUR_SM2, THEIR_SM2

DOCUMENT = Path(__file__).parents[3] / "docs" / "exchange.md"
BODY = '{"uscc":"91440101MA5DEMQ01M","purpose":"纳税信用查询"}'.encode()


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        # GB/T 32905-2016, A.1 and A.2.
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_the_standard_s_digests(message: bytes, digest: str) -> None:
    assert signing.sm3(message).hex() == digest


def test_the_published_hmac() -> None:
    # RFC 4231, test case 2.
    made = hmac.new(b"Jefe", b"what do ya want for nothing?", hashlib.sha256).hexdigest()
    assert made == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_a_question_of_the_worked_example() -> None:
    example = _example("HMAC")
    made = signing.signature(
        example["secret"], "POST", example["path"], example["timestamp"], example["nonce"], BODY
    )
    assert example["body"].encode() == BODY
    assert hashlib.sha256(BODY).hexdigest() == example["digest"]
    assert made == example["signature"]


def test_an_answer_of_the_worked_example() -> None:
    example = _example("ANSWER")
    signer = HmacSigner("weiban", example["secret"])
    told = {signing.TIMESTAMP: example["timestamp"], signing.SIGNATURE: example["signature"]}
    body = example["body"].encode()
    assert signer.is_genuine_answer(200, example["nonce"], told, body)
    for status, nonce, changed in (
        (201, example["nonce"], body),
        (200, "another", body),
        (200, example["nonce"], body + b" "),
    ):
        assert not signer.is_genuine_answer(status, nonce, told, changed)
    later = {**told, signing.TIMESTAMP: "1795320002"}
    assert not signer.is_genuine_answer(200, example["nonce"], later, body)


def test_an_sm2_signature_of_the_worked_example() -> None:
    example = _example("SM2")
    public = sm2.PublicKey.at(int(example["public x"], 16), int(example["public y"], 16))
    text = signing.sm2_text("POST", example["path"], example["timestamp"], example["nonce"], BODY)
    assert signing.sm3(BODY).hex() == example["digest"]
    assert public.verify(text, bytes.fromhex(example["signature"]), signing.SM2_IDENTITY)


def test_no_question_s_signature_fits_an_answer() -> None:
    signer = Sm2Signer(KEY, OUR_SM2, OUR_SM2.public)
    headers = signer.headers("POST", "/v1/a-list", BODY)
    assert not signer.is_genuine_answer(200, headers[signing.NONCE], headers, BODY)


@pytest.mark.parametrize("name", [signing.SIGNATURE, signing.TIMESTAMP])
def test_bytes_that_are_no_text_are_no_signature(name: str) -> None:
    strange = b"\xff\xfe".decode(errors="surrogateescape")
    headers = {signing.SIGNATURE: "00", signing.TIMESTAMP: "1", signing.NONCE: "n", name: strange}
    assert not HmacSigner("key", "secret").is_genuine_answer(200, "n", headers, b"")
    assert not signing.is_genuine("secret", "GET", "/", headers, b"")


def test_sm2_answers_are_theirs_and_not_ours() -> None:
    signer = Sm2Signer(KEY, OUR_SM2, THEIR_SM2.public)
    text = signing.sm2_text("ANSWER", "200", "1", "nonce", b"{}")
    for key, is_right in ((THEIR_SM2, True), (OUR_SM2, False)):
        told = {signing.TIMESTAMP: "1", signing.SIGNATURE: key.sign(text, signing.SM2_IDENTITY).hex()}
        assert signer.is_genuine_answer(200, "nonce", told, b"{}") is is_right
    assert not signer.is_genuine_answer(200, "nonce", {signing.SIGNATURE: "zz"}, b"{}")


def test_our_own_answers_are_signed_as_we_want_others_to() -> None:
    below = HmacSigner(KEY, "the secret")
    assert below.is_genuine_answer(200, "nonce", answer_headers("the secret", "nonce", b"{}"), b"{}")
    assert not below.is_genuine_answer(200, "other", answer_headers("the secret", "nonce", b"{}"), b"{}")
    with_sm2 = Sm2Signer(KEY, THEIR_SM2, OUR_SM2.public)
    assert with_sm2.is_genuine_answer(200, "nonce", answer_headers(OUR_SM2, "nonce", b"{}"), b"{}")


def test_keys_do_not_show() -> None:
    signers = (HmacSigner(KEY, "the secret"), Sm2Signer(KEY, OUR_SM2, THEIR_SM2.public))
    assert "the secret" not in repr(signers)
    assert str(0xA11CE) not in repr(signers)


def _example(name: str) -> dict[str, str]:
    """The lines ``what: value`` of one example in the document."""
    text = DOCUMENT.read_text()
    block = re.search(rf"```text {name}\n(.*?)```", text, re.DOTALL)
    assert block is not None, name
    return dict(line.split(": ", 1) for line in block[1].strip().splitlines())
