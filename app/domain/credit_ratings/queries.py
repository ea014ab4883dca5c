"""Ratings of the enterprises a person acts for. They come from the tax authority and are never guessed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson

from app.domain.accounts.models import BindingStatus, EnterpriseBinding
from app.gateways import exchange
from app.gateways.exchange import RatingFacts
from app.kit import cache, clock, crypto

_KEPT_S: Final = 600
MOST: Final = 20
"""Bindings looked at: more ratings than these nobody reads in one answer."""

MEANINGS: Final = {
    "A": "列入公布名单，可享领票、退税等便利和联合激励",
    "B": "守信，按规定享受便利",
    "M": "新办或暂无收入且未失信，按规定享受便利",
    "C": "领票和退税从严管理",
    "D": "列入重点监管，领票、退税和评价从严限制",
}
"""What each level brings (纳税缴费信用管理办法, 税务总局公告2025年第12号)."""


@dataclass(frozen=True, slots=True)
class EnterpriseRating:
    """The last published rating of one enterprise; ``level`` is None for one never rated.

    ``as_of`` is the day the authority was asked, which may be some minutes ago.
    """

    enterprise_name: str
    year: int | None
    level: str | None
    score: Decimal | None
    meaning: str
    as_of: date


async def ratings_of(person_id: UUID) -> Sequence[EnterpriseRating]:
    """One rating for each enterprise the person may act for now, by name; of very many, those bound last.

    Raises NotConnected, or ExchangeDown if the authority's service is out of reach.
    """
    bindings = (
        await EnterpriseBinding.filter(
            person_id=person_id, status=BindingStatus.ACTIVE, expires_on__gte=clock.today()
        )
        .select_related("enterprise")
        .order_by("-bound_at", "-id")
        .limit(MOST)
    )
    enterprises = {one.enterprise.id: one.enterprise for one in bindings}.values()
    names = sorted((one.name, crypto.unseal(one.uscc_sealed)) for one in enterprises)
    found = await asyncio.gather(*(_last_rating(uscc) for _, uscc in names))
    return [_told(name, *one) for (name, _), one in zip(names, found, strict=True)]


async def _last_rating(uscc: str) -> tuple[RatingFacts | None, date]:
    """Asked once for all who ask within ten minutes; the cache knows the enterprise by a keyed hash."""
    connector = exchange.credit()

    async def load() -> bytes:
        ratings = await connector.ratings(uscc)
        return orjson.dumps({"rating": ratings[0] if ratings else None, "on": clock.today()}, default=str)

    key = f"credit:{crypto.lookup_hash(uscc, 'credit rating').hex()}"
    kept = orjson.loads(await cache.get_or_load(key, _KEPT_S, load))
    return _read(kept["rating"]), date.fromisoformat(kept["on"])


def _read(kept: dict[str, Any] | None) -> RatingFacts | None:
    if kept is None:
        return None
    return RatingFacts(
        year=kept["year"],
        level=kept["level"],
        score=None if kept["score"] is None else Decimal(kept["score"]),
        published_on=date.fromisoformat(kept["published_on"]),
    )


def _told(name: str, rating: RatingFacts | None, as_of: date) -> EnterpriseRating:
    if rating is None:
        return EnterpriseRating(name, None, None, None, "尚未参加评价", as_of)
    return EnterpriseRating(name, rating.year, rating.level, rating.score, MEANINGS[rating.level], as_of)
