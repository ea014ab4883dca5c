"""Field encryption and keyed hashes: what is personal is unreadable at rest and still findable.

A sealed value reads ``<key id>.<base64url of nonce + ciphertext + tag>``; the key id lets keys
rotate while old values stay readable (GB/T 22239-2019 level 3, data confidentiality).
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config import settings

_NONCE_BYTES = 12
_BLOCK_BYTES = 64  # Of SHA-256.


class CannotUnseal(Exception):
    """The value was sealed with a key this process does not hold, or it was changed."""


def derive(secret: str, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose from one secret (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), length, salt=None, info=b"weiban:" + purpose.encode()).derive(secret.encode())


@lru_cache(maxsize=8)
def _keyring(current: str, previous: str | None) -> tuple[str, dict[str, AESGCM]]:
    ring = {_key_id(secret): AESGCM(derive(secret, "field")) for secret in (previous, current) if secret}
    return _key_id(current), ring


def _key_id(secret: str) -> str:
    return "k" + hashlib.sha256(derive(secret, "key id")).hexdigest()[:8]


def _ring() -> tuple[str, dict[str, AESGCM]]:
    chosen = settings.current()
    previous = chosen.pii_key_previous
    return _keyring(chosen.pii_key.get_secret_value(), previous.get_secret_value() if previous else None)


def seal(text: str) -> str:
    """Encrypt a text with the current key."""
    key_id, ring = _ring()
    nonce = os.urandom(_NONCE_BYTES)
    body = nonce + ring[key_id].encrypt(nonce, text.encode(), key_id.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(body).decode()}"


def unseal(value: str) -> str:
    """Decrypt a sealed text with whichever known key it names."""
    key_id, _, body = value.partition(".")
    cipher = _ring()[1].get(key_id)
    if cipher is None:
        raise CannotUnseal(f"no key {key_id}")
    raw = base64.urlsafe_b64decode(body)
    try:
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], key_id.encode()).decode()
    except InvalidTag as broken:
        raise CannotUnseal("the sealed value was changed") from broken


def sealed_with_current_key(value: str) -> bool:
    """Whether a sealed value needs no re-sealing after a key rotation."""
    return value.partition(".")[0] == _ring()[0]


def lookup_hash(text: str, purpose: str) -> bytes:
    """32 bytes by which a sealed value is found again.

    The hash is keyed by the secret key, not by the rotating field key, so that look-ups survive a
    rotation; without the key nobody can try all ID numbers against it.
    """
    return hmac.digest(purpose_key(f"lookup {purpose}"), text.encode(), "sha256")


def lookup_hashes(texts: Iterable[str], purpose: str) -> list[bytes]:
    """The same of very many texts: the padded key (RFC 2104) is hashed once for all of them."""
    key = purpose_key(f"lookup {purpose}").ljust(_BLOCK_BYTES, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in key)).copy for pad in (0x36, 0x5C))
    found = []
    for text in texts:
        within, around = inner(), outer()
        within.update(text.encode())
        around.update(within.digest())
        found.append(around.digest())
    return found


@lru_cache(maxsize=64)
def _purpose_key(secret: str, purpose: str) -> bytes:
    return derive(secret, purpose)


def purpose_key(purpose: str) -> bytes:
    """A 32-byte key derived from the secret key for one purpose."""
    return _purpose_key(settings.current().secret_key.get_secret_value(), purpose)
