"""How often a path may be called: per day until midnight in Shanghai, and per minute."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

STABLE_TOKEN: Final = "/cgi-bin/stable_token"  # noqa: S105  A path, not a secret.
FORCED_TOKEN: Final = "/cgi-bin/stable_token?force_refresh"  # noqa: S105  The same.
PLAIN_TOKEN: Final = "/cgi-bin/token"  # noqa: S105  The same.
TEMPLATE_SEND: Final = "/cgi-bin/message/template/send"
SUBSCRIBE_SEND: Final = "/cgi-bin/message/subscribe/send"


@dataclass(frozen=True, slots=True)
class Limit:
    """None means without limit."""

    per_day: int | None = None
    per_minute: int | None = None


# The platform's published limits.
PUBLISHED: Final[dict[str, Limit]] = {
    STABLE_TOKEN: Limit(per_day=500_000, per_minute=10_000),
    FORCED_TOKEN: Limit(per_day=20),
    PLAIN_TOKEN: Limit(per_day=2_000),
    TEMPLATE_SEND: Limit(per_day=100_000),
    SUBSCRIBE_SEND: Limit(per_day=10_000_000),
}


class Quotas:
    """Counts calls by path and whose they are."""

    def __init__(self) -> None:
        self.limits: dict[str, Limit] = dict(PUBLISHED)
        self._days: Counter[tuple[str, str, str]] = Counter()
        self._minutes: Counter[tuple[str, str, str]] = Counter()
        self._day = self._minute = ""

    def spend(self, path: str, whose: str) -> None:
        """Count one call. Raises PlatformRefusal 45009 or 45011 and counts nothing if none is left."""
        limit = self.limits.get(path)
        if limit is None:
            return
        now = clock.now()
        day, minute = f"{now:%Y%m%d}", f"{now:%Y%m%d%H%M}"
        if day != self._day:
            self._days.clear()
        if minute != self._minute:
            self._minutes.clear()
        self._day, self._minute = day, minute
        if limit.per_day is not None and self._days[day, path, whose] >= limit.per_day:
            raise PlatformRefusal(45009)
        if limit.per_minute is not None and self._minutes[minute, path, whose] >= limit.per_minute:
            raise PlatformRefusal(45011)
        self._days[day, path, whose] += 1
        self._minutes[minute, path, whose] += 1

    def clear(self) -> None:
        """Forget what was used; back to the published limits."""
        self.limits = dict(PUBLISHED)
        self._days.clear()
        self._minutes.clear()
