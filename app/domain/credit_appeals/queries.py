"""What can be asked of applications: those of an enterprise one acts for, and what is under way."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.domain.accounts import sessions
from app.domain.credit_appeals.models import OPEN, AppealKind, CreditAppeal
from app.gateways.exchange import RatingStatus

MOST = 50
"""Applications told in one answer; an enterprise makes a few in its life."""

_STATUS: Mapping[AppealKind, RatingStatus] = {
    AppealKind.REVIEW: RatingStatus.UNDER_REVIEW,
    AppealKind.REPAIR: RatingStatus.UNDER_REPAIR,
}


async def of_enterprise(person_id: UUID, enterprise_id: UUID) -> Sequence[CreditAppeal]:
    """The applications of an enterprise the person acts for now, the newest first.

    Raises EnterpriseNotBound.
    """
    await sessions.check_acts_for(person_id, enterprise_id)
    return await CreditAppeal.filter(enterprise_id=enterprise_id).order_by("-id").limit(MOST)


async def under_way(enterprise_id: UUID) -> Mapping[int, RatingStatus]:
    """By rating year what is asked for just now; of both kinds the review counts. The caller may know."""
    rows = await CreditAppeal.filter(enterprise_id=enterprise_id, state__in=OPEN)
    rows.sort(key=lambda one: one.kind is AppealKind.REVIEW)
    return {one.year: _STATUS[one.kind] for one in rows}
