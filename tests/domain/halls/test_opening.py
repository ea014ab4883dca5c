"""When a hall is open and when a business is blacked out: pure rules."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.holidays import published_year
from app.domain.halls.models import HalfDay
from app.domain.halls.opening import (
    BlackoutRule,
    CounterFacts,
    HallSchedule,
    Span,
    SpecialDay,
    WeeklyHours,
    are_sound,
    merge,
)
from app.kit.clock import SHANGHAI

CALENDAR = WorkCalendar(published_year(2026))
SINCE = date(2026, 1, 1)
MORNING, AFTERNOON = (time(9), time(12)), (time(13), time(17))
MONDAY_MORNING = (time(8), time(12))

WEEK = [
    WeeklyHours(1, *MONDAY_MORNING, SINCE),
    *(WeeklyHours(weekday, *MORNING, SINCE) for weekday in (2, 3, 4, 5, 6)),
    *(WeeklyHours(weekday, *AFTERNOON, SINCE) for weekday in (1, 2, 3, 4, 5)),
]
HALL = HallSchedule(
    hall_id=1,
    is_active=True,
    hours=WEEK,
    counters=[
        CounterFacts(1, 1, is_integrated=True, skills=frozenset()),
        CounterFacts(2, 2, is_integrated=False, skills=frozenset({"INVOICE"})),
    ],
    minutes={"INVOICE": 10, "DECLARE": 15},
)

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)
SUNDAY = date(2026, 11, 29)
WORKING_SUNDAY = date(2026, 9, 20)
HOLIDAY_SATURDAY = date(2026, 10, 3)
HOLIDAY_MONDAY = date(2026, 10, 5)


def schedule(**changes: object) -> HallSchedule:
    facts = {"hall_id": 1, "is_active": True, "hours": WEEK, "minutes": {"INVOICE": 10}}
    return HallSchedule(**{**facts, **changes})  # type: ignore[arg-type]  # the facts of each test differ


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        (TUESDAY, [MORNING, AFTERNOON]),
        (SATURDAY, [MORNING]),
        (SUNDAY, []),
        (WORKING_SUNDAY, [MONDAY_MORNING, AFTERNOON]),
        (HOLIDAY_SATURDAY, []),
        (HOLIDAY_MONDAY, []),
    ],
    ids=["weekday", "saturday", "sunday", "working sunday", "holiday saturday", "holiday monday"],
)
def test_hours_follow_weekday_and_calendar(day: date, spans: list[Span]) -> None:
    assert HALL.spans(day, CALENDAR) == spans


def test_special_day_overrules_even_a_holiday() -> None:
    special = [SpecialDay(HOLIDAY_MONDAY, MORNING), SpecialDay(TUESDAY, None)]
    hall = schedule(special_days=special)

    assert hall.spans(HOLIDAY_MONDAY, CALENDAR) == [MORNING]
    assert hall.spans(TUESDAY, CALENDAR) == []


def test_hours_hold_from_their_first_to_their_last_day() -> None:
    hours = [
        WeeklyHours(2, *MORNING, SINCE, TUESDAY),
        WeeklyHours(2, *AFTERNOON, TUESDAY + timedelta(days=1)),
    ]
    hall = schedule(hours=hours)

    assert hall.spans(TUESDAY, CALENDAR) == [MORNING]
    assert hall.spans(TUESDAY + timedelta(days=7), CALENDAR) == [AFTERNOON]


def test_closed_hall_has_no_hours() -> None:
    assert schedule(is_active=False).spans(TUESDAY, CALENDAR) == []


def test_doors_open_at_the_first_minute_and_shut_at_the_last() -> None:
    def at(hour: int, minute: int) -> datetime:
        return datetime.combine(TUESDAY, time(hour, minute), SHANGHAI)

    assert HALL.is_open_at(at(9, 0), CALENDAR)
    assert not HALL.is_open_at(at(8, 59), CALENDAR)
    assert not HALL.is_open_at(at(12, 0), CALENDAR)
    assert HALL.is_open_at(at(16, 59), CALENDAR)


def test_integrated_counter_takes_every_business_of_the_hall_and_no_other() -> None:
    assert HALL.counter_count("INVOICE") == 2
    assert HALL.counter_count("DECLARE") == 1
    assert HALL.counter_count("VEHICLE") == 0
    assert HALL.businesses == ("INVOICE", "DECLARE")
    assert HALL.handling_minutes("DECLARE") == 15


def test_blackout_of_the_first_workday_spares_the_afternoon_and_other_businesses() -> None:
    rule = BlackoutRule("INVOICE", is_first_workday=True, half=HalfDay.MORNING)
    hall = schedule(blackouts=[rule])
    first = date(2026, 10, 8)

    assert hall.is_blacked_out("INVOICE", first, HalfDay.MORNING, CALENDAR)
    assert not hall.is_blacked_out("INVOICE", first, HalfDay.AFTERNOON, CALENDAR)
    assert not hall.is_blacked_out("DECLARE", first, HalfDay.MORNING, CALENDAR)
    assert not hall.is_blacked_out("INVOICE", date(2026, 10, 9), HalfDay.MORNING, CALENDAR)


def test_blackout_of_a_date_without_half_takes_the_whole_day_for_all() -> None:
    hall = schedule(blackouts=[BlackoutRule(on=TUESDAY)])

    assert all(hall.is_blacked_out("DECLARE", TUESDAY, half, CALENDAR) for half in HalfDay)
    assert not hall.is_blacked_out("DECLARE", TUESDAY + timedelta(days=1), HalfDay.MORNING, CALENDAR)


@pytest.mark.parametrize(
    ("day_of_month", "falls_on"),
    [
        (23, date(2026, 11, 23)),
        (22, date(2026, 11, 23)),  # Sunday.
        (31, date(2026, 11, 30)),  # November has thirty days.
        (30, date(2026, 6, 1)),  # Saturday 30 May; Monday is in June.
        (1, date(2026, 10, 8)),  # National Day week.
    ],
)
def test_monthly_blackout_moves_to_the_next_workday(day_of_month: int, falls_on: date) -> None:
    rule = BlackoutRule(day_of_month=day_of_month)

    assert rule.falls_on(falls_on, CALENDAR)
    assert not rule.falls_on(falls_on - timedelta(days=1), CALENDAR)
    assert not rule.falls_on(falls_on + timedelta(days=1), CALENDAR)


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
SPANS = st.tuples(TIMES, TIMES).filter(lambda span: span[0] < span[1])


@given(st.lists(SPANS, max_size=8), TIMES)
def test_merged_spans_are_ordered_apart_and_the_same_times(spans: list[Span], at: time) -> None:
    merged = merge(spans)

    assert are_sound(merged)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(merged))
    assert any(a <= at < b for a, b in merged) == any(a <= at < b for a, b in spans)


@given(st.lists(st.tuples(st.integers(1, 7), SPANS), max_size=12), st.dates(SINCE, date(2026, 12, 31)))
def test_hall_never_opens_on_a_holiday_nor_outside_its_hours(week: list[tuple[int, Span]], day: date) -> None:
    hall = schedule(hours=[WeeklyHours(weekday, *span, SINCE) for weekday, span in week])

    opened = hall.spans(day, CALENDAR)

    assert are_sound(opened)
    if CALENDAR.is_holiday(day):
        assert opened == []
    assert all(any(a <= opens < b for _, (a, b) in week) for opens, _ in opened)


@given(st.integers(1, 31), st.integers(1, 12))
def test_monthly_blackout_falls_on_one_workday_for_each_month(day_of_month: int, month: int) -> None:
    rule = BlackoutRule(day_of_month=day_of_month)
    year = [SINCE + timedelta(days=count) for count in range(365)]

    days = [on for on in year if rule.falls_on(on, CALENDAR)]

    assert all(CALENDAR.is_workday(on) for on in days)
    assert 11 <= len(days) <= 13
