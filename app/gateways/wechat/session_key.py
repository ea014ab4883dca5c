"""What a mini-program's session key proves: encrypted user data, signed raw data, and that it still lives.

The key never leaves the server. WeChat may rotate it at every ``wx.login``; data sealed with an older one
does not open, and the way out for the person is to log in again.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatError, WeChatRefused
from app.kit import clock

_DEAD: Final = 87009
_LARGEST: Final = 64 * 1024
# Data older than this are somebody's recording of an earlier visit.
FRESH: Final = timedelta(minutes=10)


class UserDataInvalid(WeChatError):
    """Sealed or signed user data that are not genuine, not ours, or of another session key."""

    def __init__(self) -> None:
        super().__init__("user data that this session key does not prove")


def open_user_data(
    session_key: str, encrypted_data: str, iv: str, *, appid: str, fresh: timedelta | None = FRESH
) -> dict[str, Any]:
    """The JSON inside ``encryptedData``; one error for every defect. ``fresh`` None believes any age.

    Source: the guide on verifying and decrypting open data. AES-128-CBC, PKCS#7 with block 16, and a
    ``watermark`` with our appid and the moment. Raises UserDataInvalid.
    """
    try:
        key, salt, sealed = (_decoded(part) for part in (session_key, iv, encrypted_data))
        opener = Cipher(AES(key), CBC(salt)).decryptor()
        unpadder = PKCS7(128).unpadder()
        padded = opener.update(sealed) + opener.finalize()
        found = orjson.loads(unpadder.update(padded) + unpadder.finalize())
        watermark = found["watermark"]
        is_ours = watermark["appid"] == appid
        age = clock.seconds() - int(watermark["timestamp"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise UserDataInvalid from None
    if not is_ours or (fresh is not None and abs(age) > fresh.total_seconds()):
        raise UserDataInvalid
    return dict(found)


def check_raw_data(session_key: str, raw_data: str, signature: str) -> None:
    """That WeChat signed this text for this session: SHA-1 of text and key. Raises UserDataInvalid."""
    right = hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(right.encode(), signature.encode()):
        raise UserDataInvalid


def login_state_signature(session_key: str, message: str = "") -> str:
    """HMAC-SHA256 under the key's text as it is, in hex: how WeChat is asked about a session."""
    return hmac.new(session_key.encode(), message.encode(), hashlib.sha256).hexdigest()


async def is_alive(client: AsyncWeChatClient, openid: str, session_key: str) -> bool:
    """Whether WeChat still knows the key (``wxa/checksession``). Raises WeChatError."""
    asked = {
        "openid": openid,
        "signature": login_state_signature(session_key),
        "sig_method": "hmac_sha256",
    }
    try:
        await client.call("GET", "/wxa/checksession", params=asked)
    except WeChatRefused as refused:
        if refused.errcode == _DEAD:
            return False
        raise
    return True


def _decoded(text: str) -> bytes:
    if len(text) > _LARGEST:
        raise ValueError("too large")
    return base64.b64decode(text, validate=True)
