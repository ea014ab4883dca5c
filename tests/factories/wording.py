"""Staff who word and review messages, as they are once signed in."""

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.kit.ids import uuid7


def member(*posts: Post | StaffRole, name: str = "lin", must_change_password: bool = False) -> StaffMember:
    """A member of staff at work; a bare role is held everywhere."""
    held = tuple(post if isinstance(post, Post) else Post(post) for post in posts)
    return StaffMember(uuid7(), uuid7(), name, name, held, must_change_password)


def publisher() -> StaffMember:
    """Somebody who may write messages, another each time."""
    return member(StaffRole.PUBLISHER)


def reviewer() -> StaffMember:
    """Somebody who may approve messages, another each time."""
    return member(StaffRole.REVIEWER)
