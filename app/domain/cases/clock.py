"""The clock of a case: when it is due, what stops it, and how much time is left. Pure: no time of its own.

行政许可法 第八十二条 counts in working days; 民法典 第二百条至第二百零三条 say how days, months, years and
hours are counted: the day something starts is not, a month or year ends on the day of the same number or on
the last of the month, and a last day that is a day off is moved to the next that is not.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.cases.errors import BadTimeLimit
from app.domain.cases.models import LimitUnit
from app.domain.halls.calendar import WorkCalendar
from app.kit.clock import SHANGHAI

OFFICE_HOURS = ((time(9), time(12)), (time(13), time(17)))
"""The hours of a working day. What is due on a day is due at their end; hour limits run in them only."""
OPENS, CLOSES = OFFICE_HOURS[0][0], OFFICE_HOURS[-1][1]
WORKING_DAY = timedelta(hours=7)
"""How much time the hours of one day are."""

PROMISE_TYPES: Mapping[int, LimitUnit] = {
    0: LimitUnit.NATURAL_DAY,
    1: LimitUnit.WORKING_DAY,
    2: LimitUnit.MONTH,
    3: LimitUnit.YEAR,
}
"""The codes by which other systems name a unit (promiseType)."""

_LONGEST = 3660
_HOUR = timedelta(hours=1)
_DAYS = {LimitUnit.WORKING_DAY: 1, LimitUnit.NATURAL_DAY: 1, LimitUnit.MONTH: 31, LimitUnit.YEAR: 366}
_LAST_MOMENT = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A time limit; 0 means the same day (即办件). Raises BadTimeLimit if it is none, or beyond ten years."""

    amount: int
    unit: LimitUnit

    def __post_init__(self) -> None:
        if not 0 <= self.amount * _DAYS.get(self.unit, 1) <= _LONGEST:
            raise BadTimeLimit


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still from ``since`` up to, but without, ``until``; ``None`` while it does."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remaining:
    """Working days and working hours left until due, or gone by since if ``is_overdue``."""

    working_days: int
    hours: int
    is_overdue: bool = False


def first_due(calendar: WorkCalendar, start: datetime, limit: TimeLimit) -> datetime:
    """When a limit that begins to run at a moment ends, if nothing stops it."""
    start = start.astimezone(SHANGHAI)
    if limit.unit is LimitUnit.HOUR:
        return add_working_time(calendar, start, timedelta(hours=limit.amount))
    if limit.amount == 0:
        return _end_of_same_day(start)
    return end_of(_last_day(calendar, start.date(), limit))


def due(
    calendar: WorkCalendar,
    first: datetime,
    unit: LimitUnit,
    pauses: Iterable[Pause],
    extended_by: int = 0,
) -> datetime:
    """``first`` moved on by the working days that ended pauses cover and by those of an extension.

    A limit in hours moves on by the working time a pause took.
    """
    ended = [pause for pause in pauses if pause.until is not None]
    if unit is LimitUnit.HOUR:
        paused = (working_time(calendar, one.since, one.until or one.since) for one in ended)
        first = add_working_time(calendar, first, sum(paused, timedelta()))
        return later(calendar, first, extended_by, at=first.astimezone(SHANGHAI).time())
    return later(calendar, first, sum(covered_days(calendar, one) for one in ended) + extended_by)


def covered_days(calendar: WorkCalendar, pause: Pause) -> int:
    """How many working days a pause covers fully: all of their office hours lie in it."""
    if pause.until is None:
        return 0
    since, until = pause.since.astimezone(SHANGHAI), pause.until.astimezone(SHANGHAI)
    first = since.date() if since.time() <= OPENS else since.date() + timedelta(days=1)
    last = until.date() if until.time() >= CLOSES else until.date() - timedelta(days=1)
    return calendar.workdays_between(first - timedelta(days=1), last)


def later(calendar: WorkCalendar, moment: datetime, days: int, *, at: time = CLOSES) -> datetime:
    """So many working days after a moment, at a time of that day; the moment itself for none."""
    if days == 0:
        return moment
    on = calendar.add_workdays(moment.astimezone(SHANGHAI).date(), days)
    return datetime.combine(on, at, SHANGHAI)


def remaining(calendar: WorkCalendar, now: datetime, due_at: datetime) -> Remaining:
    """The working time from now until due in days of seven hours, begun hours left out."""
    is_overdue = now > due_at
    span = working_time(calendar, min(now, due_at), max(now, due_at))
    days, rest = divmod(span, WORKING_DAY)
    return Remaining(days, rest // timedelta(hours=1), is_overdue)


def unchanging(now: datetime, due_at: datetime | None) -> tuple[datetime, datetime]:
    """The moments around ``now`` between which, they themselves left out, ``remaining`` stays the same.

    It may change on the hour, since office hours begin and end there, and when the time left is whole hours.
    Both moments are in Asia/Shanghai, an office day away for a case that nothing is due of.
    """
    hour = now.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    if due_at is None:
        return hour - WORKING_DAY, hour + WORKING_DAY
    past = timedelta(minutes=due_at.minute, seconds=due_at.second, microseconds=due_at.microsecond)
    marks = sorted((hour - _HOUR + past, hour, hour + past, hour + _HOUR))
    return max(mark for mark in marks if mark <= now), min(mark for mark in marks if mark > now)


def working_time(calendar: WorkCalendar, since: datetime, until: datetime) -> timedelta:
    """How much of the time between two moments lies in office hours of working days."""
    since, until = since.astimezone(SHANGHAI), until.astimezone(SHANGHAI)
    if until <= since:
        return timedelta()
    if since.date() == until.date():
        return _hours_of(calendar, since.date(), since.time(), until.time())
    between = calendar.workdays_between(since.date(), until.date() - timedelta(days=1))
    return (
        _hours_of(calendar, since.date(), since.time(), time.max)
        + between * WORKING_DAY
        + _hours_of(calendar, until.date(), time.min, until.time())
    )


def add_working_time(calendar: WorkCalendar, start: datetime, span: timedelta) -> datetime:
    """The moment at which so much working time has gone by."""
    at = start.astimezone(SHANGHAI)
    if not span:
        return at
    # Whole days first: after any seven working hours it is the same time on the next working day.
    days = max(0, span // WORKING_DAY - 1)
    if days and calendar.is_workday(at.date()):
        at, span = later(calendar, at, days, at=at.time()), span - days * WORKING_DAY
    while True:
        for opens, closes in _hours(calendar, at.date()):
            begins = max(at, datetime.combine(at.date(), opens, SHANGHAI))
            ends = datetime.combine(at.date(), closes, SHANGHAI)
            if ends - begins >= span:
                return begins + span
            span -= max(ends - begins, timedelta())
        at = datetime.combine(calendar.add_workdays(at.date(), 1), OPENS, SHANGHAI)


def end_of(on: date) -> datetime:
    """The end of office hours of a day."""
    return datetime.combine(on, CLOSES, SHANGHAI)


def is_provisional(calendar: WorkCalendar, start: datetime, due_at: datetime) -> bool:
    """Whether a due date may still move when the State Council arranges the days it touches."""
    return calendar.touches_provisional(start.astimezone(SHANGHAI).date(), due_at.astimezone(SHANGHAI).date())


def _last_day(calendar: WorkCalendar, start: date, limit: TimeLimit) -> date:
    if limit.unit is LimitUnit.WORKING_DAY:
        return calendar.add_workdays(start, limit.amount)
    if limit.unit is LimitUnit.NATURAL_DAY:
        return calendar.workday_from(start + timedelta(days=limit.amount))
    months = limit.amount * (12 if limit.unit is LimitUnit.YEAR else 1)
    return calendar.workday_from(_months_after(start, months))


def _months_after(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _end_of_same_day(start: datetime) -> datetime:
    """An office that takes something in after hours has the rest of the day for it."""
    usual = end_of(start.date())
    return usual if start < usual else datetime.combine(start.date(), _LAST_MOMENT, SHANGHAI)


def _hours(calendar: WorkCalendar, on: date) -> tuple[tuple[time, time], ...]:
    return OFFICE_HOURS if calendar.is_workday(on) else ()


def _hours_of(calendar: WorkCalendar, on: date, since: time, until: time) -> timedelta:
    spans = (_between(max(opens, since), min(closes, until)) for opens, closes in _hours(calendar, on))
    return sum(spans, timedelta())


def _between(opens: time, closes: time) -> timedelta:
    whole = datetime.combine(date.min, closes) - datetime.combine(date.min, opens)
    return max(whole, timedelta())
