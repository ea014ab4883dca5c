"""Whose figures a member of staff may read: those of the halls that their posts reach."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.halls import posts
from app.domain.halls.models import Hall

READERS: Final = (StaffRole.SYSTEM_ADMIN, StaffRole.SUPERVISOR, StaffRole.HALL_MANAGER)


async def halls_of(member: StaffMember) -> Mapping[int, str]:
    """The names of the halls whose figures a member may read, closed ones too, in the order of regions."""
    reach = await posts.reach(member, READERS)
    halls = Hall.all() if reach is None else Hall.filter(id__in=reach)
    found = await halls.order_by("region_id", "name", "id").values_list("id", "name")
    return dict(found)


async def halls_asked(member: StaffMember, hall_id: int | None) -> Sequence[int] | None:
    """The halls to count: the one that is asked for, else all the member may read, ``None`` for every hall.

    Raises HallNotFound, for others' halls too.
    """
    if hall_id is not None:
        return [(await posts.hall_of(member, hall_id, READERS)).id]
    return await posts.reach(member, READERS)
