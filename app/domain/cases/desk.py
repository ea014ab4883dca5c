"""A case at a desk: found by its number or 受理编号, within the reach of one's posts, each look recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.accounts import disclosure, staff
from app.domain.accounts.disclosure import PersonalField
from app.domain.accounts.errors import NothingToUnmask
from app.domain.accounts.models import Enterprise, Person, StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import numbers, posts, reading
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.models import Case
from app.domain.cases.progress import CaseProgress
from app.kit import audit, crypto, db, masking
from app.kit.errors import InvalidInput, NotAllowed

READERS: Final = (StaffRole.CLERK, StaffRole.HALL_MANAGER, StaffRole.SUPERVISOR)
"""Who may look cases up, as far as their posts reach."""

_LONGEST_REASON: Final = 200

_MEANT: Final = "SELECT case_number FROM accepted_as($1) ORDER BY place, case_number"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applied, masked; ``is_person`` if there is somebody of whom more may be asked."""

    name: str | None
    phone: str | None
    enterprise: str | None
    uscc: str | None
    is_person: bool


@dataclass(frozen=True, slots=True)
class DeskCase:
    """A case as staff see it."""

    progress: CaseProgress
    applicant: Applicant


async def find(member: StaffMember, typed: str, reason: str) -> Sequence[str]:
    """The numbers of the cases a text may mean, its own or a 受理编号, within reach; why is recorded.

    Raises NotAllowed, InvalidInput without a reason, or CaseUnknown, the same for none and for those out of
    reach.
    """
    if not any(staff.holds(member, role) for role in READERS):
        raise NotAllowed
    why = reason.strip()
    if not 0 < len(why) <= _LONGEST_REASON:
        raise InvalidInput(fields={"reason": [f"请填写查询事由，不超过 {_LONGEST_REASON} 个字"]})
    own = numbers.sought(typed)
    accepted = [row["case_number"] for row in await db.fetch(_MEANT, [numbers.acceptance(typed)])]
    found = [one for one in dict.fromkeys([own, *accepted]) if one and await _may_see(member, one)]
    if not found:
        raise CaseUnknown
    for number in found:
        await audit.record(member.caller_id, "case.sought", f"case:{number}", reason=why)
    return found


async def one(member: StaffMember, number: str) -> DeskCase:
    """A case with its history and its masked applicant; that it was looked at is recorded.

    Raises CaseUnknown, also for one out of reach.
    """
    case = await _reached(member, number)
    (progress,) = await reading.progress_each([case.number])
    if progress is None:
        raise CaseUnknown
    await audit.record(member.caller_id, "case.read", f"case:{case.number}")
    return DeskCase(progress, await _applicant(case))


async def unmask(member: StaffMember, number: str, field: PersonalField, reason: str) -> str:
    """See ``disclosure.unmask``, of the applicant of a case within reach. Raises CaseUnknown besides."""
    case = await _reached(member, number)
    if case.person_id is None:
        raise NothingToUnmask
    return await disclosure.unmask(member, case.person_id, field, reason)


async def _reached(member: StaffMember, number: str) -> Case:
    if not await _may_see(member, number):
        raise CaseUnknown
    return await Case.get(number=number)


async def _may_see(member: StaffMember, number: str) -> bool:
    if not await Case.filter(number=number).exists():
        return False
    for role in READERS:
        try:
            await posts.check_may(member, role, number)
        except NotAllowed:
            continue
        return True
    return False


async def _applicant(case: Case) -> Applicant:
    person = await Person.get_or_none(id=case.person_id) if case.person_id else None
    enterprise = await Enterprise.get_or_none(id=case.enterprise_id) if case.enterprise_id else None
    return Applicant(
        name=masking.mask_name(crypto.unseal(person.name_sealed)) if person and person.name_sealed else None,
        phone=(
            masking.mask_phone(crypto.unseal(person.phone_sealed)) if person and person.phone_sealed else None
        ),
        enterprise=enterprise.name if enterprise else None,
        uscc=masking.mask_uscc(crypto.unseal(enterprise.uscc_sealed)) if enterprise else None,
        is_person=person is not None,
    )
