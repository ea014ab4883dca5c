"""From ratings and applications to what their shapes show."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.credit_appeals.models import CreditAppeal
from app.domain.credit_appeals.texts import STATE_TEXTS, grounds
from app.domain.credit_ratings import repairs, what_if
from app.domain.credit_ratings.queries import OwnRatings, RatedYear
from app.domain.credit_ratings.repairs import Prospect
from app.domain.credit_ratings.rule_sets import MEANINGS, NEVER_A_WORDS, rule_set_of
from app.gateways.exchange import Deduction, RatingStatus
from app.kit import clock


def ratings(
    own: OwnRatings, under_way: Mapping[int, RatingStatus], restored: Mapping[date, Decimal]
) -> dict[str, Any]:
    """An enterprise's ratings; what is asked for here just now goes before what the authority says of it.

    ``restored`` is what overall repairs of the newest year have brought back.
    """
    items = [_rating(one, under_way.get(one.year, one.status)) for one in own.years]
    if own.years and own.years[0].has_details:
        items[0] |= _repairs(own.years[0], restored)
    return {
        "enterprise_id": own.enterprise_id,
        "enterprise_name": own.enterprise_name,
        "taxpayer_id": own.taxpayer_id,
        "items": items,
        "as_of": own.as_of,
        "is_stale": own.is_stale,
    }


def appeal(one: CreditAppeal) -> dict[str, Any]:
    """An application as its enterprise reads it."""
    shown = {name: getattr(one, name) for name in _OF_APPEAL}
    return {**shown, "state_text": STATE_TEXTS[one.state], "grounds": grounds(one)}


_OF_APPEAL = (
    "case_number", "kind", "year", "state", "reason", "codes", "level_before", "score_before", "level_after",
    "score_after", "points", "applied_at", "decided_at",
)  # fmt: skip


def _rating(one: RatedYear, status: RatingStatus) -> dict[str, Any]:
    law = rule_set_of(one.year)
    return {
        "year": one.year,
        "level": one.level,
        "score": one.score,
        "starting_score": one.starting_score,
        "authority": one.authority,
        "published_on": one.published_on,
        "adjusted_on": one.adjusted_on,
        "status": status,
        "law": law.law,
        "meaning": MEANINGS[one.level],
        "effects": repairs.effects(one),
        "never_a": [NEVER_A_WORDS[fact] for fact in one.never_a],
        "direct_d": [
            {"text": repairs.words_of(cause), "corrected_on": cause.corrected_on} for cause in one.direct_d
        ],
        "overall_repair": None,
        "direct_d_repair": None,
        "has_details": one.has_details,
        "deductions": [
            _deduction(number, deduction, one.year, clock.today())
            for number, deduction in enumerate(one.deductions, start=1)
        ],
    }


def _repairs(newest: RatedYear, restored: Mapping[date, Decimal]) -> dict[str, Any]:
    """Whether the rating in force may be repaired as a whole, or its direct D."""
    today = clock.today()
    return {
        "overall_repair": _prospect(repairs.overall(newest, today, restored)),
        "direct_d_repair": _prospect(repairs.direct_d(newest, today))
        if repairs.is_direct_d(newest)
        else None,
    }


def _prospect(one: Prospect) -> dict[str, Any]:
    return {
        "is_open": one.obstacle is None,
        "opens_on": one.opens_on,
        "points": one.points,
        "obstacle": one.obstacle,
    }


def _deduction(number: int, one: Deduction, year: int, today: date) -> dict[str, Any]:
    windows = what_if.windows(one, year)
    open_ones = [window for window in windows if window.until >= today]
    return {
        "line": number,
        "code": one.code,
        "name": one.name,
        "points": one.points,
        "times": one.times,
        "occurred_on": one.occurred_on,
        "is_repairable": bool(open_ones),
        "repair_until": windows[-1].until if windows else None,
        "repaired_on": one.repaired_on,
        "restored": one.restored,
        "windows": open_ones,
    }
