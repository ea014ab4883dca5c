"""Unmasking: a member of staff reads a person's data in clear, with a permission, a reason and a record."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.accounts import staff
from app.domain.accounts.errors import NothingToUnmask, ReasonRequired, UnmaskingNotAllowed
from app.domain.accounts.models import Person, PersonStatus, StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import audit, crypto, db, limits

ROLES = (StaffRole.HALL_MANAGER,)
"""Who may unmask: the one who answers for the counter."""
FACE_TO_FACE = (*ROLES, StaffRole.CLERK)
"""Who may unmask the person who stands before them; that they do is judged by whoever knows."""

_AN_HOUR: Final = 60  # Nobody reads a register by unmasking it person by person.


class PersonalField(StrEnum):
    """What can be unmasked, one field at a time."""

    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"


async def unmask(
    member: StaffMember,
    person_id: UUID,
    field: PersonalField,
    reason: str,
    *,
    roles: Sequence[StaffRole] = ROLES,
    hall_id: int | None = None,
) -> str:
    """One field of a living person in clear; the record is written in the same transaction.

    Raises UnmaskingNotAllowed, ReasonRequired (5 to 500 signs), TooOften or NothingToUnmask.
    """
    if not any(staff.holds(member, role) for role in roles):
        raise UnmaskingNotAllowed
    why = reason.strip()
    if not 5 <= len(why) <= 500:
        raise ReasonRequired
    await limits.hit("unmask", member.caller_id, allowance=_AN_HOUR, per_s=3600, closed=True)
    async with db.transaction():
        person = await Person.get_or_none(id=person_id, status=PersonStatus.ACTIVE)
        sealed: str | None = getattr(person, f"{field.value}_sealed", None)
        if sealed is None:
            raise NothingToUnmask
        await audit.record(
            member.caller_id,
            "person.unmasked",
            audit.person(person_id),
            detail={"field": field.value},
            reason=why,
            hall_id=hall_id,
        )
        return crypto.unseal(sealed)
