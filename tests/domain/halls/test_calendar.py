"""Work-day arithmetic: the vectors of published years, and what holds for every calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.halls.calendar import CalendarDay, WorkCalendar
from app.domain.halls.holidays import days_of, provisional_year, published_year
from app.domain.halls.models import DayKind, DayStatus

PUBLISHED = WorkCalendar(
    day for year in (2024, 2025, 2026, 2027) for day in published_year(year) or provisional_year(year)
)

SOME_DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
CALENDARS = st.dictionaries(
    st.dates(date(2025, 12, 1), date(2027, 3, 1)), st.sampled_from(DayKind), max_size=60
).map(lambda kinds: WorkCalendar(CalendarDay(on, kind, DayStatus.OFFICIAL) for on, kind in kinds.items()))


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-09-18", 5, "2026-09-24"),  # Sunday 20 September works.
        ("2026-09-30", 3, "2026-10-10"),  # Saturday 10 October works.
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-04-30", 2, "2026-05-07"),
        ("2026-12-21", 8, "2026-12-31"),
    ],
)
def test_due_date_counts_working_days_and_not_the_first(start: str, count: int, due: str) -> None:
    assert PUBLISHED.add_workdays(date.fromisoformat(start), count) == date.fromisoformat(due)


def test_due_date_in_a_year_without_notice_is_found_and_marked_provisional() -> None:
    start = date(2026, 12, 25)

    due = PUBLISHED.add_workdays(start, 5)

    assert due == date(2027, 1, 4)
    assert PUBLISHED.touches_provisional(start, due)
    assert not PUBLISHED.touches_provisional(start, date(2026, 12, 31))


def test_year_without_notice_rests_on_weekends_and_holidays_of_fixed_date_only() -> None:
    year = WorkCalendar(provisional_year(2027))

    assert not year.is_workday(date(2027, 10, 1))
    assert not year.is_workday(date(2027, 1, 2))
    assert year.is_workday(date(2027, 2, 8))
    assert all(year.is_provisional(on) for on in days_of(2027))


def test_day_the_calendar_does_not_hold_is_provisional() -> None:
    empty = WorkCalendar()

    assert empty.is_provisional(date(2031, 6, 4))
    assert empty.is_workday(date(2031, 6, 4))
    assert not empty.is_workday(date(2031, 6, 7))


def test_weekend_is_a_rest_day_but_no_holiday() -> None:
    assert not PUBLISHED.is_holiday(date(2026, 11, 28))
    assert PUBLISHED.is_holiday(date(2026, 10, 3))
    assert PUBLISHED.is_holiday(date(2026, 10, 5))


def test_first_workday_of_october_comes_after_the_holidays() -> None:
    assert PUBLISHED.first_workday(2026, 10) == date(2026, 10, 8)
    assert PUBLISHED.first_workday(2026, 12) == date(2026, 12, 1)


def test_due_date_never_lies_behind() -> None:
    with pytest.raises(ValueError, match="ahead"):
        PUBLISHED.add_workdays(date(2026, 1, 5), -1)


@given(CALENDARS, SOME_DAYS, st.integers(0, 30))
def test_counting_forward_and_back_agree(calendar: WorkCalendar, start: date, count: int) -> None:
    due = calendar.add_workdays(start, count)

    assert calendar.workdays_between(start, due) == count
    assert count == 0 or calendar.is_workday(due)


@given(CALENDARS, SOME_DAYS, st.integers(0, 15), st.integers(0, 15))
def test_two_steps_reach_as_far_as_one(calendar: WorkCalendar, start: date, first: int, second: int) -> None:
    in_two = calendar.add_workdays(calendar.add_workdays(start, first), second)

    assert in_two == calendar.add_workdays(start, first + second)


@given(CALENDARS, SOME_DAYS)
def test_moved_day_is_the_first_workday_not_before(calendar: WorkCalendar, on: date) -> None:
    moved = calendar.workday_from(on)

    assert calendar.is_workday(moved)
    assert not any(calendar.is_workday(on + timedelta(days=n)) for n in range((moved - on).days))
