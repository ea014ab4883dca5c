"""How requests between systems are signed: over method, path, time, nonce and body, by HMAC or by SM2.

One scheme for both directions. The text signed is five lines: method in capitals, path with its query,
timestamp in whole seconds, nonce, and the body's hash in lower-case hexadecimal (SHA-256; SM3 with SM2).
Whoever is called refuses a wrong signature, an old timestamp and a nonce seen before.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.hashes import SM3, Hash

from app.kit import sm2

KEY: Final = "X-Exchange-Key"
TIMESTAMP: Final = "X-Exchange-Timestamp"
NONCE: Final = "X-Exchange-Nonce"
SIGNATURE: Final = "X-Exchange-Signature"


SM2_IDENTITY: Final = b"1234567812345678"
"""The signer's identity where both sides agreed on none (GB/T 35276-2017, 10)."""


class Algorithm(StrEnum):
    """What a key signs with."""

    HMAC = "hmac"
    """HMAC-SHA256 with a secret both sides know; the signature is 64 hexadecimal digits."""
    SM2 = "sm2"
    """SM2 with SM3 under the usual identity; the signature is DER in hexadecimal."""


def signature(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The HMAC signature in lower-case hexadecimal."""
    text = _text(method, path, timestamp, nonce, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def sm2_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What is signed with SM2: the same lines, with the body's SM3 digest."""
    return _text(method, path, timestamp, nonce, sm3(body).hex())


def sm3(data: bytes) -> bytes:
    """The 32 bytes of the SM3 digest."""
    hashed = Hash(SM3())
    hashed.update(data)
    return hashed.finalize()


def signed_headers(
    key: str, secret: str, method: str, path: str, body: bytes, *, algorithm: Algorithm = Algorithm.HMAC
) -> dict[str, str]:
    """The headers of one attempt; a repeated request is signed anew.

    ``secret`` is the shared secret, or the private key (PEM) for SM2. The timestamp is the wall clock's:
    the other side compares it with its own. Raises UnusableKey for a PEM without such a key.
    """
    timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(18)
    if algorithm is Algorithm.SM2:
        text = sm2_text(method, path, timestamp, nonce, body)
        told = sm2.PrivateKey.from_pem(secret).sign(text, SM2_IDENTITY).hex()
    else:
        told = signature(secret, method, path, timestamp, nonce, body)
    return {KEY: key, TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: told}


def is_genuine(
    secret: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    algorithm: Algorithm = Algorithm.HMAC,
) -> bool:
    """Whether the signature among the headers fits; compared in constant time.

    ``secret`` is the shared secret, or the other side's public key or certificate (PEM) for SM2.
    """
    told, given = headers.get(SIGNATURE, ""), (headers.get(TIMESTAMP, ""), headers.get(NONCE, ""))
    if algorithm is Algorithm.HMAC:
        right = signature(secret, method, path, *given, body)
        return hmac.compare_digest(_bytes(told), right.encode())
    try:
        signed = bytes.fromhex(told)
    except ValueError:
        return False
    return _public_key(secret).verify(sm2_text(method, path, *given, body), signed, SM2_IDENTITY)


def is_timely(headers: Mapping[str, str], now: float, window_s: float) -> bool:
    """Whether the timestamp is within the window around ``now`` (seconds since 1970)."""
    told = headers.get(TIMESTAMP, "")
    return told.isascii() and told.isdigit() and len(told) <= 12 and abs(int(told) - now) <= window_s


def _text(method: str, path: str, timestamp: str, nonce: str, digest: str) -> bytes:
    return _bytes(f"{method.upper()}\n{path}\n{timestamp}\n{nonce}\n{digest}")


def _bytes(text: str) -> bytes:
    """As it came: bytes of a header that are no UTF-8 were read as lone surrogates."""
    return text.encode(errors="surrogateescape")


@lru_cache(maxsize=64)
def _public_key(pem: str) -> sm2.PublicKey:
    return sm2.PublicKey.from_pem(pem)
