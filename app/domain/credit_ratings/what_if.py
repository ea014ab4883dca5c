"""The calculator: what corrections by some days, or a further breach, would make of a year's rating.

It reckons by the law of the rating year and promises nothing: the authority decides. Pure but for the
shape of what the authority told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.credit_ratings import repairs, rules
from app.domain.credit_ratings.errors import WhatIfInvalid
from app.domain.credit_ratings.queries import RatedYear
from app.domain.credit_ratings.rule_sets import (
    BREACH_WORDS,
    NEVER_A_WORDS,
    Breach,
    Level,
    RuleSet,
    rule_set_of,
)
from app.gateways.exchange import Deduction


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is supposed: corrections by the number of the deduction (from 1), repairs, further breaches.

    ``overall_on`` and ``direct_d_on`` are the days of asking for 整体修复 and the repair of a direct D;
    ``restored`` is what an earlier 整体修复 brought back, by the breach since which it did.
    """

    corrections: Mapping[int, date] = field(default_factory=dict)
    overall_on: date | None = None
    direct_d_on: date | None = None
    breaches: Sequence[Breach] = ()
    restored: Mapping[date, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the reckoning: what it brings (or costs) and why, in words."""

    points: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Score and level before and after; ``effects`` is what the level after means for the years to come."""

    year: int
    law: str
    score_before: Decimal
    level_before: Level
    score_after: Decimal
    level_after: Level
    lines: tuple[Line, ...]
    effects: tuple[str, ...]


def reckon(rating: RatedYear, supposed: Supposition) -> Outcome:
    """The outcome of a supposition. Raises WhatIfInvalid."""
    if rating.score is None:
        raise WhatIfInvalid(fields={"year": ["税务机关没有提供该年度的得分，不能测算"]})
    law = rule_set_of(rating.year)
    _check(rating, supposed)
    lines = tuple(_lines(rating, supposed, law))
    reached = max(rating.score + sum((line.points for line in lines), Decimal(0)), Decimal(0))
    score = min(reached, repairs.most_points(rating))
    level, why = _level(rating, supposed, score)
    effects = (
        rules.effects_of_d(rating.year, is_direct=repairs.is_direct_d(rating), rules=law)
        if level is Level.D
        else ()
    )
    return Outcome(
        year=rating.year,
        law=law.law,
        score_before=rating.score,
        level_before=rating.level,
        score_after=score,
        level_after=level,
        lines=(*lines, Line(Decimal(0), why)),
        effects=effects,
    )


def windows(deduction: Deduction, year: int) -> tuple[rules.Window, ...]:
    """Until when a deduction can still be repaired with what effect; nothing if it cannot.

    What the authority says of the last day counts, where it says one.
    """
    if not deduction.is_repairable or deduction.repaired_on is not None:
        return ()
    found = rules.windows(deduction.points, deduction.occurred_on, rule_set_of(year))
    last = deduction.repair_until
    if last is None:
        return found
    kept = [one for one in found if one.until < last]
    ending = next((one for one in found if one.until >= last), None)
    return (*kept, rules.Window(last, ending.percent, ending.points)) if ending else tuple(kept)


def _check(rating: RatedYear, supposed: Supposition) -> None:
    faults: dict[str, list[str]] = {}
    for number, on in supposed.corrections.items():
        place = f"corrections.{number}"
        if not 1 <= number <= len(rating.deductions):
            faults[place] = ["没有这一项扣分，请核对序号"]
        elif on < rating.deductions[number - 1].occurred_on:
            faults[place] = ["纠正日期不能早于失信行为发生日"]
    if supposed.overall_on is not None and not rating.deductions:
        faults["overall_on"] = ["没有扣分，不需要整体修复"]
    if faults:
        raise WhatIfInvalid(fields=faults)


def _lines(rating: RatedYear, supposed: Supposition, law: RuleSet) -> Iterator[Line]:
    for number, on in sorted(supposed.corrections.items()):
        yield _corrected(rating.deductions[number - 1], on, rating.year)
    if supposed.overall_on is not None:
        yield _overall(rating, supposed.overall_on, supposed.restored)
    if supposed.direct_d_on is not None:
        yield _direct_d(rating, supposed.direct_d_on)
    for breach in supposed.breaches:
        points = law.points[breach]
        unit = law.counted_by.get(breach, "次")
        yield Line(-points, f"{BREACH_WORDS[breach]}：每{unit}扣 {points} 分")


def _corrected(deduction: Deduction, on: date, year: int) -> Line:
    name = f"{deduction.name}（{deduction.code}，扣 {deduction.points} 分）"
    if deduction.repaired_on is not None:
        return Line(Decimal(0), f"{name}：{deduction.repaired_on:%Y-%m-%d} 已修复，不再加分")
    if not deduction.is_repairable:
        return Line(Decimal(0), f"{name}：不在修复范围，不加分")
    window = next((one for one in windows(deduction, year) if on <= one.until), None)
    if window is None:
        return Line(Decimal(0), f"{name}：{on:%Y-%m-%d} 已过修复期限，不加分")
    return Line(
        window.points,
        f"{name}：{on:%Y-%m-%d} 纠正（{window.until:%Y-%m-%d} 前），"
        f"恢复 {window.percent}%，加 {window.points} 分",
    )


def _overall(rating: RatedYear, on: date, restored: Mapping[date, Decimal]) -> Line:
    found = repairs.overall(rating, on, restored)
    if found.obstacle:
        return Line(Decimal(0), f"整体修复：{found.obstacle}，不加分")
    return Line(
        found.points,
        f"整体修复：{found.since:%Y-%m-%d} 后没有新增失信行为，每满一个月加 1 分、最多 11 分，"
        f"加 {found.points} 分",
    )


def _direct_d(rating: RatedYear, on: date) -> Line:
    obstacle = repairs.direct_d(rating, on).obstacle
    return Line(
        Decimal(0), f"直接判级修复：{obstacle or '可以申请，由税务机关按得分重新评价，但不评为 A 级'}"
    )


def _level(rating: RatedYear, supposed: Supposition, score: Decimal) -> tuple[Level, str]:
    """The level after, and why. What the score does not explain today is taken to stay as it is."""
    if repairs.is_direct_d(rating):
        if supposed.direct_d_on and not repairs.direct_d(rating, supposed.direct_d_on).obstacle:
            level = rules.repaired_level(score)
            return level, f"直接判级修复后，{score} 分对应 {level} 级"
        why = "、".join(repairs.words_of(one) for one in rating.direct_d)
        because = f"因“{why}”" if why else ""
        after = "履行义务并经 3、6 或 12 个月无新增失信行为后可申请修复"
        return Level.D, f"{because}直接判为 D 级的，补分不改变级别；{after}"
    by_score = rules.level_by_score(score)
    if rating.level is Level.M and by_score in (Level.A, Level.B):
        return Level.M, f"新办或当年无收入，{score} 分仍为 M 级"
    is_never_a = rating.level is Level.B and rules.level_by_score(rating.score or score) is Level.A
    if by_score is Level.A and (rating.never_a or is_never_a):
        why = "、".join(NEVER_A_WORDS[one] for one in rating.never_a) or "有不得评为 A 级的情形"
        return Level.B, f"{score} 分达到 A 级分数，但该年度不得评为 A 级（{why}），仍为 B 级"
    return by_score, f"{score} 分，对应 {by_score} 级；是否有不得评为 A 级等情形以税务机关认定为准"
