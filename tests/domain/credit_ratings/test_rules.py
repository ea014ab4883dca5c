"""The tables of the two laws, row by row: levels, starting scores, deductions, repairs, what a D brings."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.credit_ratings import rules
from app.domain.credit_ratings.rule_sets import (
    EFFECTS,
    LAW_2014,
    LAW_2025,
    Breach,
    DirectD,
    Level,
    NeverA,
    RuleSet,
    StartingScore,
    rule_set_of,
)
from app.domain.credit_ratings.rules import Facts

BOTH = pytest.mark.parametrize("law", [LAW_2014, LAW_2025], ids=lambda law: law.name)


@pytest.mark.parametrize(
    ("year", "law"), [(2014, LAW_2014), (2024, LAW_2014), (2025, LAW_2025), (2031, LAW_2025)]
)
def test_the_law_is_that_of_the_rating_year(year: int, law: RuleSet) -> None:
    assert rule_set_of(year) is law


@pytest.mark.parametrize(
    ("score", "level"),
    [
        ("100", Level.A),
        ("90", Level.A),
        ("89.99", Level.B),
        ("70", Level.B),
        ("69.99", Level.C),
        ("40", Level.C),
        ("39.99", Level.D),
        ("0", Level.D),
    ],
)
def test_the_level_of_a_score(score: str, level: Level) -> None:
    assert rules.level_of(Facts(Decimal(score))) is level


def test_a_new_enterprise_is_m_whatever_its_score() -> None:
    assert rules.level_of(Facts(Decimal(95), is_new=True)) is Level.M
    assert rules.level_of(Facts(Decimal(50), is_new=True)) is Level.M


def test_without_income_seventy_points_make_an_m() -> None:
    assert rules.level_of(Facts(Decimal(95), had_income=False)) is Level.M
    assert rules.level_of(Facts(Decimal(70), had_income=False)) is Level.M
    assert rules.level_of(Facts(Decimal("69.99"), had_income=False)) is Level.C


@pytest.mark.parametrize("fact", list(NeverA))
def test_each_fact_that_forbids_an_a_makes_a_b(fact: NeverA) -> None:
    assert rules.level_of(Facts(Decimal(95), never_a=frozenset({fact}))) is Level.B
    assert rules.level_of(Facts(Decimal(60), never_a=frozenset({fact}))) is Level.C


@pytest.mark.parametrize("fact", list(DirectD))
def test_each_direct_fact_makes_a_d_before_anything_else(fact: DirectD) -> None:
    assert rules.level_of(Facts(Decimal(100), direct_d=frozenset({fact}))) is Level.D
    assert rules.level_of(Facts(Decimal(100), is_new=True, direct_d=frozenset({fact}))) is Level.D


@pytest.mark.parametrize(
    ("law", "known", "start"),
    [
        (LAW_2025, StartingScore.COMPLETE, 100),
        (LAW_2025, StartingScore.NO_OCCASIONAL, 93),
        (LAW_2025, StartingScore.RECURRING_INCOMPLETE, 90),
        (LAW_2014, StartingScore.COMPLETE, 100),
        (LAW_2014, StartingScore.NO_OCCASIONAL, 90),
    ],
)
def test_where_a_year_begins(law: RuleSet, known: StartingScore, start: int) -> None:
    assert law.starting_scores[known] == start


@BOTH
@pytest.mark.parametrize(
    ("breach", "points"),
    [(Breach.LATE_FILING, 5), (Breach.LATE_PAYMENT, 5), (Breach.STATEMENTS, 3), (Breach.ACCOUNTS, 11)],
)
def test_common_deductions(law: RuleSet, breach: Breach, points: int) -> None:
    assert law.points[breach] == points


def test_late_filings_count_by_the_month_since_2025() -> None:
    assert (LAW_2014.counted_by[Breach.LATE_FILING], LAW_2025.counted_by[Breach.LATE_FILING]) == ("次", "月")


JUNE = date(2025, 6, 16)


def restored(points: Decimal, occurred_on: date, corrected_on: date, law: RuleSet) -> Decimal:
    """What comes back for a correction on a day, by the first window that is open on it."""
    open_ones = (one for one in rules.windows(points, occurred_on, law) if corrected_on <= one.until)
    return next((one.points for one in open_ones), Decimal(0))


@pytest.mark.parametrize(
    ("law", "corrected_on", "percent"),
    [
        (LAW_2025, date(2025, 6, 16), 100),
        (LAW_2025, date(2025, 6, 19), 100),
        (LAW_2025, date(2025, 6, 20), 80),
        (LAW_2025, date(2025, 7, 16), 80),
        (LAW_2025, date(2025, 7, 17), 60),
        (LAW_2025, date(2025, 12, 31), 60),
        (LAW_2025, date(2026, 1, 1), 40),
        (LAW_2025, date(2026, 12, 31), 40),
        (LAW_2025, date(2027, 1, 1), 0),
        (LAW_2014, date(2025, 6, 17), 80),
        (LAW_2014, date(2025, 7, 16), 80),
        (LAW_2014, date(2025, 7, 17), 40),
        (LAW_2014, date(2026, 1, 1), 20),
        (LAW_2014, date(2027, 1, 1), 0),
    ],
)
def test_what_a_correction_brings_back(law: RuleSet, corrected_on: date, percent: int) -> None:
    assert restored(Decimal(5), JUNE, corrected_on, law) == Decimal(5) * percent / 100
    assert restored(Decimal(11), JUNE, corrected_on, law) == Decimal(11) * percent / 100


def test_a_breach_late_in_the_year_has_thirty_days_all_the_same() -> None:
    december = date(2025, 12, 20)
    assert restored(Decimal(5), december, date(2026, 1, 19), LAW_2025) == 4
    assert restored(Decimal(5), december, date(2026, 1, 20), LAW_2025) == 2
    assert [one.percent for one in rules.windows(Decimal(5), december, LAW_2025)] == [100, 80, 40]


@pytest.mark.parametrize(
    ("on", "points"),
    [
        (date(2025, 12, 15), 0),
        (date(2025, 12, 16), 6),
        (date(2026, 1, 15), 6),
        (date(2026, 1, 16), 7),
        (date(2026, 5, 16), 11),
        (date(2027, 5, 16), 11),
    ],
)
def test_overall_repair_brings_a_point_a_month_from_the_sixth_on(on: date, points: int) -> None:
    assert rules.overall_points(JUNE, on, LAW_2025) == points
    assert rules.overall_points(JUNE, on, LAW_2014) == 0


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        (date(2025, 8, 31), date(2026, 2, 27), 5),
        (date(2025, 8, 31), date(2026, 2, 28), 6),
        (date(2025, 1, 1), date(2024, 1, 1), 0),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
    ],
)
def test_months_are_full_on_the_same_day_or_the_last(since: date, until: date, months: int) -> None:
    assert rules.full_months(since, until) == months


@BOTH
@pytest.mark.parametrize(
    ("wait", "on"), [(3, date(2025, 9, 16)), (6, date(2025, 12, 16)), (12, date(2026, 6, 16))]
)
def test_a_direct_d_waits_three_six_or_twelve_months(law: RuleSet, wait: int, on: date) -> None:
    assert rules.direct_d_repairable_on(JUNE, wait, law) == on
    with pytest.raises(ValueError, match="no wait of 4"):
        rules.direct_d_repairable_on(JUNE, 4, law)


@pytest.mark.parametrize(
    ("score", "level"), [("95", Level.B), ("70", Level.B), ("69.99", Level.C), ("39", Level.D)]
)
def test_a_repaired_direct_d_is_rated_by_its_score_but_not_a(score: str, level: Level) -> None:
    assert rules.repaired_level(Decimal(score)) is level


def test_what_an_authority_tells_beside_our_lists_counts_all_the_same() -> None:
    assert (NeverA("something new"), DirectD("something new")) == (NeverA.OTHER, DirectD.OTHER)


def test_a_direct_d_is_kept_two_years_and_forbids_an_a_in_the_third() -> None:
    assert rules.effects_of_d(2025, is_direct=True, rules=LAW_2025) == (
        "2026 年度评价保持 D 级",
        "2027 年度不得评为 A 级",
    )


def test_a_d_by_score_costs_eleven_points_in_the_next_year() -> None:
    (told,) = rules.effects_of_d(2025, is_direct=False, rules=LAW_2025)
    assert "2026 年度评价另扣 11 分" in told
    (before,) = rules.effects_of_d(2019, is_direct=False, rules=LAW_2014)
    assert "11" not in before, "the rule is of 2020"


def test_ratings_are_released_in_april_and_reviewed_until_the_next() -> None:
    assert rules.released_on(2025) == (date(2026, 4, 1), date(2026, 4, 30))
    assert rules.review_until(2025) == date(2027, 4, 30)
    assert rules.REVIEW_WORKING_DAYS == 15


def test_every_level_says_what_it_brings() -> None:
    assert all(EFFECTS[level] for level in Level)
    assert any("公布" in one for one in EFFECTS[Level.A])
    assert any("交旧领新" in one for one in EFFECTS[Level.D])


@pytest.mark.parametrize(
    ("level", "score", "fits"),
    [
        (Level.A, "90", True),
        (Level.A, "89.99", False),
        (Level.A, None, False),
        (Level.B, "70", True),
        (Level.B, "95", True),
        (Level.B, "69", False),
        (Level.C, "40", True),
        (Level.C, "70", False),
        (Level.C, "39", False),
        (Level.M, None, True),
        (Level.M, "75", True),
        (Level.D, "12", True),
        (Level.D, "95", True),
        (Level.D, None, True),
        (Level.A, "100.01", False),
        (Level.D, "-1", False),
    ],
)
def test_which_levels_go_with_which_scores(level: Level, score: str | None, fits: bool) -> None:
    told = rules.misfit(level, Decimal(score) if score else None, LAW_2025)
    assert (told is None) == fits
