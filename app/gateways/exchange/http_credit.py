"""Tax credit ratings over HTTP.

``POST {url}/v1/credit-ratings`` ``{uscc, purpose}`` →
``{uscc, ratings: [{year, level, score, published_on}]}``.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.gateways.exchange.contract import ExchangeDown, RatingFacts
from app.gateways.exchange.upstream import Upstream

log = logging.getLogger(__name__)

CREDIT_RATINGS = "/v1/credit-ratings"
_LEVELS = frozenset("ABMCD")
_YEARS = range(2000, 2201)


class HttpCredit(Upstream):
    """See ``CreditConnector``."""

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        answer = await self.ask(CREDIT_RATINGS, {"uscc": uscc}, purpose="纳税信用查询")
        # An answer about somebody else is shown to nobody.
        if answer.get("uscc") != uscc:
            log.error("the rating service answered about another enterprise")
            raise ExchangeDown
        try:
            found = [_rating(one) for one in answer["ratings"]]
        except (KeyError, TypeError, ValueError, InvalidOperation):
            log.error("the rating service gave an answer we do not know")
            raise ExchangeDown from None
        return sorted(found, key=lambda one: one.year, reverse=True)


def _rating(given: Mapping[str, Any]) -> RatingFacts:
    score = None if given["score"] is None else Decimal(str(given["score"]))
    if given["level"] not in _LEVELS or given["year"] not in _YEARS:
        raise ValueError("level or year")
    if score is not None and not (score.is_finite() and 0 <= score < 1000):
        raise ValueError("score")
    return RatingFacts(
        year=given["year"],
        level=given["level"],
        score=score,
        published_on=date.fromisoformat(given["published_on"]),
    )
