"""The days that figures are asked for; a day is always one of Beijing, wherever the machine stands."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.domain.figures.errors import BadPeriod
from app.kit.clock import SHANGHAI

LONGEST: Final = 366
"""Days that may be asked for at once: a whole year, also a leap year."""

DAY: Final = timedelta(days=1)


def midnight(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), SHANGHAI)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the last one included."""

    since: date
    until: date

    @property
    def after(self) -> date:
        """The first day that is not in it any more."""
        return self.until + DAY

    @property
    def days(self) -> int:
        return (self.after - self.since).days


def last_days(today: date, days: int) -> Period:
    """So many days, of which today is the last."""
    return Period(today - DAY * (days - 1), today)


def next_days(today: date, days: int) -> Period:
    """So many days, of which today is the first."""
    return Period(today, today + DAY * (days - 1))


def asked_for(since: date, until: date) -> Period:
    """The days somebody asks for. Raises BadPeriod for none at all, and for too many."""
    period = Period(since, until)
    if period.days < 1:
        raise BadPeriod(fields={"until": ["结束日期不能早于开始日期"]})
    if period.days > LONGEST:
        raise BadPeriod(fields={"since": [f"一次最多统计 {LONGEST} 天，请缩短时段"]})
    return period
