"""Pretend ratings of five years under both rule sets, with deductions and repairs; the same each time."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from app.gateways.exchange.credit_contract import (
    AListEntry,
    Deduction,
    DirectCause,
    RatingFacts,
    RatingStatus,
)
from app.gateways.exchange.demo_enterprises import enterprises

YEARS: Final = range(2021, 2026)
"""Rating years; each is published in the April after it."""

_NEW_LAW: Final = 2025
_AUTHORITIES: Final = {
    "4401": "国家税务总局广州市税务局",
    "4403": "国家税务总局深圳市税务局",
    "4406": "国家税务总局佛山市税务局",
}


class _Indicator(NamedTuple):
    code: str
    name: str
    points: int
    is_repairable: bool = True


_INDICATORS: Final = (
    _Indicator("010101", "未按规定期限纳税申报", 5),
    _Indicator("010102", "未按规定期限代扣代缴申报", 5),
    _Indicator("010103", "未按规定期限填报财务报表", 3),
    _Indicator("020101", "未按规定期限缴纳税款", 5),
    _Indicator("030201", "未按规定期限备案银行账户", 11, is_repairable=False),
)
# What a repair brings back, in percent, by how soon it is done: the law of 2025, and the rules before it.
_RESTORED: Final = {
    True: ((3, 100), (30, 80), (None, 60), ("next", 40)),
    False: ((30, 80), (None, 40), ("next", 20)),
}


def ratings_of(uscc: str) -> list[RatingFacts]:
    """Five years of ratings of an enterprise, the newest first; each is published in the next April."""
    draw = random.Random(f"ratings {uscc}")  # noqa: S311  The same data each time is the point.
    care = draw.choice((0.5, 1.0, 1.5, 2.0, 4.0, 6.0))
    first_year = draw.choice((*(YEARS[0],) * 10, *YEARS[1:]))
    newest, *older = [_rating(draw, uscc, year, care, is_new=year < first_year) for year in YEARS][::-1]
    return [_beside_the_score(newest, uscc), *older]


def level_of(score: int) -> str:
    """The level a score alone gives (≥ 90 A, ≥ 70 B, ≥ 40 C)."""
    return next(level for level, least in (("A", 90), ("B", 70), ("C", 40), ("D", 0)) if score >= least)


@cache
def a_list(year: int) -> tuple[AListEntry, ...]:
    """Who of the known enterprises was rated A for a year, by code."""
    if year not in YEARS:
        return ()
    turn = YEARS[-1] - year
    return tuple(
        AListEntry(uscc, name, year)
        for uscc, name in sorted(enterprises().items())
        if ratings_of(uscc)[turn].level == "A"
    )


def _rating(draw: random.Random, uscc: str, year: int, care: float, *, is_new: bool) -> RatingFacts:
    starting = draw.choice((100, 100, 93, 90))
    breaches = min(8, int(draw.expovariate(1 / care)))
    deductions = tuple(_deduction(draw, year) for _ in range(breaches))
    taken = sum((one.points - one.restored for one in deductions), Decimal(0))
    score = max(Decimal(0), starting - taken)
    level = "M" if is_new and score >= 70 else level_of(int(score))
    is_last = year == YEARS[-1]
    return RatingFacts(
        year=year,
        level=level,
        score=score,
        published_on=date(year + 1, 4, 20),
        starting_score=Decimal(starting),
        deductions=deductions,
        status=draw.choice((*(RatingStatus.NORMAL,) * 8, *RatingStatus)) if is_last else RatingStatus.NORMAL,
        authority=_AUTHORITIES.get(uscc[2:6], "国家税务总局广东省税务局"),
    )


def _beside_the_score(rating: RatingFacts, uscc: str) -> RatingFacts:
    """A few are rated by facts: a D that may be repaired soon, later or not yet, and a B instead of an A."""
    draw = random.Random(f"facts {uscc}")  # noqa: S311  See above.
    if draw.random() < 0.03:
        corrected_on = draw.choice((None, date(rating.year, 11, 20), date(rating.year + 1, 6, 1)))
        cause = DirectCause("unpaid_after_decision", corrected_on, draw.choice((3, 6, 12)))
        return replace(rating, level="D", direct_d=(cause,))
    if rating.level == "A" and draw.random() < 0.1:
        return replace(rating, level="B", never_a=("younger_than_three_years",))
    return rating


def _deduction(draw: random.Random, year: int) -> Deduction:
    said = draw.choice(_INDICATORS)
    times = draw.choice((1, 1, 1, 2))
    occurred_on = date(year, 1, 16) + timedelta(days=draw.randrange(340))
    repaired_on, share = _repair(draw, occurred_on) if said.is_repairable else (None, 0)
    points = Decimal(said.points * times)
    return Deduction(
        code=said.code,
        name=said.name,
        points=points,
        times=times,
        occurred_on=occurred_on,
        is_repairable=said.is_repairable and repaired_on is None,
        repair_until=date(year + 1, 12, 31) if said.is_repairable and repaired_on is None else None,
        repaired_on=repaired_on,
        restored=points * share / 100,
    )


def _repair(draw: random.Random, occurred_on: date) -> tuple[date | None, int]:
    """Half of them are repaired, within days, within a month, within the year or in the next."""
    if draw.random() < 0.5:
        return None, 0
    within, share = draw.choice(_RESTORED[occurred_on.year >= _NEW_LAW])
    match within:
        case int(days):
            repaired_on = occurred_on + timedelta(days=draw.randrange(1, days + 1))
        case None:
            # Later than a month after, within the same year; without room for that it counts as next year's.
            repaired_on = min(occurred_on + timedelta(days=31), date(occurred_on.year, 12, 31))
        case _:
            repaired_on = date(occurred_on.year + 1, 1, 15)
    return repaired_on, share
