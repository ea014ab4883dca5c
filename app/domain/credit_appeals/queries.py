"""What can be asked of applications: those of an enterprise one acts for, and what is under way."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.domain.accounts import sessions
from app.domain.credit_appeals.models import OPEN, AppealKind, AppealState, CreditAppeal
from app.gateways.exchange import RatingStatus

MOST = 50
"""Applications told in one answer; an enterprise makes a few in its life."""

_STATUS: Mapping[AppealKind, RatingStatus] = {
    AppealKind.REVIEW: RatingStatus.UNDER_REVIEW,
    AppealKind.REPAIR: RatingStatus.UNDER_REPAIR,
    AppealKind.OVERALL: RatingStatus.UNDER_REPAIR,
    AppealKind.DIRECT_D: RatingStatus.UNDER_REPAIR,
}


async def of_enterprise(person_id: UUID, enterprise_id: UUID) -> Sequence[CreditAppeal]:
    """The applications of an enterprise the person acts for now, the newest first.

    Raises EnterpriseNotBound.
    """
    await sessions.check_acts_for(person_id, enterprise_id)
    return await CreditAppeal.filter(enterprise_id=enterprise_id).order_by("-id").limit(MOST)


async def under_way(enterprise_id: UUID) -> Mapping[int, RatingStatus]:
    """By rating year what is asked for just now; of several the review counts. The caller may know."""
    rows = await CreditAppeal.filter(enterprise_id=enterprise_id, state__in=OPEN)
    rows.sort(key=lambda one: one.kind is AppealKind.REVIEW)
    return {one.year: _STATUS[one.kind] for one in rows}


async def restored(enterprise_id: UUID, year: int) -> Mapping[date, Decimal]:
    """What overall repairs of a year have brought back, by the breach since which. The caller may know."""
    found: dict[date, Decimal] = {}
    for one in await CreditAppeal.filter(
        enterprise_id=enterprise_id, year=year, kind=AppealKind.OVERALL, state=AppealState.ADJUSTED
    ):
        if one.since_on is not None and one.points is not None:
            found[one.since_on] = found.get(one.since_on, Decimal(0)) + one.points
    return found
