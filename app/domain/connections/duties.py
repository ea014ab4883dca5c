"""共享责任: what a department has to share is listed, opened and served, or refused by law and decided."""

from tortoise.exceptions import IntegrityError

from app.domain.accounts.staff import StaffMember
from app.domain.connections import history, rules
from app.domain.connections.errors import DutyListed, DutyNotFound, NoOpenRefusal, RefusedAlready
from app.domain.connections.models import DutyState, ShareDuty, ShareRefusal
from app.domain.connections.rules import LONGEST_DOCUMENT, LONGEST_NOTE, DutyFacts
from app.kit import clock, db

_LONGEST_BASIS = 200
_LONGEST_OFFICE = 80


async def add(member: StaffMember, facts: DutyFacts) -> int:
    """Put a duty on the list; answers its number. Raises NotAllowed, BadDuty or DutyListed."""
    history.check_may_change(member)
    rules.check_duty(facts)
    try:
        async with db.transaction():
            made = await ShareDuty.create(
                supplier=facts.supplier,
                data=facts.data,
                due_on=facts.due_on,
                terms=facts.terms,
                condition=facts.condition,
                document_number=facts.document_number,
            )
            await history.tell(member.caller_id, "share_duty.listed", _named(made.id))
    except IntegrityError as double:
        raise DutyListed from double
    return int(made.id)


async def open_(member: StaffMember, duty_id: int) -> None:
    """The supplier has opened the data. Raises NotAllowed, DutyNotFound or DutyNotAt."""
    await _move(member, duty_id, DutyState.OPENED)


async def serve(member: StaffMember, duty_id: int) -> None:
    """The data are served, in time or late. Raises as ``open_``."""
    await _move(member, duty_id, DutyState.SERVING)


async def refuse(
    member: StaffMember, duty_id: int, *, legal_basis: str, reason: str, escalated_to: str
) -> None:
    """A supplier will not share: it names the law, and the matter goes up to the office that decides.

    Until that office has decided the duty stands, and is overdue when its day is past. Raises NotAllowed,
    DutyNotFound, DutyNotAt, BadStep, or RefusedAlready unless the refusals before were overruled.
    """
    history.check_may_change(member)
    rules.check_words(
        法律依据=(legal_basis, _LONGEST_BASIS),
        理由=(reason, LONGEST_NOTE),
        协调机关=(escalated_to, _LONGEST_OFFICE),
    )
    try:
        async with db.transaction():
            duty = await _locked(duty_id)
            rules.check_may_refuse(duty.state)
            await ShareRefusal.create(
                duty_id=duty.id,
                legal_basis=legal_basis,
                reason=reason,
                escalated_to=escalated_to,
                at=clock.now(),
            )
            await history.tell(
                member.caller_id, "share_duty.refused", _named(duty.id), reason=legal_basis, to=escalated_to
            )
    except IntegrityError as double:
        raise RefusedAlready from double


async def decide(member: StaffMember, duty_id: int, *, is_upheld: bool, document_number: str) -> None:
    """What the higher office decided of the open refusal: it stands, or the data have to be shared.

    Raises NotAllowed, DutyNotFound, NoOpenRefusal or BadStep.
    """
    history.check_may_change(member)
    rules.check_words(文号=(document_number, LONGEST_DOCUMENT))
    async with db.transaction():
        duty = await _locked(duty_id)
        decided = await ShareRefusal.filter(duty_id=duty.id, is_upheld=None).update(
            is_upheld=is_upheld, document_number=document_number, decided_at=clock.now()
        )
        if not decided:
            raise NoOpenRefusal
        await history.tell(
            member.caller_id, "share_duty.decided", _named(duty.id),
            is_upheld=is_upheld, document=document_number,
        )  # fmt: skip


async def _move(member: StaffMember, duty_id: int, to: DutyState) -> None:
    history.check_may_change(member)
    async with db.transaction():
        duty = await _locked(duty_id)
        rules.check_duty_step(duty.state, to)
        duty.state = to
        if to is DutyState.OPENED:
            duty.opened_at = clock.now()
        else:
            duty.serving_at = clock.now()
        await duty.save()
        await history.tell(member.caller_id, f"share_duty.{to.value}", _named(duty.id))


async def _locked(duty_id: int) -> ShareDuty:
    is_id = 0 < duty_id < 2**63
    found = await ShareDuty.filter(id=duty_id).select_for_update().get_or_none() if is_id else None
    if found is None:
        raise DutyNotFound
    return found


def _named(duty_id: int) -> str:
    return f"share_duty:{duty_id}"
