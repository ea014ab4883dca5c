"""Where tokens come from and go back to: the shared bucket, or this process's own while that is away."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from app.kit import cache
from notifications.models import Channel
from notifications.quota import bucket, rules
from notifications.quota.bucket import Ask, Day
from notifications.quota.days import Days
from notifications.quota.own import OwnBucket
from notifications.quota.products import Product, product, reserves
from notifications.quota.rules import Lanes

log = logging.getLogger("weiban.quota")

Portion = tuple[Channel, int]
"""A channel and a lane of it: 0 urgent, 1 normal, 2 bulk."""

_RETRY_LOST_CACHE_S: Final = 1.0


class Pool:
    """One process's way to the quota. Whatever it takes counts as used until it is put back."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._days = Days()
        self._own = OwnBucket(monotonic)
        # What the shared bucket has yet to hear: put back, or below zero, used while it was away.
        self._untold: Counter[Portion] = Counter()
        self._untold_of: date | None = None
        self._lost_until = float("-inf")

    async def write_down(self) -> None:
        """See ``Days.write_down``."""
        await self._days.write_down()

    async def take(self, wants: Mapping[Portion, int], day: date) -> dict[Portion, int]:
        """As much of what is wanted as there is; also tells the shared bucket what was put back."""
        self._begin(day)
        taken = await self._shared(wants, day)
        if taken is None:
            taken = await self._alone(wants, day)
            self._untold.subtract(taken)
        for (channel, lane), count in taken.items():
            self._days.add(product(channel), day, lane, count)
        return taken

    def put_back(self, portion: Portion, count: int, day: date) -> None:
        """Uncount on the day it was counted; the shared bucket is told with the next question."""
        self._days.add(product(portion[0]), day, portion[1], -count)
        if day == self._untold_of:
            self._untold[portion] += count

    async def of_day(self, own: Product, day: date) -> Day:
        """A day's use of a product, as all processes know it."""
        try:
            known = await bucket.of_day(own, day)
        except cache.CACHE_ERRORS as lost:
            self._lose(lost)
            known = None
        return known or Day(await self._days.used(own, day))

    def _begin(self, day: date) -> None:
        """What was put back yesterday is of no use today."""
        if self._untold_of != day:
            self._untold, self._untold_of = Counter(), day

    async def _shared(self, wants: Mapping[Portion, int], day: date) -> dict[Portion, int] | None:
        """The shared bucket's answer; None while it is away."""
        untold, self._untold = self._untold, Counter()
        asks = [
            Ask(product(channel), _lanes(wants, channel), _lanes(untold, channel))
            for channel in Channel
            if any(portion[0] is channel for portion in (*wants, *untold))
        ]
        try:
            if self._monotonic() < self._lost_until:
                raise ConnectionError
            return await self._asked(asks, day) if asks else {}
        except BaseException as lost:
            self._untold.update(untold)
            if not isinstance(lost, cache.CACHE_ERRORS):
                raise
            self._lose(lost)
            return None

    async def _asked(self, asks: list[Ask], day: date) -> dict[Portion, int]:
        answers = dict(zip(asks, await bucket.take(asks, day), strict=True))
        unknown = [ask for ask, given in answers.items() if given is None]
        if unknown:
            # Nobody has told the day's use yet, or the cache forgot it. What this process put back or
            # used meanwhile is in its own count, so none of it is told once more.
            again = [Ask(ask.product, ask.wants) for ask in unknown]
            for ask in again:
                await bucket.fill(ask.product, day, await self._days.used(ask.product, day))
            answers |= dict(zip(again, await bucket.take(again, day), strict=True))
        return {
            (ask.product.channel, lane): count
            for ask, given in answers.items()
            for lane, count in enumerate(given or ())
        }

    async def _alone(self, wants: Mapping[Portion, int], day: date) -> dict[Portion, int]:
        """An own small bucket, within what the database knows of the day."""
        taken: dict[Portion, int] = {}
        for channel in {channel for channel, _ in wants}:
            own = product(channel)
            used = await self._days.used(own, day)
            wanted = rules.divide(_lanes(wants, channel), own.per_day, used, reserves(own.per_day))
            taken |= {(channel, lane): n for lane, n in enumerate(self._own.take(own, wanted))}
        return taken

    def _lose(self, lost: BaseException) -> None:
        if self._monotonic() >= self._lost_until:
            self._lost_until = self._monotonic() + _RETRY_LOST_CACHE_S
            log.warning("the shared quota is away, each process keeps to its own: %s", type(lost).__name__)


def _lanes(portions: Mapping[Portion, int], channel: Channel) -> Lanes:
    return portions.get((channel, 0), 0), portions.get((channel, 1), 0), portions.get((channel, 2), 0)
