"""Ratings of the enterprises a person acts for: what was released, and what the authority tells besides.

A published release is the truth about levels and scores. Deductions, starting scores and what is not
released here come from the authority. Nothing is ever guessed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.errors import EnterpriseNotBound
from app.domain.accounts.models import AgentRole, BindingStatus, Enterprise, EnterpriseBinding
from app.domain.credit_ratings.errors import RatingNotFound
from app.domain.credit_ratings.rule_sets import MEANINGS, Level, NeverA
from app.gateways import exchange
from app.gateways.exchange import (
    Answered,
    Deduction,
    DirectCause,
    ExchangeDown,
    NotConnected,
    RatingFacts,
    RatingStatus,
)
from app.kit import clock, crypto, db, masking

MOST: Final = 20
"""Bindings looked at: more ratings than these nobody reads in one answer."""

_RELEASED = """
SELECT r.taxpayer_hash, r.year, r.level, r.score, r.starting_score, r.authority, r.adjusted_on, p.published_on
FROM credit_rating r JOIN credit_release p ON p.id = r.release_id
WHERE r.taxpayer_hash = ANY ($1::bytea[])
"""


@dataclass(frozen=True, slots=True)
class RatedYear:
    """One year's rating. Without ``has_details`` the authority did not tell what was deducted.

    ``status`` is the authority's; ``adjusted_on`` is the day on which a review changed what was released.
    ``never_a`` and ``direct_d`` are the facts that decide the level beside the score.
    """

    year: int
    level: Level
    score: Decimal | None
    published_on: date
    starting_score: Decimal | None = None
    authority: str | None = None
    status: RatingStatus = RatingStatus.NORMAL
    deductions: tuple[Deduction, ...] = ()
    adjusted_on: date | None = None
    has_details: bool = False
    never_a: tuple[NeverA, ...] = ()
    direct_d: tuple[DirectCause, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnRatings:
    """Every year of an enterprise, the newest first.

    ``as_of`` is when the authority told its part: ``None`` if it could not be asked; ``is_stale`` if that
    is older than it should be, because it does not answer now.
    """

    enterprise_id: UUID
    enterprise_name: str
    taxpayer_id: str
    years: tuple[RatedYear, ...]
    as_of: datetime | None
    is_stale: bool

    def of(self, year: int | None) -> RatedYear:
        """The rating of a year, or the newest. Raises RatingNotFound."""
        found = next((one for one in self.years if year in (None, one.year)), None)
        if found is None:
            raise RatingNotFound
        return found


@dataclass(frozen=True, slots=True)
class EnterpriseRating:
    """The last published rating of one enterprise; ``level`` is None for one never rated.

    ``as_of`` is the day the authority told of, which may be some time ago.
    """

    enterprise_name: str
    year: int | None
    level: str | None
    score: Decimal | None
    meaning: str
    as_of: date


async def own(person_id: UUID, enterprise_id: UUID) -> OwnRatings:
    """The ratings of an enterprise the person acts for now, in whatever role.

    Raises EnterpriseNotBound, the same for one there is not; NotConnected or ExchangeDown if neither a
    release nor the authority tells anything.
    """
    binding = await _bindings(person_id).filter(enterprise_id=enterprise_id).first()
    if binding is None:
        raise EnterpriseNotBound
    enterprise = binding.enterprise
    released = await _released([bytes(enterprise.uscc_hash)])
    return await _of(enterprise, released.get(bytes(enterprise.uscc_hash), ()))


async def roles(person_id: UUID, enterprise_id: UUID) -> frozenset[AgentRole]:
    """The roles in which a person acts for an enterprise now; none for one that is not theirs."""
    bindings = await _bindings(person_id).filter(enterprise_id=enterprise_id)
    return frozenset(one.role for one in bindings)


async def ratings_of(person_id: UUID) -> Sequence[EnterpriseRating]:
    """One rating for each enterprise the person may act for now, by name; of very many, those bound last.

    Raises NotConnected, or ExchangeDown if the authority's service is out of reach.
    """
    bindings = await _bindings(person_id).limit(MOST)
    enterprises = {one.enterprise.id: one.enterprise for one in bindings}.values()
    released = await _released([bytes(one.uscc_hash) for one in enterprises])
    found = await asyncio.gather(*(_of(one, released.get(bytes(one.uscc_hash), ())) for one in enterprises))
    return [_brief(one) for one in sorted(found, key=lambda one: (one.enterprise_name, one.taxpayer_id))]


async def released(taxpayer_hash: bytes) -> Sequence[RatedYear]:
    """What was released of a number, known by its keyed hash; the authority is not asked."""
    return (await _released([taxpayer_hash])).get(taxpayer_hash, ())


def _bindings(person_id: UUID) -> Any:
    return (
        EnterpriseBinding.filter(
            person_id=person_id, status=BindingStatus.ACTIVE, expires_on__gte=clock.today()
        )
        .select_related("enterprise")
        .order_by("-bound_at", "-id")
    )


async def _of(enterprise: Enterprise, released: Sequence[RatedYear]) -> OwnRatings:
    told = await _told(crypto.unseal(enterprise.uscc_sealed), may_be_silent=bool(released))
    details = {one.year: one for one in told.value} if told else {}
    known = {one.year: one for one in released}
    years = [_merged(known.get(year), details.get(year)) for year in {*known, *details}]
    return OwnRatings(
        enterprise_id=enterprise.id,
        enterprise_name=enterprise.name,
        taxpayer_id=masking.mask_uscc(crypto.unseal(enterprise.uscc_sealed)),
        years=tuple(sorted(years, key=lambda one: one.year, reverse=True)),
        as_of=told.as_of if told else None,
        is_stale=told.is_stale if told else False,
    )


async def _told(uscc: str, *, may_be_silent: bool) -> Answered[Sequence[RatingFacts]] | None:
    try:
        return await exchange.credit().ratings(uscc)
    except (NotConnected, ExchangeDown):
        if may_be_silent:
            return None
        raise


async def _released(hashes: Sequence[bytes]) -> Mapping[bytes, Sequence[RatedYear]]:
    found: dict[bytes, list[RatedYear]] = {}
    for row in await db.fetch(_RELEASED, list(hashes)):
        found.setdefault(bytes(row["taxpayer_hash"]), []).append(
            RatedYear(
                year=row["year"],
                level=Level(row["level"]),
                score=row["score"],
                published_on=row["published_on"],
                starting_score=row["starting_score"],
                authority=row["authority"],
                adjusted_on=row["adjusted_on"],
            )
        )
    return found


def _merged(released: RatedYear | None, told: RatingFacts | None) -> RatedYear:
    """What was released speaks first; the authority fills in what a release does not carry."""
    if told is None:
        assert released is not None  # noqa: S101  A year comes from one of the two.
        return released
    level = released.level if released else Level(told.level)
    return RatedYear(
        year=told.year,
        level=level,
        score=released.score if released else told.score,
        published_on=released.published_on if released else told.published_on,
        starting_score=(released and released.starting_score) or told.starting_score,
        authority=(released and released.authority) or told.authority,
        status=told.status,
        deductions=told.deductions,
        adjusted_on=released.adjusted_on if released else None,
        has_details=True,
        # Facts that no longer show in the level are past: it was adjusted, and the authority tells it later.
        never_a=() if level is Level.A else tuple(NeverA(fact) for fact in told.never_a),
        direct_d=told.direct_d if level is Level.D else (),
    )


def _brief(one: OwnRatings) -> EnterpriseRating:
    as_of = one.as_of.astimezone(clock.SHANGHAI).date() if one.as_of else clock.today()
    if not one.years:
        return EnterpriseRating(one.enterprise_name, None, None, None, "尚未参加评价", as_of)
    last = one.years[0]
    return EnterpriseRating(
        one.enterprise_name, last.year, last.level.value, last.score, MEANINGS[last.level], as_of
    )
