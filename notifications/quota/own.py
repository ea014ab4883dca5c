"""The bucket of one process, for as long as the shared one is away: slow, and closed to bulk."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from notifications.models import Channel
from notifications.quota import products
from notifications.quota.products import Product
from notifications.quota.rules import Lanes

# As many processes together keep the rate; who runs more of them sends a little faster for that while.
PROCESSES: Final = 8


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class OwnBucket:
    """An eighth of the rate, at least one at a time; urgent messages have their reserve in it, too."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._levels: dict[Channel, _Level] = {}

    def take(self, product: Product, wants: Lanes) -> Lanes:
        """What the lanes get; bulk can wait until the shared bucket is back."""
        rate = product.per_second / PROCESSES
        most = max(rate, 1.0)
        now = self._monotonic()
        level = self._levels.setdefault(product.channel, _Level(most, now))
        level.tokens = min(level.tokens + (now - level.at) * rate, most)
        level.at = now
        urgent = self._spend(level, wants[0], 0)
        normal = self._spend(level, wants[1], products.reserves(int(most))[0])
        return urgent, normal, 0

    @staticmethod
    def _spend(level: _Level, want: int, left: int) -> int:
        given = max(min(want, int(level.tokens - left)), 0)
        level.tokens -= given
        return given
