"""The clock of cases: the vectors of the official calendar, every unit, and a slow day-by-day reference."""

from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given

from app.domain.cases import clock as case_clock
from app.domain.cases.clock import PROMISE_TYPES, Pause, Remaining, TimeLimit
from app.domain.cases.errors import BadTimeLimit
from app.domain.cases.models import LimitUnit
from app.domain.halls import holidays
from app.domain.halls.calendar import CalendarDay, WorkCalendar
from app.domain.halls.models import DayKind, DayStatus
from app.kit.clock import SHANGHAI
from tests.thoroughness import AT_ONCE, DRAWS, thorough

CALENDAR = WorkCalendar(
    day
    for year in range(2024, 2029)
    for day in (holidays.published_year(year) or holidays.provisional_year(year))
)
WORKING, NATURAL, MONTH, YEAR, HOUR = LimitUnit


def at(text: str) -> datetime:
    """A moment in Beijing, like ``09-18 10:00``; the year is 2026 unless given."""
    day, _, hour = text.partition(" ")
    day = day if len(day) > 5 else f"2026-{day}"
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour or "10:00"), SHANGHAI)


def due(start: str, amount: int, unit: LimitUnit = WORKING) -> datetime:
    return case_clock.first_due(CALENDAR, at(start), TimeLimit(amount, unit))


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-04-30", 2, "2026-05-07"),
        ("2026-12-21", 8, "2026-12-31"),
    ],
)
def test_working_days_end_where_the_official_calendar_says(start: str, days: int, last: str) -> None:
    found = due(start, days)
    assert found == at(f"{last} 17:00")
    assert not case_clock.is_provisional(CALENDAR, at(start), found)


def test_a_due_date_in_a_year_not_yet_arranged_is_provisional_and_no_error() -> None:
    found = due("2026-12-25", 5)
    assert found == at("2027-01-04 17:00")
    assert case_clock.is_provisional(CALENDAR, at("2026-12-25"), found)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("11-20 10:00", 3, NATURAL, "11-23 17:00"),
        ("11-20 10:00", 1, NATURAL, "11-23 17:00"),  # 21 November is a Saturday.
        ("04-28 10:00", 3, NATURAL, "05-06 17:00"),  # It would end on Labour Day.
        ("11-20 10:00", 0, WORKING, "11-20 17:00"),
        ("11-20 18:30", 0, WORKING, "11-20 23:59:59"),
        ("2025-12-30", 2, MONTH, "2026-02-28 17:00"),
        ("2025-11-28", 3, MONTH, "2026-02-28 17:00"),  # A Saturday that works.
        ("2026-03-31", 1, MONTH, "2026-04-30 17:00"),
        ("2024-02-29", 1, YEAR, "2025-02-28 17:00"),
        ("2024-11-20", 2, YEAR, "2026-11-20 17:00"),
        ("11-20 10:00", 2, HOUR, "11-20 12:00"),
        ("11-20 10:00", 4, HOUR, "11-20 15:00"),
        ("11-20 16:00", 2, HOUR, "11-23 10:00"),
        ("11-21 10:00", 1, HOUR, "11-23 10:00"),
        ("11-20 12:30", 7, HOUR, "11-23 12:00"),
    ],
)
def test_every_unit_ends_at_its_moment(start: str, amount: int, unit: LimitUnit, end: str) -> None:
    assert due(start, amount, unit) == at(end)


def test_promise_types_of_other_systems_are_known() -> None:
    assert [PROMISE_TYPES[code] for code in range(4)] == [NATURAL, WORKING, MONTH, YEAR]


@pytest.mark.parametrize(("amount", "unit"), [(-1, WORKING), (3661, NATURAL), (11, YEAR), (200, MONTH)])
def test_a_limit_that_cannot_be_meant_is_refused(amount: int, unit: LimitUnit) -> None:
    with pytest.raises(BadTimeLimit):
        TimeLimit(amount, unit)


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("11-16 00:00", "11-18 00:00", 2),
        ("11-16 09:00", "11-17 17:00", 2),
        ("11-16 09:01", "11-17 17:00", 1),
        ("11-16 09:00", "11-17 16:59", 1),
        ("11-16 10:00", "11-16 16:00", 0),
        ("11-20 17:00", "11-23 09:00", 0),  # A weekend.
        ("09-30 08:00", "10-09 08:00", 2),  # The holidays are no working days.
        ("11-18 10:00", "11-16 10:00", 0),
    ],
)
def test_a_pause_counts_the_working_days_it_covers_fully(since: str, until: str, days: int) -> None:
    assert case_clock.covered_days(CALENDAR, Pause(at(since), at(until))) == days


def test_pauses_and_an_extension_move_a_due_date_on_and_an_open_pause_not_yet() -> None:
    first = due("11-02", 10)
    pauses = [Pause(at("11-04 08:00"), at("11-06 18:00")), Pause(at("11-10 10:00"))]
    assert first == at("11-16 17:00")
    assert case_clock.due(CALENDAR, first, WORKING, pauses) == at("11-19 17:00")
    assert case_clock.due(CALENDAR, first, WORKING, pauses, 2) == at("11-23 17:00")


def test_a_limit_in_hours_moves_on_by_the_working_time_of_a_pause() -> None:
    first = due("11-20 10:00", 4, HOUR)
    pause = Pause(at("11-20 11:00"), at("11-20 14:00"))
    assert case_clock.due(CALENDAR, first, HOUR, [pause]) == at("11-20 17:00")


@pytest.mark.parametrize(
    ("now", "end", "left"),
    [
        ("11-16 10:00", "11-18 17:00", Remaining(2, 6)),
        ("11-16 17:00", "11-18 17:00", Remaining(2, 0)),
        ("11-18 16:30", "11-18 17:00", Remaining(0, 0)),
        ("11-20 20:00", "11-23 17:00", Remaining(1, 0)),
        ("11-18 17:00", "11-18 17:00", Remaining(0, 0)),
        ("11-19 11:00", "11-18 17:00", Remaining(0, 2, is_overdue=True)),
    ],
)
def test_what_remains_is_told_as_working_days_and_hours(now: str, end: str, left: Remaining) -> None:
    assert case_clock.remaining(CALENDAR, at(now), at(end)) == left


# The reference walks: a day at a time for days, a quarter of an hour at a time for hours.
QUARTER = timedelta(minutes=15)


def moment_of(draw: Random) -> datetime:
    on = date(2025, 1, 1) + timedelta(days=draw.randrange(730))
    return datetime.combine(on, time(), SHANGHAI) + draw.randrange(96) * QUARTER


def works(on: date) -> bool:
    return CALENDAR.is_workday(on)


def slow_workdays(start: date, count: int) -> date:
    on, passed = start, 0
    while passed < count:
        on += timedelta(days=1)
        if works(on):
            passed += 1
    return on


def slow_is_working(moment: datetime) -> bool:
    return works(moment.date()) and (9 <= moment.hour < 12 or 13 <= moment.hour < 17)


def slow_working_time(since: datetime, until: datetime) -> timedelta:
    passed, moment = timedelta(), since
    while moment < until:
        passed += QUARTER * slow_is_working(moment)
        moment += QUARTER
    return passed


def slow_covered(pause: Pause) -> int:
    assert pause.until is not None
    on, found = pause.since.date(), 0
    while on <= pause.until.date():
        opens, closes = (datetime.combine(on, moment, SHANGHAI) for moment in (time(9), time(17)))
        found += works(on) and pause.since <= opens and closes <= pause.until
        on += timedelta(days=1)
    return found


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_working_days_are_those_of_the_slow_walk(draw: Random) -> None:
    for _ in range(AT_ONCE):
        start, days = moment_of(draw), draw.randint(1, 60)
        found = case_clock.first_due(CALENDAR, start, TimeLimit(days, WORKING))
        assert found == datetime.combine(slow_workdays(start.date(), days), time(17), SHANGHAI)


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_pauses_are_those_of_the_slow_walk(draw: Random) -> None:
    for _ in range(AT_ONCE):
        since, extended_by = moment_of(draw), draw.randint(0, 15)
        pause = Pause(since, since + draw.randrange(40 * 96) * QUARTER)
        first = datetime.combine(slow_workdays(since.date(), 20), time(17), SHANGHAI)
        covered = slow_covered(pause)
        assert case_clock.covered_days(CALENDAR, pause) == covered
        moved = case_clock.due(CALENDAR, first, WORKING, [pause], extended_by)
        assert moved.date() == slow_workdays(first.date(), covered + extended_by)


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_working_time_is_that_of_the_slow_walk(draw: Random) -> None:
    for _ in range(AT_ONCE):
        since = moment_of(draw)
        until = since + draw.randrange(6 * 96) * QUARTER
        assert case_clock.working_time(CALENDAR, since, until) == slow_working_time(since, until)


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_working_time_added_is_working_time_gone_by(draw: Random) -> None:
    for _ in range(AT_ONCE):
        start, span = moment_of(draw), draw.randint(1, 60 * 28) * QUARTER
        end = case_clock.add_working_time(CALENDAR, start, span)
        assert case_clock.working_time(CALENDAR, start, end) == span
        assert slow_is_working(end - QUARTER)


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_a_later_start_is_never_due_sooner(draw: Random) -> None:
    for _ in range(AT_ONCE):
        start = moment_of(draw)
        limit = TimeLimit(draw.randint(1, 40), draw.choice([NATURAL, MONTH, WORKING]))
        later = start + timedelta(days=draw.randint(0, 30))
        first, second = (case_clock.first_due(CALENDAR, one, limit) for one in (start, later))
        assert first <= second
        assert works(first.date())


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_time_left_reads_the_same_until_it_may_change(draw: Random) -> None:
    for _ in range(AT_ONCE):
        now = moment_of(draw) + timedelta(seconds=draw.randrange(900))
        due_at = now + timedelta(minutes=draw.randint(-5000, 5000), seconds=draw.randrange(2))
        since, until = case_clock.unchanging(now, due_at)
        assert since <= now < until
        told = {
            case_clock.remaining(CALENDAR, since + (until - since) * part, due_at)
            for part in (0.000001, draw.random() or 0.5, 0.999999)
        }
        assert len(told) == 1
        assert since == now or case_clock.remaining(CALENDAR, now, due_at) in told


def test_an_unpublished_day_that_becomes_known_moves_the_count() -> None:
    known = WorkCalendar([CalendarDay(date(2027, 1, 4), DayKind.RESTDAY, DayStatus.OFFICIAL, "元旦")])
    assert case_clock.first_due(known, at("2026-12-31"), TimeLimit(1, WORKING)) == at("2027-01-01 17:00")
    assert case_clock.first_due(known, at("2027-01-01"), TimeLimit(1, WORKING)) == at("2027-01-05 17:00")
