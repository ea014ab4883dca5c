"""At which halls a member of staff works at the counters."""

from collections.abc import Sequence
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.halls import posts as hall_posts
from app.domain.halls.models import Hall

ROLES: Final = (StaffRole.CLERK, StaffRole.HALL_MANAGER)
"""Who works at a counter."""


def may(member: StaffMember, hall: Hall, roles: Sequence[StaffRole]) -> bool:
    """Whether one of the member's posts reaches the hall in one of these roles."""
    return any(staff.may(member, role, hall) for role in roles)


async def hall_for(member: StaffMember, hall_id: int) -> Hall:
    """The hall, for whoever works at its counters. Raises HallNotFound, for others' halls too."""
    return await hall_posts.hall_of(member, hall_id, ROLES)


async def halls_of(member: StaffMember, *, words: str = "", limit: int = 60) -> list[Hall]:
    """The halls at whose counters a member works, by name; only those whose name has the words in it."""
    reach = await hall_posts.reach(member, ROLES)
    halls = Hall.filter(is_active=True, name__icontains=words)
    if reach is not None:
        halls = halls.filter(id__in=reach)
    return await halls.order_by("name", "id").limit(limit)
