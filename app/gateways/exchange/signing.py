"""Who signs our questions to an outside system, and how its answers are checked (``docs/exchange.md``).

Questions are signed as everywhere between systems (``app/kit/signing.py``). An answer's signature covers its
status, its time, the question's nonce and its body, so that none can be given twice or to another question.
"""

import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Final, Protocol

from app.kit import sm2
from app.kit.signing import (
    KEY,
    NONCE,
    SIGNATURE,
    SM2_IDENTITY,
    TIMESTAMP,
    signature,
    signed_headers,
    sm2_text,
)

ANSWER: Final = "ANSWER"
"""Stands where a question has its method, so that no question's signature fits an answer."""

_GOOD: Final = "200"
"""Only such an answer is signed."""


class Signer(Protocol):
    """One suite with its keys."""

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """The headers of one attempt; a repeated request is signed anew."""
        ...

    def is_genuine_answer(self, status: int, nonce: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the answer to the question with this nonce was signed by the other side."""
        ...


class HmacSigner:
    """HMAC-SHA256 with a secret both sides hold."""

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, secret

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """See ``Signer``."""
        return signed_headers(self._key, self._secret, method, path, body)

    def is_genuine_answer(self, status: int, nonce: str, headers: Mapping[str, str], body: bytes) -> bool:
        """See ``Signer``."""
        right = signature(self._secret, ANSWER, str(status), headers.get(TIMESTAMP, ""), nonce, body)
        return hmac.compare_digest(headers.get(SIGNATURE, "").encode(errors="replace"), right.encode())


class Sm2Signer:
    """SM2 over SM3: questions with our private key, answers checked with the other side's public key."""

    def __init__(self, key: str, own: sm2.PrivateKey, theirs: sm2.PublicKey) -> None:
        self._key, self._own, self._theirs = key, own, theirs

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """See ``Signer``."""
        timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(18)
        signed = self._own.sign(sm2_text(method, path, timestamp, nonce, body), SM2_IDENTITY)
        return {KEY: self._key, TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signed.hex()}

    def is_genuine_answer(self, status: int, nonce: str, headers: Mapping[str, str], body: bytes) -> bool:
        """See ``Signer``."""
        try:
            told = bytes.fromhex(headers.get(SIGNATURE, ""))
        except ValueError:
            return False
        text = sm2_text(ANSWER, str(status), headers.get(TIMESTAMP, ""), nonce, body)
        return self._theirs.verify(text, told, SM2_IDENTITY)


def answer_headers(secret: str | sm2.PrivateKey, nonce: str, body: bytes) -> dict[str, str]:
    """The headers of our own answer, with status 200, to the question with this nonce.

    Signed with the secret both sides hold, or with our private key.
    """
    timestamp = str(int(time.time()))
    if isinstance(secret, sm2.PrivateKey):
        signed = secret.sign(sm2_text(ANSWER, _GOOD, timestamp, nonce, body), SM2_IDENTITY).hex()
    else:
        signed = signature(secret, ANSWER, _GOOD, timestamp, nonce, body)
    return {TIMESTAMP: timestamp, SIGNATURE: signed}
