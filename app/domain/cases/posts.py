"""Which posts reach which cases: one rule for everything staff do in them."""

from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import particulars
from app.domain.cases.models import Case
from app.domain.halls.models import Hall
from app.kit.errors import NotAllowed

COUNTY: Final = 6
"""Digits of a region down to the county."""
_REGISTERED_IN: Final = slice(2, 2 + COUNTY)  # GB 32100-2015: signs 3 to 8 of a USCC.


async def check_may(member: StaffMember, role: StaffRole, number: str | None) -> None:
    """Raise NotAllowed unless a member's posts of a role reach a case.

    A case names its office in words and no hall of ours; its authority (实施主体) says in which county it
    is. A post held everywhere reaches every case, one in a region, or in a hall there, those of its
    authorities. A case that names none is for posts held everywhere. ``number`` is ``None`` where there is
    no case to reach: then whoever holds the role may be told so.
    """
    regions = await reach(member, role)
    if regions is None or number is None:
        return
    case = await Case.get_or_none(number=number)
    county = particulars.authority_of(case)[_REGISTERED_IN] if case is not None else ""
    if not any(county.startswith(region) for region in regions):
        raise NotAllowed


async def reach(member: StaffMember, role: StaffRole) -> tuple[str, ...] | None:
    """The regions, down to the county, a member's posts of a role reach; ``None`` for everywhere.

    Raises NotAllowed for whoever does not hold the role at all.
    """
    if staff.may(member, role, None):
        return None
    if not staff.holds(member, role):
        raise NotAllowed
    posts = [post for post in member.posts if post.role is role]
    named = [post.region_code for post in posts if post.region_code is not None]
    halls = [post.hall_id for post in posts if post.hall_id is not None]
    around = await Hall.filter(id__in=halls).values_list("region_id", flat=True) if halls else []
    return tuple(sorted({str(region)[:COUNTY] for region in (*named, *around)}))
