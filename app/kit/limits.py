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
local answers = {}
for i, key in ipairs(KEYS) do
    local step = tonumber(ARGV[3 * i - 2])
    local span = tonumber(ARGV[3 * i - 1])
    local spent = tonumber(ARGV[3 * i])
    local due = math.max(tonumber(redis.call('GET', key) or t), t) + spent * step
    local wait = due + step - span - t
    if wait <= 0 then
        due = due + step
        answers[i] = -math.floor((t + span - due) / step)
    else
        answers[i] = math.ceil(wait)
    end
    if wait <= 0 or spent > 0 then
        redis.call('SET', key, string.format('%.3f', due), 'PX', math.ceil(due - t) + 1000)
    end
end
return answers
"""

_LOOK = """
local now = redis.call('TIME')
local t = now[1] * 1000 + math.floor(now[2] / 1000)
return math.ceil((tonumber(redis.call('GET', KEYS[1]) or t)) + ARGV[1] - ARGV[2] - t)
"""

_RETRY_LOST_CACHE_S = 1.0
_CREDIT_S = 0.25
_CREDIT_SHARE = 4
_MOST_CREDITS = 10_000
_lost_until = 0.0
_GATHER_S = 0.002
"""A question to Valkey costs the processor as much as ten acts in it: while many come, they gather."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """One act to count after ``spent`` earlier ones; ``turn`` keeps two of a person apart in a batch."""

    key: str
    step_ms: float
    span_ms: float
    spent: int
    turn: int


@dataclass(slots=True)
class _Credit:
    """Acts of an open limit that pass here without asking; what was ``spent`` is told with the next question.

    A quarter of what is left of the allowance, for a quarter of a second: a reader far from the limit
    costs no round trip, one near it is counted act by act.
    """

    left: int = 0
    spent: int = 0
    until: float = 0.0

    def spend(self) -> bool:
        """Take one act, if there is one."""
        if not self.left or time.monotonic() >= self.until:
            return False
        self.left -= 1
        self.spent += 1
        return True

    def settle(self) -> int:
        """What has to be told now."""
        spent, self.spent, self.left = self.spent, 0, 0
        return spent

    def renew(self, room: int) -> None:
        """Begin anew with what the count leaves."""
        self.left, self.until = room // _CREDIT_SHARE, time.monotonic() + _CREDIT_S


async def _count(hits: list[_Hit]) -> list[int]:
    """For each act the milliseconds to wait, or less one for every act that may follow at once."""
    arguments = [value for hit in hits for value in (hit.step_ms, hit.span_ms, hit.spent)]
    answer: list[int] = await cache.client().eval(_SCRIPT, len(hits), *(hit.key for hit in hits), *arguments)
    return answer


_batcher: Batcher[_Hit, int] = Batcher(_count, gather_s=_GATHER_S)
_credits: dict[str, _Credit] = {}
_turn = 0


async def hit(name: str, who: str, *, allowance: int, per_s: int, closed: bool) -> None:
    """Count one act of ``who``; raise :class:`TooOften` beyond ``allowance`` acts in ``per_s`` seconds.

    With the cache gone a ``closed`` limit refuses (``UpstreamDown``), an open one lets pass.
    """
    key = f"limit:{name}:{who}"
    if closed:
        answer = await _ask(key, allowance, per_s, 0, closed=True)
    else:
        credit = _credit(key)
        if credit.spend():
            return
        answer = await _ask(key, allowance, per_s, credit.settle(), closed=False)
        credit.renew(max(-answer, 0))
    if answer > 0:
        raise TooOften(retry_after=max(1, -(-answer // 1000)))


async def check(name: str, who: str, *, allowance: int, per_s: int) -> None:
    """Raise :class:`TooOften` if ``hit`` would refuse one more act now; counts nothing.

    With the cache gone it lets pass.
    """
    try:
        wait: int = await cache.client().eval(
            _LOOK, 1, f"limit:{name}:{who}", per_s * 1000 / allowance, per_s * 1000
        )
    except cache.CACHE_ERRORS:
        return
    if wait > 0:
        raise TooOften(retry_after=max(1, -(-wait // 1000)))


def _credit(key: str) -> _Credit:
    if len(_credits) >= _MOST_CREDITS:
        _credits.clear()
    return _credits.setdefault(key, _Credit())


def forget() -> None:
    """Take the cache for reachable again."""
    global _lost_until
    _lost_until = 0.0


async def _ask(key: str, allowance: int, per_s: int, spent: int, *, closed: bool) -> int:
    """What ``_count`` answers; without the cache an open limit has nothing to say."""
    global _turn, _lost_until
    _turn += 1
    try:
        if time.monotonic() < _lost_until:
            raise ConnectionError
        return await _batcher(_Hit(key, per_s * 1000 / allowance, per_s * 1000.0, spent, _turn))
    except cache.CACHE_ERRORS as lost:
        if time.monotonic() >= _lost_until:
            _lost_until = time.monotonic() + _RETRY_LOST_CACHE_S
        if closed:
            raise UpstreamDown("系统繁忙，请稍后重试", retry_after=2, code="limits_unavailable") from lost
        return 0
