"""Customer-service windows 客服消息时限: who wrote to an account, and how often it may still write to them.

WeChat's rule: within 48 hours of what a person wrote, five messages; every word of theirs begins anew.
The note of it is made where pushes are counted anyway, lives in Valkey alone and may be lost: then the
window counts as closed, and the message takes another way.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from app.kit import cache

PREFIX: Final = "heard:"
LIFE_S: Final = 48 * 3600
MOST: Final = 5
CLOSED: Final = frozenset({45015, 45047})
"""What WeChat says of a window that is over, or used up."""

# KEYS are windows; takes one message from each that has any left and answers how many were left before.
_SPEND: Final = """
local before = {}
for i = 1, #KEYS do
    local left = tonumber(redis.call('GET', KEYS[i]) or '0')
    if left > 0 then redis.call('DECR', KEYS[i]) end
    before[i] = left
end
return before
"""


def talker_of(appid: str, openid: str) -> str:
    """A person's name in keys, from which nobody reads who it is."""
    return hashlib.sha256(f"{appid} {openid}".encode()).hexdigest()[:32]


async def open_among(appid: str, openids: Sequence[str]) -> set[str]:
    """Those to whom the account may write now."""
    if not openids:
        return set()
    try:
        found = await cache.client().mget([_key(appid, openid) for openid in openids])
    except cache.CACHE_ERRORS:
        return set()
    return {openid for openid, left in zip(openids, found, strict=True) if left and int(left) > 0}


async def spend(appid: str, openids: Sequence[str]) -> set[str]:
    """Count one message to each of these; answers those whose window allowed it."""
    if not openids:
        return set()
    keys = [_key(appid, openid) for openid in openids]
    try:
        before = await cache.client().eval(_SPEND, len(keys), *keys)
    except cache.CACHE_ERRORS:
        return set()
    return {openid for openid, left in zip(openids, before, strict=True) if left > 0}


async def close(appid: str, openid: str) -> None:
    """WeChat says the window is over (45015) or used up (45047)."""
    try:
        await cache.client().delete(_key(appid, openid))
    except cache.CACHE_ERRORS:
        return  # A cache that is away has forgotten the window anyway.


def _key(appid: str, openid: str) -> str:
    return f"{PREFIX}{talker_of(appid, openid)}"
