"""How often we may ask an outside system: a steady rate per minute, and a count per day of Shanghai.

Both are counted in the cache, for all processes together. Without it each process goes on by its own count,
and a cache that was emptied in the middle of the day is told what the process knows.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.gateways.exchange.contract import ExchangeDown
from app.kit import cache, clock, limits
from app.kit.errors import TooOften, UpstreamDown

log = logging.getLogger(__name__)

_KEPT_S = 2 * 86_400


class OverQuota(ExchangeDown):
    """We asked this system too fast."""

    code = "exchange_over_quota"
    message = "现在查询的人较多，请稍后再试"
    outcome = "over_quota"


class SpentForToday(OverQuota):
    """We asked this system as often as it lets us in one day."""

    code = "exchange_spent_for_today"
    message = "今天对外查询的总次数已用完，请明天再查，或到办税服务厅办理"


@dataclass
class Quota:
    """The allowance of one outside system."""

    name: str
    per_minute: int
    per_day: int
    _minutes: Counter[datetime] = field(default_factory=Counter)
    _days: Counter[date] = field(default_factory=Counter)

    async def spend(self) -> None:
        """Count one question before it leaves. Raises OverQuota or SpentForToday with when to come back."""
        if self._days[clock.today()] >= self.per_day:
            raise SpentForToday(retry_after=_seconds_left_today())
        await self._spend_of_the_minute()
        if await self._count(1) > self.per_day:
            raise SpentForToday(retry_after=_seconds_left_today())

    async def charge(self, repeats: int) -> None:
        """Count repeats that have left already; the other side counted them, too."""
        if repeats > 0:
            await self._count(repeats)

    async def _spend_of_the_minute(self) -> None:
        try:
            await limits.hit("exchange", self.name, allowance=self.per_minute, per_s=60, closed=True)
        except TooOften as waiting:
            raise OverQuota(retry_after=waiting.retry_after) from None
        except UpstreamDown:
            self._count_alone()

    def _count_alone(self) -> None:
        now = clock.now()
        minute = now.replace(second=0, microsecond=0)
        if self._minutes[minute] >= self.per_minute:
            raise OverQuota(retry_after=60 - now.second)
        self._minutes = Counter({minute: self._minutes[minute] + 1})

    async def _count(self, questions: int) -> int:
        """Today's count after these, as far as anybody knows."""
        today = clock.today()
        known = self._days[today] + questions
        key = _key(self.name, today)
        try:
            async with cache.client().pipeline(transaction=True) as pipeline:
                pipeline.incrby(key, questions)
                pipeline.expire(key, _KEPT_S)
                counted = int((await pipeline.execute())[0])
            if counted < known:
                await cache.client().set(key, known, ex=_KEPT_S)
        except cache.CACHE_ERRORS as lost:
            log.warning("questions to %s are counted alone: %s", self.name, type(lost).__name__)
            counted = 0
        # Days gone by are forgotten along the way.
        self._days = Counter({today: max(counted, known)})
        return self._days[today]


async def asked_today(name: str) -> int | None:
    """How often a system was asked today by all processes; ``None`` while nobody can count."""
    try:
        return int(await cache.client().get(_key(name, clock.today())) or 0)
    except cache.CACHE_ERRORS:
        return None


def _key(name: str, day: date) -> str:
    return f"exchange:asked:{name}:{day}"


def _seconds_left_today() -> int:
    midnight = datetime.combine(clock.today() + timedelta(days=1), time(), clock.SHANGHAI)
    return max(1, round((midnight - clock.now()).total_seconds()))
