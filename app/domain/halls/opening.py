"""When a hall is open and when a business takes no bookings: pure, over loaded facts."""

import calendar as months
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise

from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.models import HalfDay

Span = tuple[time, time]
"""From, inclusive, to, exclusive; Beijing time of day."""

_MONDAY, _SATURDAY = 1, 6


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """A span of a weekday (ISO: 1 Monday) between two days, both included; no end: until changed."""

    weekday: int
    opens_at: time
    closes_at: time
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from the weekly hours; no hours: closed."""

    on: date
    hours: Span | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BlackoutRule:
    """停约: days on which a business (``None``: every one) takes no bookings for a half (``None``: both)."""

    business: str | None = None
    on: date | None = None
    is_first_workday: bool = False
    day_of_month: int | None = None
    half: HalfDay | None = None
    reason: str = ""

    def falls_on(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether it names this day; a ``day_of_month`` on a rest day moves to the next workday."""
        if self.on is not None:
            return day == self.on
        if self.is_first_workday:
            return day == calendar.first_workday(day.year, day.month)
        if self.day_of_month is None:
            return False
        year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
        # The last days of a month may move into the next one, so both months are asked.
        return day in {
            calendar.workday_from(_day_in(year, month, self.day_of_month)),
            calendar.workday_from(_day_in(day.year, day.month, self.day_of_month)),
        }


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """窗口 as a schedule needs it."""

    id: int
    number: int
    is_integrated: bool
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class HallSchedule:
    """All that decides when a hall is open, for what, and with how many counters."""

    hall_id: int
    is_active: bool
    hours: Sequence[WeeklyHours] = ()
    special_days: Sequence[SpecialDay] = ()
    blackouts: Sequence[BlackoutRule] = ()
    counters: Sequence[CounterFacts] = ()
    minutes: Mapping[str, int] = field(default_factory=dict)

    @property
    def businesses(self) -> tuple[str, ...]:
        """Codes of the businesses this hall takes, in the order of lists."""
        return tuple(self.minutes)

    def handling_minutes(self, business: str) -> int:
        """平均办理时长 here; ``KeyError`` if the hall does not take the business."""
        return self.minutes[business]

    def counters_with_skill(self, business: str) -> tuple[CounterFacts, ...]:
        """Active counters that take a business; an integrated one takes every business of the hall."""
        if business not in self.minutes:
            return ()
        return tuple(one for one in self.counters if one.is_integrated or business in one.skills)

    def counter_count(self, business: str) -> int:
        return len(self.counters_with_skill(business))

    def spans(self, day: date, calendar: WorkCalendar) -> list[Span]:
        """The open spans of a day, in order and apart from each other; none: closed."""
        return open_spans(self.hours, self.special_days, calendar, day) if self.is_active else []

    def is_open_at(self, moment: datetime, calendar: WorkCalendar) -> bool:
        """Whether the doors are open at a moment of Beijing time."""
        return any(opens <= moment.time() < closes for opens, closes in self.spans(moment.date(), calendar))

    def is_blacked_out(self, business: str, day: date, half: HalfDay, calendar: WorkCalendar) -> bool:
        """Whether a business takes no bookings on this half of a day."""
        return any(
            rule.half in (None, half) for rule in blackouts_on(self.blackouts, calendar, day, business)
        )


def open_spans(
    hours: Iterable[WeeklyHours], special_days: Iterable[SpecialDay], calendar: WorkCalendar, day: date
) -> list[Span]:
    """The open spans of a day.

    A special day has the last word, even over a holiday. A weekend made a workday (调休) has
    Monday's hours; a holiday has none; any other day has its weekday's.
    """
    special = [one for one in special_days if one.on == day]
    if special:
        if any(one.hours is None for one in special):
            return []
        return merge(one.hours for one in special if one.hours)
    if calendar.is_holiday(day):
        return []
    weekday = day.isoweekday()
    if weekday >= _SATURDAY and calendar.is_workday(day):
        weekday = _MONDAY
    return merge((one.opens_at, one.closes_at) for one in hours if one.weekday == weekday and one.covers(day))


def blackouts_on(
    rules: Iterable[BlackoutRule], calendar: WorkCalendar, day: date, business: str
) -> list[BlackoutRule]:
    """The blackouts that touch a business on a day."""
    return [rule for rule in rules if rule.business in (None, business) and rule.falls_on(day, calendar)]


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same times as ordered spans that neither overlap nor touch."""
    merged: list[Span] = []
    for opens, closes in sorted(spans):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return merged


def are_sound(spans: Iterable[Span]) -> bool:
    """Whether every span goes forward and none overlaps another."""
    ordered = sorted(spans)
    return all(opens < closes for opens, closes in ordered) and all(
        earlier[1] <= later[0] for earlier, later in pairwise(ordered)
    )


def _day_in(year: int, month: int, day: int) -> date:
    """That day of a month; the last one where the month is shorter."""
    return date(year, month, min(day, months.monthrange(year, month)[1]))
