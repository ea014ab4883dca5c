"""Special procedures in our own hands (SM-SPEC): one post applies, another approves and tells, then it runs.

Until it runs it may be refused or cancelled and nobody outside hears of it; once it runs, it is finished or
cancelled by a step of the case, and the clock goes on at that moment. What other systems tell of theirs comes
as one step of a case; it ends by the step that returns to review.
"""

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import batches, numbers, posts, rows, rules, wording
from app.domain.cases.clock import TimeLimit
from app.domain.cases.document_texts import SPECIAL_KINDS
from app.domain.cases.errors import CaseUnknown, ReasonMissing, SpecialRefused
from app.domain.cases.history import Move, Special, Step
from app.domain.cases.models import (
    Case,
    CaseState,
    LimitUnit,
    SpecialKind,
    SpecialProcedure,
    SpecialState,
)
from app.kit import audit, clock, db
from app.kit.errors import InvalidInput, NotAllowed

_LONGEST_REASON = 200
_WAITING = (SpecialState.APPLIED, SpecialState.APPROVED)
_UNDER_WAY = (SpecialState.RUNNING, SpecialState.OVERDUE)


async def apply(member: StaffMember, number: str, special: Special) -> int:
    """Ask for a special procedure in a case under review; answers its id.

    Raises NotAllowed, InvalidInput without the approver's post, WordsUnfit, CaseUnknown, or SpecialRefused
    if the case is not in review or has one open.
    """
    wanted = numbers.sought(number)
    await posts.check_may(member, StaffRole.CLERK, wanted or None)
    if not special.approver.strip():
        raise InvalidInput(fields={"approver": ["请填写批准人的岗位"]})
    wording.check(approver=special.approver, reason=special.reason)
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
        special_id: int = asked.id
        await _note(member, "applied", asked)
    return special_id


async def approve(member: StaffMember, special_id: int, notice: str) -> None:
    """Approve it with the words the applicant is told in writing (行政许可法 45).

    Raises NotAllowed, also for whoever applied, ReasonMissing without words, InvalidInput or SpecialRefused.
    """
    await _check_may(member, StaffRole.HALL_MANAGER, special_id)
    notice = _words(notice, wording.LONGEST["reason"])
    async with db.transaction():
        _, asked = await _opened(special_id, SpecialState.APPLIED)
        await _check_other(member, special_id)
        asked.state, asked.reason, asked.approved_at = SpecialState.APPROVED, notice, clock.now()
        await asked.save(update_fields=["state", "reason", "approved_at"])
        await _note(member, "approved", asked, notice)


async def refuse(member: StaffMember, special_id: int, reason: str) -> None:
    """Do not approve it, and say why; the review goes on, and another may be applied for.

    Raises NotAllowed, also for whoever applied, ReasonMissing, InvalidInput or SpecialRefused.
    """
    await _check_may(member, StaffRole.HALL_MANAGER, special_id)
    reason = _words(reason, _LONGEST_REASON)
    async with db.transaction():
        _, asked = await _opened(special_id, SpecialState.APPLIED)
        await _check_other(member, special_id)
        await _give_up(asked, SpecialState.REFUSED, reason)
        await _note(member, "refused", asked, reason)


async def begin(member: StaffMember, special_id: int) -> None:
    """Let an approved one run: the case is suspended and its clock stops, or its time is extended.

    Raises NotAllowed, SpecialRefused, or IllegalMove if the case has gone on meanwhile.
    """
    await _check_may(member, StaffRole.CLERK, special_id)
    async with db.transaction():
        case, approved = await _opened(special_id, SpecialState.APPROVED)
        is_extension = approved.kind is SpecialKind.EXTENSION
        step = Step(
            to=CaseState.REVIEW if is_extension else CaseState.SUSPENDED,
            at=clock.now(),
            office=case.office,
            text=approved.reason,
            special=Special(approved.kind, approved.approver, _limit(approved), approved.reason, approved),
        )
        await _move(member, case, step)
        await _note(member, "begun", approved)


async def finish(member: StaffMember, special_id: int, result: str) -> None:
    """End one that runs with its result, which the applicant is told: the clock goes on, the review too.

    Raises NotAllowed, ReasonMissing without a result, InvalidInput or SpecialRefused.
    """
    await _check_may(member, StaffRole.CLERK, special_id)
    result = _words(result, wording.LONGEST["text"])
    async with db.transaction():
        case, running = await _opened(special_id, *_UNDER_WAY)
        await _move(member, case, Step(CaseState.REVIEW, clock.now(), case.office, result))
        await _note(member, "finished", running)


async def cancel(member: StaffMember, special_id: int, reason: str) -> None:
    """Give one up: a clerk one that does not run yet, of which nobody outside knows; who may approve them
    one that runs, and then the clock goes on at once and the applicant is told why.

    One that used up its own time stays overdue. Raises NotAllowed, ReasonMissing, InvalidInput or
    SpecialRefused.
    """
    asked = await SpecialProcedure.get_or_none(id=special_id)
    has_begun = asked is not None and asked.begun_at is not None
    await _check_may(member, StaffRole.HALL_MANAGER if has_begun else StaffRole.CLERK, special_id)
    reason = _words(reason, _LONGEST_REASON)
    async with db.transaction():
        case, found = await _opened(special_id, *(_UNDER_WAY if has_begun else _WAITING))
        if has_begun:
            told = f"{SPECIAL_KINDS[SpecialKind(found.kind)]}已取消，{reason}"
            await _move(member, case, Step(CaseState.REVIEW, clock.now(), case.office, told))
            ended = SpecialProcedure.filter(id=special_id, state=SpecialState.FINISHED)
            await ended.update(state=SpecialState.CANCELLED)
        else:
            await _give_up(found, SpecialState.CANCELLED, reason)
        await _note(member, "cancelled", found, reason)


async def _check_may(member: StaffMember, role: StaffRole, special_id: int) -> None:
    asked = await SpecialProcedure.get_or_none(id=special_id)
    await posts.check_may(member, role, asked.case_number if asked else None)


async def _check_other(member: StaffMember, special_id: int) -> None:
    """Whoever applied does not decide (two people). Raises NotAllowed."""
    applied_by: str | None = await db.fetch_value(
        "SELECT actor FROM audit_entry WHERE target = $1 AND action = 'special_procedure.applied'",
        f"special_procedure:{special_id}",
    )
    if applied_by == member.caller_id:
        raise NotAllowed("申请人不能审批自己申请的特别程序，请由其他人员审批")


async def _opened(special_id: int, *states: SpecialState) -> tuple[Case, SpecialProcedure]:
    """One that is open in one of these states, with its case, both locked. Raises SpecialRefused."""
    # The case first, as all who move it: nobody waits for anybody in a circle.
    asked = await SpecialProcedure.get_or_none(id=special_id)
    if asked is None:
        raise SpecialRefused
    case = (await rows.locked([asked.case_number]))[asked.case_number]
    found = await SpecialProcedure.filter(id=special_id).select_for_update().get()
    if found.state not in states or found.ended_at is not None:
        raise SpecialRefused
    return case, found


async def _give_up(waiting: SpecialProcedure, state: SpecialState, reason: str) -> None:
    waiting.state, waiting.ended_at, waiting.result = state, clock.now(), reason
    await waiting.save(update_fields=["state", "ended_at", "result"])


async def _move(member: StaffMember, case: Case, step: Step) -> None:
    (result,) = await batches.record_many([Move(case.number, step)], who=member.caller_id)
    if result.error is not None:
        raise result.error


async def _note(member: StaffMember, deed: str, special: SpecialProcedure, reason: str | None = None) -> None:
    await audit.record(
        member.caller_id, f"special_procedure.{deed}", f"special_procedure:{special.id}",
        reason=reason, detail={"case": special.case_number, "kind": SpecialKind(special.kind).value},
    )  # fmt: skip


def _words(given: str, longest: int) -> str:
    words = given.strip()
    if not words:
        raise ReasonMissing
    if len(words) > longest or not wording.is_plain(words):
        raise InvalidInput(fields={"reason": [f"不超过 {longest} 个字，不含特殊符号"]})
    return words


def _limit(special: SpecialProcedure) -> TimeLimit | None:
    if special.limit_amount is None or special.limit_unit is None:
        return None
    return TimeLimit(special.limit_amount, LimitUnit(special.limit_unit))
