"""整体修复 and the repair of a direct D: what the facts must show, from which day, and what they bring."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.domain.credit_ratings import repairs
from app.domain.credit_ratings.queries import RatedYear
from app.domain.credit_ratings.rule_sets import Level
from app.gateways.exchange import Deduction, DirectCause
from tests.factories.credit import deduction

PAID = DirectCause("unpaid_after_decision", date(2026, 2, 18), 3)


def rated(
    level: str, score: str | None, *deductions: Deduction, causes: tuple[DirectCause, ...] = ()
) -> RatedYear:
    return RatedYear(
        year=2025,
        level=Level(level),
        score=Decimal(score) if score else None,
        published_on=date(2026, 4, 20),
        starting_score=Decimal(100),
        deductions=deductions,
        has_details=True,
        direct_d=causes,
    )


@pytest.mark.parametrize(
    ("on", "points"),
    [(date(2025, 12, 15), 0), (date(2025, 12, 16), 6), (date(2026, 5, 15), 10), (date(2027, 5, 16), 11)],
)
def test_an_overall_repair_opens_after_six_months_and_brings_a_point_for_each(on: date, points: int) -> None:
    found = repairs.overall(rated("B", "80", deduction()), on)
    assert (found.points, found.opens_on) == (Decimal(points), date(2025, 12, 16))
    assert (found.obstacle is None) == bool(points)


def test_an_overall_repair_never_lifts_a_score_above_where_the_year_began() -> None:
    on = date(2026, 5, 18)
    assert repairs.overall(rated("A", "97", deduction()), on).points == 3
    assert "起评分" in (repairs.overall(rated("A", "100", deduction()), on).obstacle or "")


def test_the_months_that_brought_points_once_bring_none_again() -> None:
    rating, on = rated("B", "80", deduction()), date(2026, 5, 18)
    assert repairs.overall(rating, on, {date(2025, 6, 16): Decimal(7)}).points == 4
    assert "已经恢复" in (repairs.overall(rating, on, {date(2025, 6, 16): Decimal(11)}).obstacle or "")
    assert repairs.overall(rating, on, {date(2025, 1, 1): Decimal(7)}).points == 11, (
        "another breach, another count"
    )


@pytest.mark.parametrize(
    ("rating", "why"),
    [
        (rated("D", "95", deduction()), "直接判级修复"),
        (rated("A", "98"), "扣分明细"),
        (rated("M", None, deduction()), "得分"),
        (replace(rated("B", "80", deduction()), year=2024), "2014 年规则没有整体修复"),
    ],
)
def test_what_an_overall_repair_is_not_for(rating: RatedYear, why: str) -> None:
    assert why in (repairs.overall(rating, date(2027, 1, 1)).obstacle or "")


@pytest.mark.parametrize(("wait", "opens_on"), [(3, (2026, 5, 18)), (6, (2026, 8, 18)), (12, (2027, 2, 18))])
def test_a_direct_d_waits_from_its_correction(wait: int, opens_on: tuple[int, int, int]) -> None:
    rating = rated("D", "88", causes=(replace(PAID, wait_months=wait),))
    day = date(*opens_on)
    assert repairs.direct_d(rating, day).obstacle is None
    early = repairs.direct_d(rating, date.fromordinal(day.toordinal() - 1))
    assert (early.opens_on, day.isoformat() in (early.obstacle or "")) == (day, True)


def test_a_later_breach_begins_the_wait_anew_and_the_longest_wait_counts() -> None:
    late = deduction(occurred_on=date(2025, 12, 20))
    earlier = replace(PAID, corrected_on=date(2025, 3, 1))
    assert repairs.direct_d(rated("D", "88", late, causes=(earlier,)), NEXT_YEAR).opens_on == date(
        2026, 3, 20
    )
    both = (PAID, DirectCause("serious_offender", date(2025, 11, 1), 12))
    assert repairs.direct_d(rated("D", "88", causes=both), NEXT_YEAR).opens_on == date(2026, 11, 1)


NEXT_YEAR = date(2027, 12, 31)


@pytest.mark.parametrize(
    ("rating", "why"),
    [
        (rated("B", "80"), "不是直接判为 D 级"),
        (rated("D", "95"), "没有提供"),
        (rated("D", "95", causes=(replace(PAID, corrected_on=None),)), "尚未纠正"),
        (rated("D", "95", causes=(PAID, replace(PAID, wait_months=None))), "不在修复范围"),
        (rated("D", "95", causes=(replace(PAID, wait_months=4),)), "不在修复范围"),
    ],
)
def test_a_direct_d_that_cannot_be_repaired_says_why(rating: RatedYear, why: str) -> None:
    assert why in (repairs.direct_d(rating, NEXT_YEAR).obstacle or "")


def test_facts_make_a_direct_d_of_a_low_score_too() -> None:
    assert not repairs.is_direct_d(rated("D", "12"))
    assert repairs.is_direct_d(rated("D", "12", causes=(PAID,)))
    assert repairs.words_of(DirectCause("something new")) == "税务机关认定的其他严重失信情形"
