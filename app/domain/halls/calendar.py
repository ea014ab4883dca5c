"""Work-day arithmetic over a loaded work calendar (工作日历): pure, no clock, no database.

Dues and booking windows count working days (行政许可法 第八十二条): the day something starts is
not counted, and weekends made workdays by a 调休 are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.halls.models import DayKind, DayStatus

_ONE_DAY = timedelta(days=1)
_SATURDAY = 6
_MOST_COUNTED = 5_000  # Most people ask from today on; what was counted once is not counted again.


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day as the calendar has it; ``name`` is the holiday it belongs to, if any."""

    on: date
    kind: DayKind
    status: DayStatus
    name: str | None = None


class WorkCalendar:
    """Every day we plan for. A day it does not hold is provisional: weekends rest, other days work."""

    def __init__(self, days: Iterable[CalendarDay] = ()) -> None:
        self._days: Mapping[date, CalendarDay] = {day.on: day for day in days}
        self._counted: dict[tuple[date, date], int] = {}

    def changed(self, days: Iterable[CalendarDay]) -> "WorkCalendar":
        """The same calendar with these days as they are told here."""
        return WorkCalendar([*self._days.values(), *days])

    def day(self, on: date) -> CalendarDay:
        """What the calendar says of a day."""
        return self._days.get(on) or CalendarDay(on, usual_kind(on), DayStatus.PROVISIONAL)

    def is_workday(self, on: date) -> bool:
        return self.day(on).kind is DayKind.WORKDAY

    def is_provisional(self, on: date) -> bool:
        """Whether the State Council has not yet published the year of this day."""
        return self.day(on).status is DayStatus.PROVISIONAL

    def is_holiday(self, on: date) -> bool:
        """Whether the day is off for more than being a weekend."""
        day = self.day(on)
        return day.kind is DayKind.RESTDAY and (day.name is not None or on.isoweekday() < _SATURDAY)

    def add_workdays(self, start: date, count: int) -> date:
        """The ``count``-th working day after ``start``, which itself is not counted; 0 is ``start``."""
        if count < 0:
            raise ValueError("a due date lies ahead")
        on = start
        while count:
            on += _ONE_DAY
            count -= self.is_workday(on)
        return on

    def workdays_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 if it is not after."""
        span = (start, end)
        if span not in self._counted:
            if len(self._counted) >= _MOST_COUNTED:
                self._counted.clear()
            self._counted[span] = sum(self.is_workday(on) for on in _days(start + _ONE_DAY, end))
        return self._counted[span]

    def touches_provisional(self, start: date, end: date) -> bool:
        """Whether a date counted from ``start`` to ``end`` may still move when a notice comes."""
        return any(self.is_provisional(on) for on in _days(start + _ONE_DAY, end))

    def workday_from(self, on: date) -> date:
        """The day itself if it is a working day, else the next one that is."""
        return on if self.is_workday(on) else self.add_workdays(on, 1)

    def first_workday(self, year: int, month: int) -> date:
        """The first working day of a month (征期首日)."""
        return self.workday_from(date(year, month, 1))


def usual_kind(on: date) -> DayKind:
    """What a day is when nobody has said otherwise."""
    return DayKind.RESTDAY if on.isoweekday() >= _SATURDAY else DayKind.WORKDAY


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _ONE_DAY
