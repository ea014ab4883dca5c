"""Which posts reach which halls: whoever manages some neither sees nor touches another's."""

from collections.abc import Sequence
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.halls.errors import HallNotFound
from app.domain.halls.models import Hall
from app.kit import db

MANAGERS: Final = (StaffRole.SYSTEM_ADMIN, StaffRole.HALL_MANAGER)

_WITHIN: Final = """
SELECT id FROM hall
WHERE id = ANY ($1::bigint[])
    OR EXISTS (SELECT 1 FROM unnest($2::text[]) AS r (code) WHERE starts_with(region_id, r.code))
ORDER BY id
"""


async def hall_of(member: StaffMember, hall_id: int, roles: Sequence[StaffRole] = MANAGERS) -> Hall:
    """A hall that a member's posts reach. Raises HallNotFound for one there is not, and for another's."""
    hall = await Hall.get_or_none(id=hall_id)
    if hall is None or not any(staff.may(member, role, hall) for role in roles):
        raise HallNotFound
    return hall


async def reach(member: StaffMember, roles: Sequence[StaffRole] = MANAGERS) -> list[int] | None:
    """The keys of the halls a member's posts of these roles reach; ``None`` for every hall."""
    if any(staff.may(member, role, None) for role in roles):
        return None
    posts = [post for post in member.posts if post.role in roles and not member.must_change_password]
    halls = [post.hall_id for post in posts if post.hall_id is not None]
    regions = [post.region_code for post in posts if post.region_code is not None]
    return [row["id"] for row in await db.fetch(_WITHIN, halls, regions)]
