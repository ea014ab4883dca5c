"""The sealed envelope of WeChat's pushes: signature, AES, padding, receiver, all checked strictly.

Source: the platform's message encryption guide. AES-256-CBC, IV = first 16 bytes of the key,
PKCS#7 with block 32; plain text = 16 random bytes + uint32 length (big endian) + message + appid.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from app.gateways.wechat.accounts import Account
from app.gateways.wechat.errors import BadEnvelope
from app.gateways.wechat.markup import cdata, parse_body
from app.kit import clock

_BLOCK: Final = 32
_AES_BLOCK: Final = 16
_RANDOM: Final = 16
_HEAD: Final = _RANDOM + 4

# How the platform writes a sealed push. Whatever stands around the ciphertext is not signed and means
# nothing, so nothing is lost by reading it at a glance; any other spelling is parsed.
_USUAL: Final = re.compile(
    rb"<xml>\s*<ToUserName><!\[CDATA\[[0-9A-Za-z_]{1,64}\]\]></ToUserName>"
    rb"\s*<Encrypt><!\[CDATA\[([0-9A-Za-z+/=]+)\]\]></Encrypt>\s*</xml>\s*"
)

Form = Literal["xml", "json"]


def signature(*parts: str) -> str:
    """WeChat's signature: SHA-1 of the sorted parts (the token among them), in hex."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """A genuine message, in the form it came in, and the key that opened it."""

    message: bytes
    form: Form
    key: bytes | None = field(repr=False)


class Envelope:
    """Opens and seals for one account.

    ``window_s`` is how far, in seconds, a push's timestamp may be from now. A repeat within it
    is not refused here: the platform's own retries must be answered with success.
    """

    def __init__(self, account: Account, *, window_s: int = 300) -> None:
        self._account = account
        self._window_s = window_s
        self._keys = tuple(_aes_key(key) for key in (account.aes_key, account.aes_key_previous) if key)

    def __repr__(self) -> str:
        return f"<Envelope {self._account.appid}>"

    def check_address(self, query: Mapping[str, str]) -> None:
        """Check the signature of a bare address: the GET that verifies our server."""
        self._check_signature(_asked(query, "signature"), query)

    def open(self, body: bytes, query: Mapping[str, str]) -> Opened:
        """The message inside a pushed body. Raises BadEnvelope for anything else.

        Plain mode signs the address but not the body, so it believes any body; only the local
        environment may use it. Compatible mode sends both forms; only the sealed one is read.
        """
        form: Form = "json" if body.lstrip()[:1] == b"{" else "xml"
        if self._account.mode == "plain":
            self.check_address(query)
            return Opened(body, form, None)
        usual = _USUAL.fullmatch(body)
        sealed = usual[1].decode() if usual else parse_body(body).get("Encrypt")
        if not isinstance(sealed, str) or not sealed:
            raise BadEnvelope("nothing encrypted")
        self._check_signature(_asked(query, "msg_signature"), query, sealed)
        message, key = self._decrypt(sealed)
        return Opened(message, form, key)

    def seal(self, message: bytes, *, nonce: str, form: Form = "xml", key: bytes | None = None) -> bytes:
        """An encrypted reply; ``nonce`` is the request's, ``key`` the one that opened the request."""
        return self.sign(self.encrypt(message, key=key), nonce=nonce, form=form)

    def sign(self, encrypted: str, *, nonce: str, form: Form = "xml") -> bytes:
        """An encrypted reply around a ciphertext made before; ``nonce`` is the request's."""
        timestamp = str(int(clock.seconds()))
        signed = signature(self._account.token, timestamp, nonce, encrypted)
        if form == "json":
            return orjson.dumps(
                {"Encrypt": encrypted, "MsgSignature": signed, "TimeStamp": int(timestamp), "Nonce": nonce}
            )
        return (
            f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signed)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        ).encode()

    def encrypt(self, message: bytes, *, key: bytes | None = None, salt: bytes | None = None) -> str:
        """The base64 ciphertext of a message; ``salt`` (16 bytes) is random unless a vector fixes it."""
        plain = (
            (salt or os.urandom(_RANDOM))
            + struct.pack(">I", len(message))
            + message
            + self._account.appid.encode()
        )
        pad = _BLOCK - len(plain) % _BLOCK
        cipher = _cipher(key or self._keys[0]).encryptor()
        return base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()

    def _check_signature(self, given: str, query: Mapping[str, str], *sealed: str) -> None:
        timestamp, nonce = _asked(query, "timestamp"), _asked(query, "nonce")
        right = signature(self._account.token, timestamp, nonce, *sealed)
        if not hmac.compare_digest(right.encode(), given.encode()):
            raise BadEnvelope("signature")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise BadEnvelope("timestamp")
        if abs(int(timestamp) - clock.seconds()) > self._window_s:
            raise BadEnvelope("outside the replay window")

    def _decrypt(self, sealed: str) -> tuple[bytes, bytes]:
        try:
            raw = base64.b64decode(sealed.encode(), validate=True)
        except (binascii.Error, ValueError):
            raise BadEnvelope("base64") from None
        # Python lets surplus padding and stray last bits pass; one ciphertext has one spelling.
        if base64.b64encode(raw) != sealed.encode():
            raise BadEnvelope("base64")
        # Whole AES blocks, not whole 32-byte ones: the padding check below decides about those.
        if not raw or len(raw) % _AES_BLOCK:
            raise BadEnvelope("length of the ciphertext")
        for key in self._keys:
            opener = _cipher(key).decryptor()
            message = _unpack(opener.update(raw) + opener.finalize(), self._account.appid.encode())
            if message is not None:
                return message, key
        raise BadEnvelope("no key opens it")


def _unpack(plain: bytes, appid: bytes) -> bytes | None:
    """The message, or None if padding, length or receiver are not exactly right."""
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or len(plain) < _HEAD + pad or plain[-pad:] != bytes([pad]) * pad:
        return None
    body = plain[:-pad]
    (length,) = struct.unpack(">I", body[_RANDOM:_HEAD])
    if _HEAD + length > len(body) or not hmac.compare_digest(body[_HEAD + length :], appid):
        return None
    return body[_HEAD : _HEAD + length]


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> Cipher[CBC]:
    return Cipher(AES(key), CBC(key[:_AES_BLOCK]))


def _aes_key(encoding_aes_key: str) -> bytes:
    """The 32-byte key of a 43-character EncodingAESKey; its last bits may be anything."""
    key = base64.b64decode(encoding_aes_key + "=")
    if len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 characters")
    return key


def _asked(query: Mapping[str, str], name: str) -> str:
    value = query.get(name)
    if not isinstance(value, str) or not value or len(value) > 256:
        raise BadEnvelope(f"no {name}")
    return value
