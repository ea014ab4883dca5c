"""整体修复 and the repair of a direct D: whether a rating's facts allow it on a day, and what it brings.

Both are of the rating in force. What is told of a day cannot show what happened after it, so ``on`` is at
the latest the day on which the authority told the facts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.credit_ratings import rules
from app.domain.credit_ratings.queries import RatedYear
from app.domain.credit_ratings.rule_sets import (
    DIRECT_D_WORDS,
    EFFECTS,
    DirectD,
    Level,
    RuleSet,
    rule_set_of,
)
from app.gateways.exchange import DirectCause


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a repair rests on: since ``since`` no breach is known; ``points`` come back (of a direct D none).

    ``opens_on`` is the first day to ask for it, and ``obstacle`` says in words why not on a day.
    """

    since: date | None = None
    opens_on: date | None = None
    points: Decimal = Decimal(0)
    obstacle: str | None = None


def most_points(rating: RatedYear) -> Decimal:
    """Where the year began: above it no repair brings a score."""
    return rating.starting_score or max(rule_set_of(rating.year).starting_scores.values())


def is_direct_d(rating: RatedYear) -> bool:
    """Whether it is a D by facts: by those the authority tells, or because the score is none of a D."""
    return bool(rating.direct_d) or rules.is_direct_d(rating.level, rating.score)


def overall(rating: RatedYear, on: date, restored: Mapping[date, Decimal] | None = None) -> Prospect:
    """整体修复: a point for each full month without a breach, from the sixth on.

    ``restored`` are the points that came back already, by the breach since which they did.
    """
    law = rule_set_of(rating.year)
    last = _last_breach_on(rating)
    if law.overall is None:
        return Prospect(obstacle=f"{law.name} 年规则没有整体修复")
    if is_direct_d(rating):
        return Prospect(obstacle="直接判为 D 级的，补分不改变级别，请申请直接判级修复")
    if rating.score is None or last is None:
        return Prospect(obstacle="没有得分或扣分明细，不能整体修复")
    least = law.overall.least_months
    opens_on = rules.months_after(last, least)
    if on < opens_on:
        words = f"须连续 {least} 个月没有新增失信行为，{opens_on:%Y-%m-%d} 起可以申请"
        return Prospect(last, opens_on, obstacle=words)
    earned = rules.overall_points(last, on, law) - (restored or {}).get(last, Decimal(0))
    points = min(earned, most_points(rating) - rating.score)
    if points <= 0:
        return Prospect(last, opens_on, obstacle="得分已达到起评分或已经恢复，没有可恢复的分数")
    return Prospect(last, opens_on, points)


def direct_d(rating: RatedYear, on: date) -> Prospect:
    """The repair of a direct D: every fact corrected, and then months without a breach."""
    law = rule_set_of(rating.year)
    if not is_direct_d(rating):
        return Prospect(obstacle="该年度不是直接判为 D 级，不需要直接判级修复")
    if not rating.direct_d:
        return Prospect(obstacle="税务机关没有提供直接判为 D 级的情形，请到主管税务机关申请")
    obstacle = next(_not_repairable(rating.direct_d, law), None)
    if obstacle:
        return Prospect(obstacle=obstacle)
    since, opens_on = max(_waits(rating, law), key=lambda wait: wait[1])
    if on < opens_on:
        words = f"自 {since:%Y-%m-%d} 起还在等待期内，{opens_on:%Y-%m-%d} 起没有新增失信行为的可以申请"
        return Prospect(since, opens_on, obstacle=words)
    return Prospect(since, opens_on)


def effects(rating: RatedYear) -> tuple[str, ...]:
    """What the level of a year brings, and of a D what it does to the years after it, point by point."""
    own = EFFECTS[rating.level]
    if rating.level is not Level.D:
        return own
    law = rule_set_of(rating.year)
    return (*own, *rules.effects_of_d(rating.year, is_direct=is_direct_d(rating), rules=law))


def words_of(cause: DirectCause) -> str:
    """A fact by which a year is rated D, as an enterprise reads it."""
    return DIRECT_D_WORDS[DirectD(cause.fact)]


def _not_repairable(causes: tuple[DirectCause, ...], law: RuleSet) -> Iterator[str]:
    for one in causes:
        if one.wait_months not in law.direct_d_waits:
            yield f"“{words_of(one)}”不在修复范围，请向主管税务机关咨询"
        elif one.corrected_on is None:
            yield f"“{words_of(one)}”尚未纠正，请先履行相应义务"


def _waits(rating: RatedYear, law: RuleSet) -> Iterator[tuple[date, date]]:
    """Of every fact from when on no breach may follow, and until when; a later breach begins it anew."""
    last = _last_breach_on(rating)
    for one in rating.direct_d:
        if one.corrected_on is not None and one.wait_months is not None:
            since = max(one.corrected_on, last or one.corrected_on)
            yield since, rules.direct_d_repairable_on(since, one.wait_months, law)


def _last_breach_on(rating: RatedYear) -> date | None:
    return max((one.occurred_on for one in rating.deductions), default=None)
