"""The door of the partner interface: who signed a request, in time and for the first time."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from app.domain.partners.errors import (
    NonceUsed,
    SignatureRefused,
    TimestampRefused,
    TooManyBadSignatures,
)
from app.domain.partners.mapping import FieldMap
from app.kit import clock, crypto, db, limits, signing
from app.kit.errors import TooOften, UpstreamDown
from app.kit.signing import Algorithm
from app.kit.sm2 import UnusableKey
from config import settings

_KEY: Final = """
SELECT k.id, k.algorithm, k.secret_sealed, s.id AS system_id, s.code, s.field_map::text
FROM partner_key k JOIN partner_system s ON s.id = k.system_id
WHERE k.id = $1 AND k.revoked_at IS NULL AND k.expires_at > $2 AND s.is_active
"""
_NONCE: Final = "INSERT INTO partner_nonce (digest, forget_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_USED: Final = """
UPDATE partner_key SET last_used_at = $2::timestamptz
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 hour')
"""
_KEY_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,32}")
_LONGEST_NONCE: Final = 64
_NOBODY: Final = "the secret of no key"
_LIMIT: Final = "bad_signature"


@dataclass(frozen=True, slots=True)
class Pusher:
    """A system that calls, by one of its keys."""

    system_id: int
    code: str
    field_map: FieldMap | None

    @property
    def caller_id(self) -> str:
        return f"partner:{self.code}"


async def check_address(address: str) -> None:
    """Raises TooManyBadSignatures for an address that has sent so many; nothing else is looked at."""
    allowance = settings.current().partner_bad_signatures_per_minute
    try:
        await limits.check(_LIMIT, address, allowance=allowance, per_s=60)
    except TooOften as often:
        raise TooManyBadSignatures(retry_after=often.retry_after) from None


async def admit(address: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Pusher:
    """The system that signed this request; ``path`` is as it was sent, with its query.

    Raises SignatureRefused, alike for an unknown key and for a wrong signature, which counts against the
    address, and then TooManyBadSignatures; for a genuine signature TimestampRefused outside the window, and
    NonceUsed for a request that was here before.
    """
    key_id, now = headers.get(signing.KEY, ""), clock.now()
    # What no column takes is the number of no key.
    row = await db.fetch_one(_KEY, key_id, now) if _KEY_ID.fullmatch(key_id) else None
    algorithm = Algorithm(row["algorithm"]) if row else Algorithm.HMAC
    secret = crypto.unseal(row["secret_sealed"]) if row else _NOBODY
    if not await _is_genuine(secret, method, path, headers, body, algorithm) or row is None:
        await _count_bad_signature(address)
        raise SignatureRefused
    window_s = settings.current().partner_window_s
    if not signing.is_timely(headers, clock.seconds(), window_s):
        raise TimestampRefused
    await _use(key_id, headers.get(signing.NONCE, ""), timedelta(seconds=2 * window_s))
    field_map = FieldMap.read(orjson.loads(row["field_map"])) if row["field_map"] else None
    return Pusher(row["system_id"], row["code"], field_map)


async def purge() -> int:
    """Forget nonces whose timestamps have grown too old; for a timed task."""
    return await db.execute("DELETE FROM partner_nonce WHERE forget_at <= $1", clock.now())


async def _count_bad_signature(address: str) -> None:
    """Raises TooManyBadSignatures; a lost cache counts nothing, and a bad signature stays a bad one."""
    allowance = settings.current().partner_bad_signatures_per_minute
    try:
        await limits.hit(_LIMIT, address, allowance=allowance, per_s=60, closed=True)
    except TooOften as often:
        raise TooManyBadSignatures(retry_after=often.retry_after) from None
    except UpstreamDown:
        return


async def _is_genuine(
    secret: str, method: str, path: str, headers: Mapping[str, str], body: bytes, algorithm: Algorithm
) -> bool:
    if algorithm is Algorithm.HMAC:
        return signing.is_genuine(secret, method, path, headers, body)
    try:
        # Milliseconds of arithmetic: other requests go on meanwhile.
        return await asyncio.to_thread(
            signing.is_genuine, secret, method, path, headers, body, algorithm=algorithm
        )
    except UnusableKey:
        return False


async def _use(key_id: str, nonce: str, kept: timedelta) -> None:
    """Let a nonce through once. It is kept in the database: a lost cache must not let a copy in."""
    if not 8 <= len(nonce) <= _LONGEST_NONCE or not nonce.isascii():
        raise NonceUsed("随机数应为 8 到 64 个 ASCII 字符，每次请求都不同")
    now = clock.now()
    digest = hashlib.sha256(f"{key_id}\0{nonce}".encode()).hexdigest()
    if not await db.execute(_NONCE, digest, now + kept):
        raise NonceUsed
    await db.execute(_USED, key_id, now)
