"""Figures for everybody: summed from days, month by month, beside the year before, quick at any size."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.figures import case_counting, months, published
from app.domain.figures.models import AppointmentFigure, CaseFigure, HallMonth
from app.domain.figures.small_numbers import Bound, Count, Share
from app.domain.halls.models import Hall, Region
from app.kit import clock, db
from app.kit.cursors import BadCursor
from tests.factories.appointments import make_hall
from tests.factories.cases import HANDED_IN, make_case

NOW = datetime(2026, 11, 23, 12, tzinfo=clock.SHANGHAI)
OCTOBER, A_YEAR_BEFORE = date(2026, 10, 1), date(2025, 10, 1)


@pytest.fixture(autouse=True)
async def _today(db: None) -> AsyncIterator[None]:
    with clock.frozen(NOW):
        yield


async def sums() -> set[tuple[Any, ...]]:
    return {tuple(one) for one in await HallMonth.all().values_list("month", "booked", "served", "no_shows")}


async def case_figures() -> set[tuple[Any, ...]]:
    columns = ("day", "region", "accepted", "decided", "on_time", "late")
    return {tuple(one) for one in await CaseFigure.all().values_list(*columns)}


async def attended(hall: Hall, day: date, **outcomes: int) -> None:
    for outcome, number in outcomes.items():
        await AppointmentFigure.create(hall_id=hall.id, day=day, hour=9, outcome=outcome, number=number)


async def test_days_add_up_to_months_again_and_again() -> None:
    hall = await make_hall()
    await attended(hall, date(2026, 10, 31), done=8, no_show=2, cancelled=3, cancelled_by_hall=1)
    await attended(hall, date(2026, 11, 1), done=5)
    await attended(hall, date(2024, 2, 29), done=9)
    assert await months.add_up() == 3
    told = {(OCTOBER, 14, 8, 2), (date(2026, 11, 1), 5, 5, 0), (date(2024, 2, 1), 9, 9, 0)}
    assert await sums() == told
    assert await months.add_up() == 0
    await AppointmentFigure.filter(day=date(2026, 11, 1)).delete()
    await AppointmentFigure.filter(outcome="no_show").update(number=4)
    await months.add_up()
    assert await sums() == {(OCTOBER, 16, 8, 4), (date(2024, 2, 1), 9, 9, 0)}


async def test_after_a_pause_every_month_of_it_is_summed() -> None:
    hall = await make_hall()
    await attended(hall, date(2026, 3, 2), done=5)
    with clock.frozen(datetime(2026, 3, 20, tzinfo=clock.SHANGHAI)):
        await months.add_up()
    await attended(hall, date(2026, 3, 30), done=5)
    await attended(hall, date(2026, 5, 4), done=7)
    await months.add_up()
    assert await sums() == {(date(2026, 3, 1), 10, 10, 0), (date(2026, 5, 1), 7, 7, 0)}


async def test_cases_are_counted_by_day_and_county_and_only_once() -> None:
    await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED)
    late = await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED)
    await Case.filter(number=late.number).update(due_at=HANDED_IN)
    stranger = await make_case(S.ACCEPTED, number="ZZ-20261116-1")
    assert stranger.authority is None
    accepted, decided = (HANDED_IN.date() + timedelta(days=days) for days in (1, 3))
    await case_counting.count()
    told = {(accepted, "440106", 2, 0, 0, 0), (accepted, "", 1, 0, 0, 0), (decided, "440106", 0, 2, 1, 1)}
    assert await case_figures() == told
    assert await case_counting.count() == 0
    await Case.filter(number=stranger.number).update(authority="11440300MB2DEMA030")
    await case_counting.count()
    assert await case_figures() == (told - {(accepted, "", 1, 0, 0, 0)}) | {(accepted, "440300", 1, 0, 0, 0)}


async def test_a_day_of_beijing_is_counted_once_it_is_over() -> None:
    case = await make_case(S.ACCEPTED)
    await Case.filter(number=case.number).update(accepted_at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC))
    await case_counting.count()
    assert await case_figures() == set(), "half past midnight of today in Beijing"
    with clock.frozen(NOW + timedelta(days=1)):
        await case_counting.count()
    assert {day for day, *_ in await case_figures()} == {date(2026, 11, 23)}


async def test_a_month_is_told_beside_the_one_a_year_before() -> None:
    hall = await make_hall()
    for month, booked, served, no_shows in ((OCTOBER, 1967, 900, 100), (A_YEAR_BEFORE, 1000, 950, 50)):
        await HallMonth.create(hall_id=hall.id, month=month, booked=booked, served=served, no_shows=no_shows)
    for day, decided, on_time in ((OCTOBER, 50, 45), (date(2026, 10, 31), 50, 50), (A_YEAR_BEFORE, 80, 80)):
        await CaseFigure.create(
            day=day, region="440106", accepted=60, decided=decided, on_time=on_time, late=decided - on_time
        )
    told = {one.month: one for one in await published.months()}
    assert (max(told), min(told), len(told)) == (date(2026, 11, 1), date(2025, 11, 1), 13)
    october = told[OCTOBER]
    assert october.visits.booked == Count(1967, change=Decimal("96.7"))
    assert october.visits.no_show_rate == Share(Decimal("10.0"), change=Decimal("5.0"))
    assert october.cases is not None
    assert october.cases.accepted == Count(120, change=Decimal("100.0"))
    assert october.cases.on_time_rate == Share(Decimal("95.0"), change=Decimal("-5.0"))
    assert (await published.months_of_hall(hall.id))[1].visits == october.visits
    assert (await published.months_of_hall(hall.id))[1].cases is None


async def test_a_month_that_is_not_over_is_measured_by_no_whole_one() -> None:
    hall = await make_hall()
    for month in (date(2026, 11, 1), date(2025, 11, 1)):
        await HallMonth.create(hall_id=hall.id, month=month, booked=100, served=90, no_shows=10)
    [now, *_] = await published.months()
    assert (now.is_over, now.visits.booked) == (False, Count(100))
    assert now.visits.no_show_rate == Share(Decimal("10.0"))
    [line] = (await published.hall_by_hall(date(2026, 11, 1))).items
    assert line.visits == now.visits


async def test_few_people_are_not_counted_out() -> None:
    hall = await make_hall()
    await HallMonth.create(hall_id=hall.id, month=OCTOBER, booked=3, served=2, no_shows=1)
    [_, october, *_] = await published.months_of_hall(hall.id)
    assert october.visits.booked == october.visits.served == Count(5, Bound.BELOW)
    assert october.visits.no_show_rate is None


async def test_a_region_has_its_own_halls_and_authorities() -> None:
    here, there = await make_hall(), await make_hall("SZ")
    await Region.create(code="4403", name="深圳市", level=2, pinyin="", initials="")
    await Hall.filter(id=there.id).update(region_id="4403")
    for hall, booked in ((here, 50), (there, 70)):
        await HallMonth.create(hall_id=hall.id, month=OCTOBER, booked=booked, served=0, no_shows=0)
    for region, accepted in (("440106", 30), ("440100", 10), ("440300", 20)):
        await CaseFigure.create(day=OCTOBER, region=region, accepted=accepted, decided=0, on_time=0, late=0)
    told: list[tuple[str | None, int, int]] = [
        ("4401", 50, 40), ("4403", 70, 20), ("44", 120, 60), (None, 120, 60),
    ]  # fmt: skip
    for asked, visits, cases in told:
        [_, october, *_] = await published.months(asked)
        assert october.cases is not None
        assert (october.visits.booked.number, october.cases.accepted.number) == (visits, cases)
    assert [one.hall_id for one in (await published.hall_by_hall(OCTOBER, "4403")).items] == [there.id]


async def test_the_halls_of_a_month_go_on_page_by_page() -> None:
    made = [(await make_hall(f"H{n}")).id for n in range(published.PAGE + 1)]
    await HallMonth.create(hall_id=made[0], month=OCTOBER, booked=10, served=5, no_shows=5)
    first = await published.hall_by_hall(OCTOBER)
    rest = await published.hall_by_hall(OCTOBER, None, first.next)
    assert [one.hall_id for one in (*first.items, *rest.items)] == made
    assert (first.items[0].visits.booked, first.items[1].visits.booked) == (Count(10), Count(0))
    assert rest.next is None
    with pytest.raises(BadCursor):
        await published.hall_by_hall(OCTOBER, None, "nonsense")


async def plan(statement: str, *values: object) -> str:
    return "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {statement}", *values))


async def test_what_is_read_is_found_by_index_however_many_years_there_are() -> None:
    await make_hall()
    await db.execute(
        "INSERT INTO hall_month (hall_id, month, booked, served, no_shows)"
        " SELECT hall, month::date, 9, 5, 1 FROM generate_series(1, 300) hall,"
        " generate_series(date '2000-01-01', date '2026-11-01', interval '1 month') month"
    )
    await db.execute(
        "INSERT INTO case_figure (day, region, accepted, decided, on_time, late)"
        " SELECT day::date, region::text, 1, 0, 0, 0 FROM generate_series(440100, 440119) region,"
        " generate_series(date '2010-01-01', date '2026-11-22', interval '1 day') day"
    )
    await db.execute("ANALYZE hall_month, case_figure")
    since = published.a_year_before(published.told_months(clock.today())[-1])
    for table, statement, values in (
        ("hall_month", published._OF_HALLS, (since, None)),
        ("hall_month", published._OF_HALL, (since, 7)),
        ("hall_month", published._HALL_BY_HALL, (OCTOBER, A_YEAR_BEFORE, None, 0, 21)),
        ("case_figure", published._OF_CASES, (since, "4401")),
    ):
        found = await plan(statement, *values)
        assert f"Seq Scan on {table}" not in found, found


async def test_cases_of_days_are_found_by_index_however_many_there_are() -> None:
    await db.execute(
        "INSERT INTO case_file (number, item_name, office, state, submitted_at, received_at, accepted_at,"
        " decided_at, counted_from, first_due_at, due_at, last_seq, last_hash, updated_at)"
        " SELECT 'N-' || lpad(n::text, 10, '0'), '', '', 'granted', at, at, at, at, at, at, at, 1, '', at"
        " FROM generate_series(1, 30000) n,"
        " LATERAL (SELECT timestamptz '2026-11-01' - n * interval '3 hours' AS at) a"
    )
    await db.execute("ANALYZE case_file")
    today = clock.today()
    found = await plan(case_counting._COUNT, today - case_counting.STILL_CHANGING, today)
    assert "accepted_at" in found
    assert "Seq Scan on case_file" not in found, found
