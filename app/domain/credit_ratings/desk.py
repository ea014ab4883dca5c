"""A rating at a desk: what was released of one number, for a reason; that it was looked at is recorded."""

from collections.abc import Sequence
from typing import Final

from app.domain.accounts import agency, staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.credit_ratings import queries, taxpayer_ids
from app.domain.credit_ratings.errors import RatingNotFound
from app.domain.credit_ratings.queries import RatedYear
from app.kit import audit, crypto
from app.kit.errors import InvalidInput, NotAllowed
from app.kit.identity_numbers import BadNumber

READERS: Final = (StaffRole.HALL_MANAGER, StaffRole.SUPERVISOR)
"""Who may look a rating up: those who answer for a counter, and supervision."""

_LONGEST_REASON: Final = 200


async def look_up(member: StaffMember, typed: str, reason: str) -> Sequence[RatedYear]:
    """Every released rating of a number, the newest first; the authority is not asked.

    Raises NotAllowed, InvalidInput for a number that can be none or without a reason, RatingNotFound.
    """
    if not any(staff.holds(member, role) for role in READERS):
        raise NotAllowed
    why = reason.strip()
    if not 0 < len(why) <= _LONGEST_REASON:
        raise InvalidInput(fields={"reason": [f"请填写查询事由，不超过 {_LONGEST_REASON} 个字"]})
    try:
        number = taxpayer_ids.checked(typed)
    except BadNumber as bad:
        raise InvalidInput(fields={"taxpayer": [str(bad)]}) from None
    hashed = crypto.lookup_hash(number, agency.USCC)
    await audit.record(member.caller_id, "credit.rating_read", f"taxpayer:{hashed.hex()[:16]}", reason=why)
    found = await queries.released(hashed)
    if not found:
        raise RatingNotFound
    return sorted(found, key=lambda one: one.year, reverse=True)
