"""Special procedures in our own hands (SM-SPEC): one post applies, another approves and tells, then it runs.

What other systems tell of theirs comes as one step of a case; it ends by the step that returns to review.
"""

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import batches, numbers, rows, rules
from app.domain.cases.clock import TimeLimit
from app.domain.cases.errors import CaseUnknown, ReasonMissing, SpecialRefused
from app.domain.cases.history import Move, Special, Step
from app.domain.cases.models import (
    CaseState,
    LimitUnit,
    SpecialKind,
    SpecialProcedure,
    SpecialState,
)
from app.kit import audit, clock, db
from app.kit.errors import InvalidInput, NotAllowed

_LONGEST_NOTICE = 500
_LONGEST_POST = 80


async def apply(member: StaffMember, number: str, special: Special) -> int:
    """Ask for a special procedure in a case under review; answers its id.

    Raises NotAllowed, InvalidInput without the approver's post or with too many words, CaseUnknown,
    or SpecialRefused if the case is not in review or has one open.
    """
    _check_may(member, StaffRole.CLERK)
    _check_words(special)
    wanted = numbers.sought(number)
    async with db.transaction():
        case = (await rows.locked([wanted])).get(wanted)
        if case is None:
            raise CaseUnknown
        is_open = await SpecialProcedure.filter(case_number=wanted, ended_at=None).exists()
        if is_open or case.state not in rules.MAY_BE_EXTENDED:
            raise SpecialRefused("只有审核中的办件可以申请特别程序，且一次只能有一个")
        asked = await SpecialProcedure.create(
            case_number=wanted,
            kind=special.kind,
            state=SpecialState.APPLIED,
            approver=special.approver,
            reason=special.reason,
            limit_amount=special.limit.amount if special.limit else None,
            limit_unit=special.limit.unit if special.limit else None,
            applied_at=clock.now(),
        )
        await audit.record(
            member.caller_id, "special_procedure.applied", f"special_procedure:{asked.id}",
            detail={"case": wanted, "kind": special.kind.value},
        )  # fmt: skip
    special_id: int = asked.id
    return special_id


async def approve(member: StaffMember, special_id: int, notice: str) -> None:
    """Approve it with the words the applicant is told in writing (行政许可法 45).

    Raises NotAllowed, also for whoever applied, ReasonMissing without words, or SpecialRefused.
    """
    _check_may(member, StaffRole.HALL_MANAGER)
    notice = notice.strip()
    if not 0 < len(notice) <= _LONGEST_NOTICE:
        raise ReasonMissing
    async with db.transaction():
        asked = await _locked(special_id, SpecialState.APPLIED)
        if await _applied_by(special_id) == member.caller_id:
            raise NotAllowed("申请人不能批准自己申请的特别程序")
        asked.state, asked.reason, asked.approved_at = SpecialState.APPROVED, notice, clock.now()
        await asked.save(update_fields=["state", "reason", "approved_at"])
        await audit.record(
            member.caller_id, "special_procedure.approved", f"special_procedure:{special_id}", reason=notice
        )


async def begin(member: StaffMember, special_id: int) -> None:
    """Let an approved one run: the case is suspended and its clock stops, or its time is extended.

    Raises NotAllowed, SpecialRefused, or IllegalMove if the case has gone on meanwhile.
    """
    _check_may(member, StaffRole.CLERK)
    async with db.transaction():
        # The case first, as all who move it: nobody waits for anybody in a circle.
        asked = await SpecialProcedure.get_or_none(id=special_id)
        case = (await rows.locked([asked.case_number]))[asked.case_number] if asked else None
        approved = await _locked(special_id, SpecialState.APPROVED)
        if case is None:
            raise SpecialRefused
        is_extension = approved.kind is SpecialKind.EXTENSION
        step = Step(
            to=CaseState.REVIEW if is_extension else CaseState.SUSPENDED,
            at=clock.now(),
            office=case.office,
            text=approved.reason,
            special=Special(approved.kind, approved.approver, _limit(approved), approved.reason, approved),
        )
        (result,) = await batches.record_many([Move(case.number, step)], who=member.caller_id)
        if result.error is not None:
            raise result.error
        await audit.record(
            member.caller_id, "special_procedure.begun", f"special_procedure:{special_id}",
            detail={"case": case.number},
        )  # fmt: skip


def _check_words(special: Special) -> None:
    if not 0 < len(special.approver.strip()) <= _LONGEST_POST:
        raise InvalidInput(fields={"approver": [f"请填写批准人的岗位，不超过 {_LONGEST_POST} 个字"]})
    if len(special.reason) > _LONGEST_NOTICE:
        raise InvalidInput(fields={"reason": [f"不超过 {_LONGEST_NOTICE} 个字"]})


async def _locked(special_id: int, state: SpecialState) -> SpecialProcedure:
    found = await SpecialProcedure.filter(id=special_id).select_for_update().first()
    if found is None or found.state is not state:
        raise SpecialRefused
    return found


async def _applied_by(special_id: int) -> str | None:
    asked: str | None = await db.fetch_value(
        "SELECT actor FROM audit_entry WHERE target = $1 AND action = 'special_procedure.applied'",
        f"special_procedure:{special_id}",
    )
    return asked


def _limit(special: SpecialProcedure) -> TimeLimit | None:
    if special.limit_amount is None or special.limit_unit is None:
        return None
    return TimeLimit(special.limit_amount, LimitUnit(special.limit_unit))


def _check_may(member: StaffMember, role: StaffRole) -> None:
    """A case names an office in words and no hall of ours, so the role counts wherever it is held."""
    if not staff.holds(member, role):
        raise NotAllowed
