"""Figures of appointments: counted from nothing else, the same however often, by days of Beijing."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from app.domain.appointments.models import Appointment, AppointmentStatus
from app.domain.figures import counting, outcomes, periods, queries
from app.domain.figures.errors import BadPeriod
from app.domain.figures.models import AppointmentFigure
from app.domain.figures.outcomes import Outcomes
from app.domain.figures.periods import LONGEST, Period
from app.domain.figures.queries import By
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit import db as raw
from tests.factories.appointments import make_hall, make_past
from tests.factories.figures import MONDAY, attend

WEEK = Period(MONDAY, MONDAY + timedelta(days=6))
S = AppointmentStatus


@pytest.fixture
async def hall(db: None) -> Hall:
    return await make_hall()


def after(days: int) -> datetime:
    """Noon, so many days after that Monday."""
    return datetime.combine(MONDAY + timedelta(days=days), datetime.min.time(), clock.SHANGHAI).replace(
        hour=12
    )


async def stands() -> Mapping[tuple[object, ...], int]:
    return {
        (row.hall_id, row.day, row.hour, row.outcome): row.number for row in await AppointmentFigure.all()
    }


async def test_days_that_are_over_are_counted_and_today_is_not(hall: Hall) -> None:
    for day, status in ((0, S.DONE), (0, S.DONE), (0, S.NO_SHOW), (1, S.CANCELLED), (2, S.BOOKED)):
        await attend(hall, MONDAY + timedelta(days=day), 9, status)
    with clock.frozen(after(2)):
        await counting.count()
    assert await stands() == {
        (hall.id, MONDAY, 9, S.DONE): 2,
        (hall.id, MONDAY, 9, S.NO_SHOW): 1,
        (hall.id, MONDAY + timedelta(days=1), 9, S.CANCELLED): 1,
    }


async def test_counting_again_changes_nothing_and_follows_what_changed(hall: Hall) -> None:
    made = await attend(hall, MONDAY, 9, S.SERVING)
    with clock.frozen(after(1)):
        await counting.count()
        assert await counting.count() == 0
        await Appointment.filter(id=made).update(status=S.DONE)
        await counting.count()
    assert await stands() == {(hall.id, MONDAY, 9, S.DONE): 1}, "the old outcome is gone"


async def test_the_first_time_and_after_a_pause_every_day_is_counted(hall: Hall) -> None:
    for ago in (400, 30, 1):
        await attend(hall, MONDAY - timedelta(days=ago), 9, S.DONE)
    with clock.frozen(after(-30)):
        await counting.count()
    assert len(await stands()) == 1
    await attend(hall, MONDAY - timedelta(days=25), 9, S.DONE)
    with clock.frozen(after(0)):
        await counting.count()
    assert {day for _, day, *_ in await stands()} == {
        MONDAY - timedelta(days=ago) for ago in (400, 30, 25, 1)
    }


async def test_a_figure_lost_or_wrong_is_mended_by_the_next_count(hall: Hall) -> None:
    await attend(hall, MONDAY, 9, S.DONE)
    await attend(hall, MONDAY, 10, S.DONE)
    with clock.frozen(after(1)):
        await counting.count()
        await AppointmentFigure.filter(hour=9).delete()
        await AppointmentFigure.filter(hour=10).update(number=7)
        await counting.count()
    assert set((await stands()).values()) == {1}
    assert len(await stands()) == 2


async def test_figures_from_before_the_first_appointment_stay_and_later_ones_are_counted(hall: Hall) -> None:
    for day in (0, 1, 2):
        await AppointmentFigure.create(
            hall_id=hall.id, day=MONDAY + timedelta(days=day), hour=9, outcome=S.DONE, number=5
        )
    with clock.frozen(after(3)):
        assert await counting.count() == 0, "without any appointment there is nothing to count"
        await attend(hall, MONDAY + timedelta(days=1), 10, S.NO_SHOW)
        await counting.count()
    assert await stands() == {
        (hall.id, MONDAY, 9, S.DONE): 5,
        (hall.id, MONDAY + timedelta(days=1), 10, S.NO_SHOW): 1,
    }


@pytest.mark.parametrize("is_counted", [True, False], ids=["counted", "live"])
async def test_what_is_read_is_the_same_before_and_after_it_was_counted(hall: Hall, is_counted: bool) -> None:
    other = await make_hall("OTHER")
    for where, day, hour, status in (
        (hall, 0, 9, S.DONE), (hall, 0, 9, S.NO_SHOW), (hall, 1, 10, S.DONE),
        (other, 1, 9, S.CANCELLED_BY_HALL), (hall, 2, 9, S.BOOKED), (hall, 7, 9, S.BOOKED),
    ):  # fmt: skip
        await attend(where, MONDAY + timedelta(days=day), hour, status)
    with clock.frozen(after(2)):
        if is_counted:
            await counting.count()
        assert await queries.counted(period=WEEK) == {(): 5}
        assert await queries.counted(period=WEEK, hall_ids=[]) == {(): 0}
        assert await queries.counted(By.HALL, period=WEEK) == {(hall.id,): 4, (other.id,): 1}
        assert await queries.counted(By.HOUR, By.WEEKDAY, period=WEEK, hall_ids=[hall.id]) == {
            (9, 1): 2, (9, 3): 1, (10, 2): 1,
        }  # fmt: skip
        assert await queries.counted(By.MONTH, period=WEEK) == {(MONDAY.replace(day=1),): 5}
        assert await outcomes.told_apart(By.DAY, period=WEEK, hall_ids=[hall.id]) == {
            (MONDAY,): Outcomes(done=1, no_show=1),
            (MONDAY + timedelta(days=1),): Outcomes(done=1),
            (MONDAY + timedelta(days=2),): Outcomes(open=1),
        }
        yesterday = Period(MONDAY + timedelta(days=1), MONDAY + timedelta(days=1))
        assert await queries.counted(By.OUTCOME, period=yesterday) == {
            (S.CANCELLED_BY_HALL,): 1, (S.DONE,): 1,
        }  # fmt: skip


async def test_days_are_those_of_beijing(hall: Hall) -> None:
    """A night's half hour belongs to the day in Beijing, whatever the connection thinks the zone is."""
    at = periods.midnight(MONDAY)
    for moment in (at + timedelta(minutes=30), at - timedelta(minutes=30)):
        await attend(hall, moment.date(), moment.hour, S.DONE, minute=30)
    async with raw.transaction():
        await raw.execute("SET LOCAL timezone = 'America/Los_Angeles'")
        with clock.frozen(after(0)):
            live = await queries.counted(By.DAY, By.HOUR, period=Period(MONDAY - timedelta(days=1), MONDAY))
            await counting.count()
    assert live == {(MONDAY - timedelta(days=1), 23): 1, (MONDAY, 0): 1}
    assert [day for _, day, *_ in await stands()] == [MONDAY - timedelta(days=1)]


def test_the_rate_is_of_those_that_were_to_be_attended_and_are_over() -> None:
    assert Outcomes(open=9, done=2, no_show=1, cancelled=9, cancelled_by_hall=9).no_show_rate == Decimal(
        "33.3"
    )
    assert Outcomes(open=9, cancelled=1).no_show_rate is None


def test_a_period_has_a_day_and_at_most_a_year() -> None:
    assert periods.last_days(date(2026, 3, 1), 7) == Period(date(2026, 2, 23), date(2026, 3, 1))
    assert periods.asked_for(MONDAY, MONDAY).days == 1
    assert periods.asked_for(MONDAY, MONDAY + timedelta(days=LONGEST - 1)).days == LONGEST
    for since, until, field in (
        (MONDAY, MONDAY - timedelta(days=1), "until"),
        (MONDAY, MONDAY + timedelta(days=LONGEST), "since"),
    ):
        with pytest.raises(BadPeriod) as refused:
            periods.asked_for(since, until)
        assert set(refused.value.fields) == {field}


_MANY = """
INSERT INTO appointment_figure (hall_id, day, hour, outcome, number)
SELECT h, $1::date - d, hour, 'done', 5 FROM generate_series(1, 40) h, generate_series(1, 300) d,
    generate_series(9, 11) hour
"""


async def plan_of(statement: str, values: list[object]) -> str:
    return "\n".join(row[0] for row in await raw.fetch(f"EXPLAIN {statement}", *values))


async def test_a_board_reads_the_days_and_the_hall_asked_for_and_no_others(hall: Hall) -> None:
    await raw.execute(_MANY, MONDAY)
    for _ in range(3):
        await attend(hall, MONDAY, 9, S.BOOKED)
    await make_past(hall, 2000)
    await raw.execute("ANALYZE appointment_figure")
    today, last = Period(MONDAY - timedelta(days=2), MONDAY), MONDAY - timedelta(days=1)
    every = await plan_of(*queries.said([By.OUTCOME], today, last, None))
    assert "Seq Scan on appointment_figure" not in every, every
    year = Period(MONDAY - timedelta(days=299), MONDAY)
    own = await plan_of(*queries.said([By.OUTCOME], year, last, [hall.id]))
    assert "Seq Scan on appointment_figure" not in own, own
    # Against a table this small nothing but a scan pays; what matters is that the index could serve.
    async with raw.transaction():
        await raw.execute("SET LOCAL enable_seqscan = off")
        await raw.execute("SET LOCAL enable_bitmapscan = off")
        live = await plan_of(*queries.said([By.OUTCOME], today, last, [hall.id]))
        days: list[object] = [last, MONDAY]
        count = await plan_of(counting.COUNT, [*map(periods.midnight, (last, MONDAY)), *days])
    assert "appointment_by_hall" in count, count
    assert "appointment_by_hall" in live, live
    assert "(starts_at >=" in live.replace("a.starts_at", "starts_at"), live
