"""Tags that staff put on people, as one more way of saying whom a message is for."""

import re
from collections.abc import Sequence
from uuid import UUID

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.audiences.errors import InvalidTag, NotYourAudience
from app.kit import audit, clock, db

_TAG = re.compile(r"[^\s:\x00-\x1f\x7f]{1,40}")


async def give(member: StaffMember, tag: str, person_ids: Sequence[UUID]) -> int:
    """Put a tag on people; answers on how many it was not yet. Raises NotYourAudience or InvalidTag."""
    _check(member, tag)
    async with db.transaction():
        given = await db.execute(
            "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
            " SELECT $1, p.id, $3, $4 FROM person p WHERE p.id = ANY ($2) AND p.status = 'active'"
            " ON CONFLICT (tag, person_id) DO NOTHING",
            tag, person_ids, member.caller_id, clock.now(),
        )  # fmt: skip
        await audit.record(member.caller_id, "tag.given", f"tag:{tag}", detail={"people": given})
    return given


async def take_off(member: StaffMember, tag: str, person_ids: Sequence[UUID]) -> int:
    """Take a tag off people; answers of how many. Raises NotYourAudience or InvalidTag."""
    _check(member, tag)
    async with db.transaction():
        taken = await db.execute(
            "DELETE FROM person_tag WHERE tag = $1 AND person_id = ANY ($2)", tag, person_ids
        )
        await audit.record(member.caller_id, "tag.taken_off", f"tag:{tag}", detail={"people": taken})
    return taken


def _check(member: StaffMember, tag: str) -> None:
    if not staff.may(member, StaffRole.PUBLISHER, None):
        raise NotYourAudience
    if not is_tag(tag):
        raise InvalidTag


def is_tag(word: object) -> bool:
    """Whether a word may be a tag."""
    return isinstance(word, str) and _TAG.fullmatch(word) is not None
