"""The worked example of WeChat's own guide: what it encrypts, signs and answers is what we take and make."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.gateways.wechat.api_security import AesRsa, SealedCalls, StaleAnswer
from app.gateways.wechat.api_security.suites import Sm4Sm2
from app.kit import clock
from tests.gateways.wechat.api_security.conftest import KEY_SN, private_pem, side_of

_GUIDE: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text())
_PATH = "/wxa/getuserriskrank"


@pytest.fixture(scope="module")
def suite() -> AesRsa:
    own = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    platform = {
        _GUIDE["answer"]["serial"]: _GUIDE["answer"]["certificate"],
        "developer": _GUIDE["request"]["public_key"],
    }
    return AesRsa(base64.b64decode(_GUIDE["sym_key"]), own.decode(), platform)


def _aad(timestamp: int) -> bytes:
    return f"{_GUIDE['address']}|{_GUIDE['appid']}|{timestamp}|{_GUIDE['sym_sn']}".encode()


def test_the_guide_s_request_opens_and_encrypts_to_the_same_bytes(suite: AesRsa) -> None:
    asked = _GUIDE["request"]
    parts = {name: base64.b64decode(value) for name, value in json.loads(asked["body"]).items()}
    aad = _aad(asked["timestamp"])
    plain = suite.decrypt(parts["iv"], parts["data"], parts["authtag"], aad)
    assert json.loads(plain) == asked["plain"]
    assert suite.encrypt(parts["iv"], plain, aad) == (parts["data"], parts["authtag"])


def test_the_guide_s_request_signature_is_right(suite: AesRsa) -> None:
    asked = _GUIDE["request"]
    message = f"{_GUIDE['address']}\n{_GUIDE['appid']}\n{asked['timestamp']}\n{asked['body']}".encode()
    signature = base64.b64decode(asked["signature"])
    assert suite.verify("developer", message, signature)
    assert not suite.verify("developer", message + b"\n", signature)


def test_the_guide_s_answer_opens_at_its_time_and_not_later(suite: AesRsa) -> None:
    answer = _GUIDE["answer"]
    headers = {
        "Wechatmp-Appid": _GUIDE["appid"],
        "Wechatmp-TimeStamp": str(answer["timestamp"]),
        "Wechatmp-Serial": answer["serial"],
        "Wechatmp-Signature": answer["signature"],
    }
    sealed = SealedCalls(_GUIDE["appid"], suite, _GUIDE["sym_sn"])
    with clock.frozen(datetime.fromtimestamp(answer["timestamp"] + 10, UTC)):
        opened = json.loads(sealed.open(_PATH, 200, headers, answer["body"].encode()))
    assert opened == {name: value for name, value in answer["plain"].items() if not name.startswith("_")}
    with (
        clock.frozen(datetime.fromtimestamp(answer["timestamp"] + 301, UTC)),
        pytest.raises(StaleAnswer),
    ):
        sealed.open(_PATH, 200, headers, answer["body"].encode())


def test_sm4_gcm_is_that_of_rfc_8998() -> None:
    suite = Sm4Sm2(
        bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"),
        private_pem(side_of("sm4-sm2").developer),
        KEY_SN,
        {},
    )
    plain = b"".join(bytes([byte]) * 8 for byte in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    iv, aad = bytes.fromhex("00001234567800000000ABCD"), bytes.fromhex("FEEDFACEDEADBEEF" * 2 + "ABADDAD2")
    data, tag = suite.encrypt(iv, plain, aad)
    assert data.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    assert tag.hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"
    assert suite.decrypt(iv, data, tag, aad) == plain
