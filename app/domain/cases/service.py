"""What happens to cases: each step writes the case as it now stands and its history together."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.domain.cases import batches, history, numbers, queries, rules
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.history import GENESIS, Move, NewCase, Step, Told
from app.domain.cases.models import Case, CaseEvent, CaseState
from app.kit import audit, clock, db


async def submit(
    new: NewCase, *, at: datetime, text: str = "", query_code: str | None = None
) -> tuple[Case, str]:
    """Take in a case (收件) and answer it with its query code, which is kept nowhere in clear.

    ``query_code`` is the one another system has given the applicant. Raises BadCaseNumber, BadQueryCode,
    CaseExists.
    """
    code = query_code or numbers.new_query_code()
    (result,) = await batches.submit_many([Told(new, code, at, (), text)])
    if result.error is not None:
        raise result.error
    return await Case.get(number=result.case_number), code


async def record(number: str, step: Step, *, who: str = audit.SYSTEM) -> Case:
    """Take a case to its next state; ``who`` does so is kept with what supervision finds in it.

    Raises CaseUnknown, IllegalMove with the reason, ReasonMissing or DueMissing. The case is then as it was,
    and the refusal is kept as a finding: outside a transaction for good, inside one if that is committed.
    """
    (result,) = await batches.record_many([Move(number, step)], who=who)
    if result.error is not None:
        raise result.error
    return await Case.get(number=result.case_number)


async def withdraw(number: str, by: UUID) -> Case:
    """The applicant takes an application back, which is possible until it is decided.

    Raises CaseUnknown if it is not theirs, nor of an enterprise they act for, and IllegalMove.
    """
    return await _by_applicant(number, by, CaseState.WITHDRAWN, "申请人主动撤回")


async def confirm_receipt(number: str, by: UUID) -> Case:
    """The applicant confirms that the result has arrived (签收). Raises as ``withdraw`` does."""
    return await _by_applicant(number, by, CaseState.DELIVERED, "申请人已确认签收")


async def load(histories: Sequence[Told]) -> int:
    """Take in whole histories, telling nobody, and answer how many are new; a known number stays as it is.

    Every step is judged as ``record`` judges it, and one refusal refuses all.
    """
    asked = [numbers.sought(told.new.number) for told in histories]
    rows = await db.fetch("SELECT number FROM case_file WHERE number = ANY ($1)", asked)
    known = {row["number"] for row in rows}
    new = [told for number, told in zip(asked, histories, strict=True) if number not in known]
    async with db.transaction():
        for result in await batches.submit_many(new, is_live=False):
            if result.error is not None:
                raise result.error
    return len(new)


async def is_whole(number: str) -> bool:
    """Whether every event of a case is there and as it was written, and the case stands where they led."""
    case = await Case.get(number=number)
    events = await CaseEvent.filter(case_number=number).order_by("seq")
    previous = GENESIS
    for event in events:
        previous = history.hash_of(event, previous)
        if previous != bytes(event.hash):
            return False
    seqs = [event.seq for event in events]
    return (
        seqs == list(range(1, case.last_seq + 1))
        and previous == bytes(case.last_hash)
        and rules.stood_after([event.kind for event in events]) is case.state
    )


async def _by_applicant(number: str, by: UUID, to: CaseState, text: str) -> Case:
    case = await Case.get_or_none(number=numbers.sought(number))
    # Anybody else's is as good as none: who asks must not learn which numbers there are.
    if case is None or not await queries.may_see(by, case.enterprise_id, case.number):
        raise CaseUnknown
    return await record(case.number, Step(to, clock.now(), case.office, text), who=audit.person(by))
