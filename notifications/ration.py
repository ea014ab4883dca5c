"""The ration: how many messages may be sent now, by channel and lane, for all processes together.

Whoever sends asks first and sends no more than granted; what is refused costs no attempt. The count of
the day and the rate of the second live in Valkey (``quota/bucket.py``), the day also in the database
(``quota/days.py``), stops in the database alone (``quota/stops.py``).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.kit import clock
from config import settings
from notifications.models import Channel
from notifications.quota import products, rules, stops
from notifications.quota.pool import Pool, Portion
from notifications.quota.products import product
from notifications.quota.rules import Forecast
from notifications.quota.stops import Stop

log = logging.getLogger("weiban.quota")

_BULK: Final = 2
_LOOK_EVERY_S: Final = 1.0
_KEEP_FOR_S: Final = 1.0
# A lane that used up its last grant gets as much ahead, up to a twentieth of a second's rate.
_AHEAD: Final = 20


@dataclass(slots=True)
class _Kept:
    """Tokens taken ahead; they serve for one second and on one day."""

    count: int
    until: float
    day: date


@dataclass(slots=True)
class _Grant:
    """The last grant of a lane."""

    count: int
    day: date
    is_used_up: bool


class Ration:
    """One process's access to the common quota. ``monotonic`` counts seconds that no clock corrects."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._pool = Pool(monotonic)
        self._kept: dict[Portion, _Kept] = {}
        self._grants: dict[Portion, _Grant] = {}
        self._stops: dict[Channel, Stop] = {}
        self._look_at = float("-inf")
        self._returning: asyncio.Task[None] | None = None

    async def grant(self, wants: Mapping[Portion, int]) -> Mapping[Portion, int]:
        """How many of these may be sent now, by channel and lane (0 urgent, 1 normal, 2 bulk).

        Tell with ``give_back`` at once what was not needed. Call it outside of transactions.
        """
        await self._look_at_stops()
        today = clock.today()
        self._let_go(today)
        granted = dict.fromkeys(wants, 0)
        asked: dict[Portion, int] = {}
        for portion, want in wants.items():
            if want > 0 and self._stop_of(portion[0]) is None:
                granted[portion] = self._from_kept(portion, want)
                if want > granted[portion]:
                    asked[portion] = want - granted[portion] + self._ahead(portion, want)
        if asked:
            taken = await self._pool.take(asked, today)
            for portion in asked:
                used = min(taken.get(portion, 0), wants[portion] - granted[portion])
                granted[portion] += used
                self._keep(portion, taken.get(portion, 0) - used, today)
        for portion, count in granted.items():
            self._grants[portion] = _Grant(count, today, is_used_up=count > 0)
        return granted

    def give_back(self, channel: Channel, lane: int, unused: int) -> None:
        """Return what of the last grant was not needed; others may have it within a moment."""
        portion = (channel, lane)
        last = self._grants.get(portion)
        if last is None or not 0 < unused <= last.count:
            return
        last.count -= unused
        last.is_used_up = False
        self._pool.put_back(portion, unused, last.day)
        if self._returning is None or self._returning.done():
            self._returning = asyncio.get_running_loop().create_task(self._hand_in())

    async def stop(self, channel: Channel, until: datetime, because: str) -> None:
        """Send nothing on this channel until then, in no process; ``because`` is for the operator.

        Call it outside of transactions that write more: all workers that are refused write one row.
        """
        known = self._stop_of(channel)
        if known is not None and known.until >= until:
            return
        await stops.put(channel, until, because)
        now = clock.now()
        if until > now:
            self._stops[channel] = Stop(channel, product(channel).account_id, now, until, because)
            log.warning("channel %s stops until %s: %s", channel, until.isoformat(), because)

    async def is_stopped(self, channel: Channel) -> datetime | None:
        """Until when nothing goes out on a channel; None if something may. At most a second old."""
        await self._look_at_stops()
        found = self._stop_of(channel)
        return found.until if found else None

    def seems_stopped(self, channel: Channel) -> bool:
        """Whether the last look found a stop; asks nobody, for those who cannot wait."""
        return self._stop_of(channel) is not None

    async def forecast(self, channel: Channel, messages: int) -> Forecast:
        """How long so many bulk messages take on a channel, beginning now or when its stop ends."""
        own, now = product(channel), clock.now()
        begins = max(now, await self.is_stopped(channel) or now)
        today = await self._pool.of_day(own, begins.date())
        limit = own.per_day if today.limit is None else min(own.per_day, today.limit)
        reserved = products.reserves(limit)
        found = rules.forecast(
            messages,
            now=begins,
            left_today=rules.room(limit - today.elsewhere, today.used, reserved)[_BULK],
            per_day=rules.room(limit, (0, 0, 0), reserved)[_BULK],
            per_second=own.per_second,
            quiet=settings.current().quiet_hours,
        )
        return replace(found, seconds=found.seconds and found.seconds + round((begins - now).total_seconds()))

    async def tend(self) -> None:
        """Put back what lies idle, and write down what was used; about once a second, busy or not.

        What a process that dies had not written down is forgotten only if the cache is lost as well.
        """
        self._let_go(clock.today())
        await self._hand_in()
        await self._pool.write_down()

    async def close(self) -> None:
        """Give back what is kept and write down what was used; for the end of a process."""
        for portion, kept in self._kept.items():
            self._pool.put_back(portion, kept.count, kept.day)
        self._kept.clear()
        if self._returning is not None:
            await self._returning
        await self._hand_in()
        await self._pool.write_down()

    async def _look_at_stops(self) -> None:
        if self._monotonic() >= self._look_at:
            self._stops = {one.channel: one for one in await stops.in_force()}
            self._look_at = self._monotonic() + _LOOK_EVERY_S

    def _stop_of(self, channel: Channel) -> Stop | None:
        found = self._stops.get(channel)
        return found if found is not None and found.until > clock.now() else None

    def _ahead(self, portion: Portion, want: int) -> int:
        last = self._grants.get(portion)
        if last is None or not last.is_used_up:
            return 0
        return min(want, product(portion[0]).per_second // _AHEAD)

    def _keep(self, portion: Portion, count: int, today: date) -> None:
        if count:
            self._kept[portion] = _Kept(count, self._monotonic() + _KEEP_FOR_S, today)

    def _from_kept(self, portion: Portion, want: int) -> int:
        kept = self._kept.get(portion)
        if kept is None:
            return 0
        used = min(kept.count, want)
        kept.count -= used
        if not kept.count:
            del self._kept[portion]
        return used

    def _let_go(self, today: date) -> None:
        """Put back what was kept for too long, or for another day."""
        now = self._monotonic()
        for portion, kept in list(self._kept.items()):
            if now >= kept.until or kept.day != today:
                del self._kept[portion]
                self._pool.put_back(portion, kept.count, kept.day)

    async def _hand_in(self) -> None:
        try:
            await self._pool.take({}, clock.today())
        except Exception as lost:  # noqa: BLE001  What is not told now is told with the next question.
            log.info("the shared quota does not hear what was put back: %s", type(lost).__name__)
