"""Rate limits, counted in Valkey by one atomic script for all who are asked at the same time.

The rule is GCRA: a steady rate with a burst of one whole allowance, one small value per key and no
window edges at which twice the allowance slips through.
"""

import time
from dataclasses import dataclass

from app.kit import cache
from app.kit.batching import Batcher
from app.kit.errors import TooOften, UpstreamDown

_SCRIPT = """
local now = redis.call('TIME')
local t = now[1] * 1000 + math.floor(now[2] / 1000)
local waits = {}
for i, key in ipairs(KEYS) do
    local step = tonumber(ARGV[2 * i - 1])
    local span = tonumber(ARGV[2 * i])
    local due = math.max(tonumber(redis.call('GET', key) or t), t)
    local wait = due + step - span - t
    if wait <= 0 then
        redis.call('SET', key, string.format('%.3f', due + step), 'PX', math.ceil(due + step - t) + 1000)
        waits[i] = 0
    else
        waits[i] = math.ceil(wait)
    end
end
return waits
"""

_RETRY_LOST_CACHE_S = 1.0
_lost_until = 0.0


@dataclass(frozen=True, slots=True)
class _Hit:
    """One act to count; ``turn`` keeps two acts of the same person apart in a batch."""

    key: str
    step_ms: float
    span_ms: float
    turn: int


async def _count(hits: list[_Hit]) -> list[int]:
    arguments = [value for hit in hits for value in (hit.step_ms, hit.span_ms)]
    answer: list[int] = await cache.client().eval(_SCRIPT, len(hits), *(hit.key for hit in hits), *arguments)
    return answer


_batcher: Batcher[_Hit, int] = Batcher(_count)
_turn = 0


async def hit(name: str, who: str, *, allowance: int, per_s: int, closed: bool) -> None:
    """Count one act of ``who``; raise :class:`TooOften` beyond ``allowance`` acts in ``per_s`` seconds.

    With the cache gone a ``closed`` limit refuses (``UpstreamDown``), an open one lets pass.
    """
    global _turn, _lost_until
    _turn += 1
    step = per_s * 1000 / allowance
    try:
        if time.monotonic() < _lost_until:
            raise ConnectionError
        wait = await _batcher(_Hit(f"limit:{name}:{who}", step, per_s * 1000.0, _turn))
    except cache.CACHE_ERRORS as lost:
        if time.monotonic() >= _lost_until:
            _lost_until = time.monotonic() + _RETRY_LOST_CACHE_S
        if closed:
            raise UpstreamDown("系统繁忙，请稍后重试", retry_after=2, code="limits_unavailable") from lost
        return
    if wait:
        raise TooOften(retry_after=max(1, -(-wait // 1000)))
