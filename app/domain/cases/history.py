"""The history of a case in memory: how it begins, how a step changes it, and the chain that seals it."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from app.domain.cases import numbers, rules
from app.domain.cases.errors import BadCaseNumber
from app.domain.cases.models import Case, CaseEvent, CaseState
from app.kit import clock

GENESIS = bytes(32)
"""The hash before a case's first event."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is known of a case when it is handed in; ``office`` is an office or post, never a name."""

    number: str
    item_name: str
    office: str
    item_code: str | None = None
    person_id: UUID | None = None
    enterprise_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happened: where it led, when, who has the case now, and what the applicant is told.

    ``due_on`` is the day by which it is decided, given when it is accepted.
    """

    to: CaseState
    at: datetime
    office: str
    text: str = ""
    due_on: date | None = None


def begin(new: NewCase, query_code: str, at: datetime, text: str = "") -> tuple[Case, CaseEvent]:
    """A case as it is taken in (收件), with its first event. Raises BadCaseNumber.

    Without a query code nobody can look it up; its applicant still finds it among their own.
    """
    number = numbers.tidy(new.number)
    if not numbers.is_acceptable(number):
        raise BadCaseNumber
    case = Case(
        number=number,
        item_code=new.item_code,
        item_name=new.item_name,
        person_id=new.person_id,
        enterprise_id=new.enterprise_id,
        office=new.office,
        state=CaseState.SUBMITTED,
        submitted_at=at,
        query_code_hash=numbers.query_code_hash(number, query_code) if numbers.tidy(query_code) else None,
        last_seq=1,
        updated_at=at,
    )
    return case, _sealed(case, text, None, GENESIS)


def advance(case: Case, step: Step, previous: bytes) -> CaseEvent:
    """Change the case as the step says and answer its event; ``previous`` is the hash of the last one.

    Raises IllegalMove with the reason, ReasonMissing or DueMissing; then the case is as it was.
    """
    is_accepted = case.accepted_at is not None
    rules.check_move(case.state, step.to, is_accepted=is_accepted, text=step.text)
    if step.to is CaseState.ACCEPTED:
        rules.check_due(step.due_on, step.at)
        case.accepted_at, case.due_on = step.at, step.due_on
    case.state, case.office, case.updated_at = step.to, step.office, step.at
    case.last_seq += 1
    return _sealed(case, step.text, rules.finding_of(step.to, is_accepted=is_accepted), previous)


def hash_of(event: CaseEvent, previous: bytes) -> bytes:
    """SHA-256 over the hash before and the event as JSON, its moment in Beijing time."""
    at = event.at.astimezone(clock.SHANGHAI).isoformat(timespec="microseconds")
    row = [event.case_number, event.seq, event.kind, at, event.office, event.text, event.finding]
    return hashlib.sha256(previous + orjson.dumps(row)).digest()


def _sealed(case: Case, text: str, finding: str | None, previous: bytes) -> CaseEvent:
    event = CaseEvent(
        case_number=case.number,
        seq=case.last_seq,
        kind=case.state.value,
        at=case.updated_at,
        office=case.office,
        text=text,
        finding=finding,
    )
    event.hash = hash_of(event, previous)
    return event
