"""Pure rules of tax credit: from facts to score and level, and what a correction brings back."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from app.domain.credit_ratings.rule_sets import (
    LEAST_SCORES,
    DirectD,
    Level,
    NeverA,
    RepairStep,
    RuleSet,
)

_CENT = Decimal("0.01")
_FULL = Decimal(100)
RELEASE_MONTH = 4
"""Ratings of a year are released in the April after it."""
REVIEW_WORKING_DAYS = 15
"""复核 is answered in so many working days."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a level hangs on besides the score; ``had_income`` is that of the rating year."""

    score: Decimal
    is_new: bool = False
    had_income: bool = True
    never_a: frozenset[NeverA] = frozenset()
    direct_d: frozenset[DirectD] = frozenset()


@dataclass(frozen=True, slots=True)
class Window:
    """Corrected at the latest on ``until``, so many points come back."""

    until: date
    percent: int
    points: Decimal


def level_by_score(score: Decimal) -> Level:
    """The level a score gives by itself."""
    return next(level for level, least in LEAST_SCORES.items() if score >= least)


def level_of(facts: Facts) -> Level:
    """The level of a year; what rates directly comes first."""
    if facts.direct_d:
        return Level.D
    if facts.is_new:
        return Level.M
    level = level_by_score(facts.score)
    if level in (Level.C, Level.D):
        return level
    if not facts.had_income:
        return Level.M
    return Level.B if facts.never_a else level


def repaired_level(score: Decimal) -> Level:
    """The level once a direct D is repaired: rated anew, but not A (税务总局公告 2019 年第 37 号)."""
    return level_of(Facts(score, never_a=frozenset({NeverA.D_LAST_YEAR})))


def misfit(level: Level, score: Decimal | None, rules: RuleSet) -> str | None:
    """Why a level cannot go with a score, in words; ``None`` if it can.

    A D may be a direct one, an M a new enterprise, and a B an A that the law forbids: their scores may be
    higher than the level's. Without a score only those two levels are believed that need none.
    """
    if score is None:
        return None if level in (Level.M, Level.D) else "缺少得分，只有 M 级和 D 级可以没有得分"
    if not 0 <= score <= max(rules.starting_scores.values()):
        return f"得分应在 0 到 {max(rules.starting_scores.values())} 之间"
    if level in (Level.M, Level.D):
        return None
    least = LEAST_SCORES[level]
    if score < least:
        return f"{level} 级的得分不低于 {least}"
    if level is Level.C and score >= LEAST_SCORES[Level.B]:
        return f"C 级的得分低于 {LEAST_SCORES[Level.B]}"
    return None


def windows(points: Decimal, occurred_on: date, rules: RuleSet) -> tuple[Window, ...]:
    """Until when a correction brings how much back, the first day first; the last window ends for good.

    A window that would end before an earlier one (a breach late in the year) is left out.
    """
    found: list[Window] = []
    for step in rules.repair_steps:
        until = _end_of(step, occurred_on)
        if not found or until > found[-1].until:
            found.append(Window(until, step.percent, _share(points, step.percent)))
    return tuple(found)


def overall_points(last_breach_on: date, on: date, rules: RuleSet) -> Decimal:
    """整体修复: what so many full months without a breach bring; nothing under a law without it."""
    if rules.overall is None:
        return Decimal(0)
    months = full_months(last_breach_on, on)
    if months < rules.overall.least_months:
        return Decimal(0)
    return min(rules.overall.points_a_month * months, rules.overall.most_points)


def direct_d_repairable_on(corrected_on: date, wait_months: int, rules: RuleSet) -> date:
    """The first day on which a direct D may be repaired. Raises ValueError for a wait the law has not."""
    if wait_months not in rules.direct_d_waits:
        raise ValueError(f"the law has no wait of {wait_months} months")
    return months_after(corrected_on, wait_months)


def effects_of_d(year: int, *, is_direct: bool, rules: RuleSet) -> tuple[str, ...]:
    """What a D of a rating year does to the years after it, in words."""
    if is_direct:
        kept = [f"{year + n} 年度评价保持 D 级" for n in range(1, rules.direct_d_years)]
        return (*kept, f"{year + rules.direct_d_years} 年度不得评为 A 级")
    if year < rules.extra_since:
        return (f"{year + 1} 年度不得评为 A 级",)
    return (f"{year + 1} 年度评价另扣 {rules.extra_after_d} 分，且不得评为 A 级",)


def is_direct_d(level: Level, score: Decimal | None) -> bool:
    """Whether a D was not given by its score."""
    return level is Level.D and (score is None or score >= LEAST_SCORES[Level.C])


def released_on(year: int) -> tuple[date, date]:
    """The first and the last day on which the ratings of a year are released."""
    last = calendar.monthrange(year + 1, RELEASE_MONTH)[1]
    return date(year + 1, RELEASE_MONTH, 1), date(year + 1, RELEASE_MONTH, last)


def newest_released(today: date) -> int:
    """The year whose ratings are the last to have come out."""
    year = today.year - 1
    return year if today >= released_on(year)[0] else year - 1


def review_until(year: int) -> date:
    """The last day to ask for 复核: until the next yearly rating."""
    return released_on(year + 1)[1]


def full_months(since: date, until: date) -> int:
    """Whole months between two days; from the 31st a month is over at the end of a shorter one."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return max(months if months_after(since, months) <= until else months - 1, 0)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _end_of(step: RepairStep, occurred_on: date) -> date:
    if step.days is not None:
        return occurred_on + timedelta(days=step.days)
    return date(occurred_on.year + step.years_later, 12, 31)


def _share(points: Decimal, percent: int) -> Decimal:
    return (points * percent / _FULL).quantize(_CENT, ROUND_HALF_UP)
