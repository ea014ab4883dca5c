"""What happens to cases: each step writes the case as it now stands and its history together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from app.domain.cases import history, numbers
from app.domain.cases.errors import CaseExists, CaseUnknown
from app.domain.cases.history import GENESIS, NewCase, Step
from app.domain.cases.models import Case, CaseEvent
from app.kit import db


@dataclass(frozen=True, slots=True)
class Told:
    """A whole history as another system tells it; ``submitted_text`` is what the applicant was told first."""

    new: NewCase
    query_code: str
    submitted_at: datetime
    steps: Sequence[Step] = ()
    submitted_text: str = ""


async def submit(
    new: NewCase, *, at: datetime, text: str = "", query_code: str | None = None
) -> tuple[Case, str]:
    """Take in a case (收件) and answer it with its query code, which is kept nowhere in clear.

    ``query_code`` is the one another system has given the applicant. Raises BadCaseNumber, CaseExists.
    """
    code = query_code or numbers.new_query_code()
    case, event = history.begin(new, code, at, text)
    try:
        async with db.transaction():
            await case.save(force_create=True)
            await event.save(force_create=True)
    except IntegrityError:
        raise CaseExists from None
    return case, code


async def record(number: str, step: Step) -> Case:
    """Take a case to its next state.

    Raises CaseUnknown, IllegalMove with the reason, ReasonMissing or DueMissing; then nothing is written.
    """
    async with db.transaction():
        case = await Case.filter(number=numbers.sought(number)).select_for_update(no_key=True).first()
        if case is None:
            raise CaseUnknown
        last = await CaseEvent.get(case_number=case.number, seq=case.last_seq)
        event = history.advance(case, step, bytes(last.hash))
        await case.save(update_fields=["state", "office", "updated_at", "last_seq", "accepted_at", "due_on"])
        await event.save(force_create=True)
    return case


async def load(histories: Sequence[Told]) -> int:
    """Take in whole histories and answer how many are new; a number that is known stays as it is.

    Every step is judged as ``record`` judges it, and one refusal refuses all.
    """
    asked = [numbers.sought(told.new.number) for told in histories]
    rows = await db.fetch("SELECT number FROM case_file WHERE number = ANY ($1)", asked)
    known = {row["number"] for row in rows}
    cases, events = [], []
    for told in histories:
        case, event = history.begin(told.new, told.query_code, told.submitted_at, told.submitted_text)
        if case.number in known:
            continue
        own = [event]
        for step in told.steps:
            own.append(history.advance(case, step, own[-1].hash))
        cases.append(case)
        events += own
    async with db.transaction():
        await Case.bulk_create(cases)
        await CaseEvent.bulk_create(events)
    return len(cases)


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
    return seqs == list(range(1, case.last_seq + 1)) and events[-1].kind == case.state
