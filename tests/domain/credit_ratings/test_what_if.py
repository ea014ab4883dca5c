"""The calculator says line by line what a correction or a further breach would change."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.credit_ratings import what_if
from app.domain.credit_ratings.errors import WhatIfInvalid
from app.domain.credit_ratings.queries import RatedYear
from app.domain.credit_ratings.rule_sets import Breach, Level
from app.domain.credit_ratings.what_if import Supposition
from app.gateways.exchange import Deduction
from tests.factories.credit import deduction


def rated(level: str, score: str | None, *deductions: Deduction, year: int = 2025) -> RatedYear:
    return RatedYear(
        year=year,
        level=Level(level),
        score=Decimal(score) if score else None,
        published_on=date(year + 1, 4, 20),
        starting_score=Decimal(100),
        deductions=deductions,
        has_details=True,
    )


def test_a_repair_lifts_score_and_level() -> None:
    rating = rated("B", "89", deduction("11"))
    found = what_if.reckon(rating, Supposition({1: date(2025, 7, 1)}))
    assert (found.score_after, found.level_after) == (Decimal("97.80"), Level.A)
    assert (found.score_before, found.level_before) == (Decimal(89), Level.B)
    assert "80%" in found.lines[0].text
    assert found.lines[0].points == Decimal("8.80")
    assert found.effects == ()


def test_nothing_comes_back_beyond_where_the_year_began() -> None:
    rating = rated("A", "99", deduction("5"))
    assert what_if.reckon(rating, Supposition({1: date(2025, 6, 17)})).score_after == 100


@pytest.mark.parametrize(
    ("one", "on", "why"),
    [
        (deduction(repaired_on=date(2025, 7, 1)), date(2025, 8, 1), "已修复"),
        (deduction(is_repairable=False), date(2025, 8, 1), "不在修复范围"),
        (deduction(), date(2027, 1, 1), "已过修复期限"),
        (deduction(repair_until=date(2025, 8, 1)), date(2025, 8, 2), "已过修复期限"),
    ],
)
def test_what_cannot_be_repaired_brings_nothing_and_says_why(one: Deduction, on: date, why: str) -> None:
    found = what_if.reckon(rated("B", "88", one), Supposition({1: on}))
    assert found.score_after == 88
    assert why in found.lines[0].text


def test_what_the_authority_says_of_the_last_day_counts() -> None:
    found = what_if.windows(deduction("10", repair_until=date(2025, 8, 1)), 2025)
    assert [(one.until, one.percent) for one in found] == [
        (date(2025, 6, 19), 100),
        (date(2025, 7, 16), 80),
        (date(2025, 8, 1), 60),
    ]


def test_the_old_law_is_reckoned_for_old_years() -> None:
    rating = rated("B", "80", deduction("5", occurred_on=date(2024, 6, 16)), year=2024)
    found = what_if.reckon(rating, Supposition({1: date(2024, 8, 1)}, overall_on=date(2025, 6, 1)))
    assert found.score_after == 82
    assert "2014" in found.lines[1].text


def test_overall_repair_is_reckoned_from_the_last_breach() -> None:
    rating = rated("C", "65", deduction("5"), deduction("5", occurred_on=date(2025, 9, 16)))
    early = what_if.reckon(rating, Supposition(overall_on=date(2026, 3, 15)))
    assert early.score_after == 65
    assert "2026-03-16" in early.lines[0].text
    later = what_if.reckon(rating, Supposition(overall_on=date(2026, 5, 16)))
    assert (later.score_after, later.level_after) == (Decimal(73), Level.B)


def test_a_further_breach_costs_what_the_law_says() -> None:
    found = what_if.reckon(rated("A", "92"), Supposition(breaches=[Breach.LATE_FILING, Breach.ACCOUNTS]))
    assert (found.score_after, found.level_after) == (Decimal(76), Level.B)
    assert "每月扣 5 分" in found.lines[0].text


def test_a_direct_d_stays_a_d_whatever_comes_back() -> None:
    found = what_if.reckon(rated("D", "95", deduction("5")), Supposition({1: date(2025, 6, 17)}))
    assert (found.level_after, found.score_after) == (Level.D, Decimal(100))
    assert "3、6 或 12 个月" in found.lines[-1].text
    assert found.effects == ("2026 年度评价保持 D 级", "2027 年度不得评为 A 级")


def test_a_d_by_score_is_left_by_points_alone() -> None:
    found = what_if.reckon(rated("D", "38", deduction("5")), Supposition({1: date(2025, 6, 17)}))
    assert (found.level_after, found.effects) == (Level.C, ())


def test_a_b_that_the_law_kept_from_an_a_stays_one() -> None:
    found = what_if.reckon(rated("B", "93", deduction("5")), Supposition({1: date(2025, 6, 17)}))
    assert found.level_after is Level.B
    assert "不得评为 A 级" in found.lines[-1].text


def test_an_m_stays_one_while_it_has_seventy() -> None:
    assert what_if.reckon(rated("M", "85"), Supposition(breaches=[Breach.LATE_FILING])).level_after is Level.M
    found = what_if.reckon(rated("M", "72"), Supposition(breaches=[Breach.LATE_FILING]))
    assert found.level_after is Level.C


@pytest.mark.parametrize(
    ("supposed", "place"),
    [
        (Supposition({2: date(2025, 7, 1)}), "corrections.2"),
        (Supposition({1: date(2025, 6, 15)}), "corrections.1"),
    ],
)
def test_a_supposition_that_cannot_be_is_refused(supposed: Supposition, place: str) -> None:
    with pytest.raises(WhatIfInvalid) as refused:
        what_if.reckon(rated("B", "88", deduction()), supposed)
    assert set(refused.value.fields) == {place}


def test_without_a_score_or_deductions_nothing_is_reckoned() -> None:
    with pytest.raises(WhatIfInvalid):
        what_if.reckon(rated("M", None), Supposition())
    with pytest.raises(WhatIfInvalid):
        what_if.reckon(rated("A", "95"), Supposition(overall_on=date(2026, 6, 1)))
