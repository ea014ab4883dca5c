"""Tax credit ratings over HTTP.

``POST {url}/v1/credit-ratings`` ``{uscc, purpose}`` → ``{uscc, ratings: [{year, level, score, published_on,
starting_score?, status?, authority?, deductions?: [{code, name, points, times, occurred_on, is_repairable,
repair_until?, repaired_on?, restored?}], never_a?: [fact], direct_d?: [{fact, corrected_on?,
wait_months?}]}]}``;
``POST {url}/v1/a-list`` ``{year, query, page, purpose}`` → ``{year, page, enterprises: [{uscc, name}],
has_more}``.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.gateways.exchange import wire
from app.gateways.exchange.credit_contract import (
    A_LIST_PAGE,
    AListEntry,
    AListPage,
    Deduction,
    DirectCause,
    RatingFacts,
    RatingStatus,
)
from app.gateways.exchange.purposes import Purpose, Source
from app.gateways.exchange.upstream import Upstream

CREDIT_RATINGS = "/v1/credit-ratings"
A_LIST = "/v1/a-list"
_LEVELS = frozenset("ABMCD")
_MOST_RATINGS = 50
_MOST_DEDUCTIONS = 500
_MOST_FACTS = 20
_MOST_POINTS = Decimal("999.99")  # As our columns hold them, of five digits with two decimals.


class HttpCredit(Upstream):
    """See ``CreditConnector``."""

    source = Source.CREDIT

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        answer = await self.ask(CREDIT_RATINGS, {"uscc": uscc}, purpose=Purpose.RATING, about=("uscc",))
        try:
            found = ratings_of(answer.get("ratings"))
        except ValueError:
            raise self.nonsense(CREDIT_RATINGS) from None
        return sorted(found, key=lambda one: one.year, reverse=True)

    async def a_list(self, year: int, query: str, page: int) -> AListPage:
        asked = {"year": year, "query": query, "page": page}
        answer = await self.ask(A_LIST, asked, purpose=Purpose.A_LIST, about=("year", "page"))
        try:
            return page_of(answer, year)
        except ValueError:
            raise self.nonsense(A_LIST) from None


def ratings_of(given: object) -> list[RatingFacts]:
    """Ratings out of their JSON, as they come. Raises ValueError."""
    return [_rating(wire.mapping(one)) for one in wire.items(given, _MOST_RATINGS)]


def page_of(given: Mapping[str, Any], year: int) -> AListPage:
    """A page of the A list out of its JSON. Raises ValueError."""
    rows = [wire.mapping(one) for one in wire.items(given.get("enterprises"), A_LIST_PAGE)]
    entries = (
        AListEntry(wire.text(one.get("uscc"), 20), wire.text(one.get("name"), 200), year) for one in rows
    )
    return AListPage(tuple(entries), wire.flag(given.get("has_more")))


def _rating(given: Mapping[str, Any]) -> RatingFacts:
    level = wire.text(given.get("level"), 1)
    if level not in _LEVELS:
        raise ValueError("no level")
    return RatingFacts(
        year=wire.whole(given.get("year"), 2000, 2200),
        level=level,
        score=_points(given.get("score")),
        published_on=wire.day(given.get("published_on")),
        starting_score=_points(given.get("starting_score")),
        deductions=tuple(
            _deduction(wire.mapping(one))
            for one in wire.items(given.get("deductions") or [], _MOST_DEDUCTIONS)
        ),
        status=RatingStatus(given.get("status") or "normal"),
        authority=wire.optional_text(given.get("authority"), 200),
        never_a=tuple(wire.text(one, 40) for one in wire.items(given.get("never_a") or [], _MOST_FACTS)),
        direct_d=tuple(
            _cause(wire.mapping(one)) for one in wire.items(given.get("direct_d") or [], _MOST_FACTS)
        ),
    )


def _cause(given: Mapping[str, Any]) -> DirectCause:
    wait = given.get("wait_months")
    return DirectCause(
        fact=wire.text(given.get("fact"), 40),
        corrected_on=wire.optional_day(given.get("corrected_on")),
        wait_months=None if wait is None else wire.whole(wait, 1, 120),
    )


def _deduction(given: Mapping[str, Any]) -> Deduction:
    return Deduction(
        code=wire.text(given.get("code"), 40),
        name=wire.text(given.get("name"), 200),
        points=_points(given.get("points")) or Decimal(0),
        times=wire.whole(given.get("times"), 1, 100_000),
        occurred_on=wire.day(given.get("occurred_on")),
        is_repairable=wire.flag(given.get("is_repairable")),
        repair_until=wire.optional_day(given.get("repair_until")),
        repaired_on=wire.optional_day(given.get("repaired_on")),
        restored=_points(given.get("restored")) or Decimal(0),
    )


def _points(given: object) -> Decimal | None:
    points = wire.optional_number(given)
    if points is not None and not 0 <= points <= _MOST_POINTS:
        raise ValueError("points")
    return points
