"""The one clock of the house: Beijing time, which tests may stop."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_stopped_at: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai."""
    return _stopped_at or datetime.now(SHANGHAI)


def seconds() -> float:
    """The present moment in seconds since 1970, as protocols want it."""
    return _stopped_at.timestamp() if _stopped_at else time.time()


def today() -> date:
    """The present calendar day in Asia/Shanghai, whatever the machine's own zone is."""
    return now().date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at a moment; for tests only."""
    global _stopped_at
    before, _stopped_at = _stopped_at, at.astimezone(SHANGHAI)
    try:
        yield
    finally:
        _stopped_at = before
