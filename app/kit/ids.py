"""Identifiers: time-ordered keys, opaque tokens, and short numbers that reveal no volume."""

import hashlib
import hmac
import os
import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): sorts by the millisecond it was made in."""
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds << 80) | tail
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def new_token() -> str:
    """256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token. The token is random, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


class Shuffle:
    """A keyed one-to-one shuffle of ``0 … 10**digits - 1`` for an even count of digits.

    Consecutive counters become numbers that look random yet never repeat within one round, so
    a booking number tells nobody how many bookings there are. It is a Feistel network whose
    halves are decimal: each is shifted by a keyed hash of the other, modulo ten to half the
    digits, which stays inside the range by itself (compare FF1 in NIST SP 800-38G).
    """

    _ROUNDS = 8

    def __init__(self, key: bytes, digits: int) -> None:
        if digits % 2:
            raise ValueError("the count of digits must be even")
        self.size = 10**digits
        self._digits = digits
        self._half = 10 ** (digits // 2)
        self._key = key

    def number(self, counter: int) -> str:
        """The number of a counter, padded with zeros to the full count of digits."""
        left, right = divmod(counter % self.size, self._half)
        for turn in range(self._ROUNDS):
            digest = hmac.digest(self._key, b"%d:%d" % (turn, right), "sha256")
            left, right = right, (left + int.from_bytes(digest[:8], "big")) % self._half
        return f"{left * self._half + right:0{self._digits}d}"
