"""WeChat's own examples open and verify; whatever else a client sends is one and the same refusal."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.gateways.wechat import WeChat
from app.gateways.wechat.session_key import (
    UserDataInvalid,
    check_raw_data,
    is_alive,
    login_state_signature,
    open_user_data,
)
from app.kit import clock

VECTORS: dict[str, Any] = {
    vector["id"]: vector
    for vector in json.loads((Path(__file__).parent / "session_key_vectors.json").read_text())
}
SEALED = VECTORS["official-encryptedData"]
KEY, APPID = SEALED["key"]["session_key"], SEALED["key"]["appid"]
DATA, IV = SEALED["input"]["encryptedData"], SEALED["input"]["iv"]


def _opened(data: str = DATA, iv: str = IV, key: str = KEY, appid: str = APPID) -> dict[str, Any]:
    return open_user_data(key, data, iv, appid=appid, fresh=None)


def test_the_published_user_data_open() -> None:
    assert _opened() == json.loads(SEALED["expected"]["plaintext"])


def _flipped(text: str, at: int) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"appid": "wx0000000000000000"},
        {"key": _flipped(KEY, 0)},
        {"iv": _flipped(IV, 0)},
        {"data": _flipped(DATA, 0)},
        {"data": _flipped(DATA, -1)},
        {"data": _flipped(DATA, -17)},
        {"data": base64.b64encode(base64.b64decode(DATA)[:-16]).decode()},
        {"data": DATA[:-5]},
        {"data": ""},
        {"data": "！"},
        {"iv": "AAAA"},
        {"key": "AAAA"},
        {"data": "A" * 100_000},
    ],
)
def test_anything_else_is_one_refusal(changed: dict[str, str]) -> None:
    with pytest.raises(UserDataInvalid) as refusal:
        _opened(**changed)
    assert refusal.value.__cause__ is None


def test_a_recording_of_an_earlier_visit_is_refused() -> None:
    at = clock.now().fromtimestamp(_opened()["watermark"]["timestamp"], clock.SHANGHAI)
    with clock.frozen(at + timedelta(minutes=9)):
        open_user_data(KEY, DATA, IV, appid=APPID)
    with clock.frozen(at + timedelta(minutes=11)), pytest.raises(UserDataInvalid):
        open_user_data(KEY, DATA, IV, appid=APPID)


def test_the_published_raw_data_are_genuine_and_nothing_near_them() -> None:
    vector = VECTORS["official-rawData-signature"]
    key, text = vector["key"]["session_key"], vector["input"]["rawData"]
    signature = vector["expected"]["signature"]
    check_raw_data(key, text, signature)
    for wrong in ((key, text + " ", signature), (key, text, signature[:-1]), (KEY, text, signature)):
        with pytest.raises(UserDataInvalid):
            check_raw_data(*wrong)


def test_the_published_signature_of_a_login() -> None:
    vector = VECTORS["official-user-login-state-hmac"]
    signed = login_state_signature(vector["key"]["session_key"], vector["input"]["post_data"])
    assert signed == vector["expected"]["signature"]


async def test_wechat_says_whether_a_session_key_still_lives(wechat: WeChat) -> None:
    first = await wechat.mp.code_to_session("sandbox-zhang")
    assert await is_alive(wechat.mp.client, first.openid, first.session_key)
    second = await wechat.mp.code_to_session("sandbox-zhang")
    assert await is_alive(wechat.mp.client, second.openid, second.session_key)
    assert not await is_alive(wechat.mp.client, first.openid, first.session_key)
