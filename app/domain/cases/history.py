"""The history of a case in memory: how it begins, how a step changes it, and the chain that seals it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

import orjson

from app.domain.cases import numbers, particulars, rules, timing, wording
from app.domain.cases.clock import TimeLimit
from app.domain.cases.errors import BadCaseNumber, BadQueryCode
from app.domain.cases.models import (
    EXTENDED,
    Case,
    CaseState,
    FindingKind,
    SpecialKind,
    SpecialProcedure,
    SpecialState,
)
from app.domain.cases.particulars import NOTHING, Particulars
from app.domain.halls.calendar import WorkCalendar
from app.kit import clock
from app.kit.errors import Fault

GENESIS = bytes(32)
"""The hash before a case's first event."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is known of a case when it is handed in; ``office`` is an office or post, never a name.

    ``promised`` and ``legal`` are the time limits of the item; acceptance may name others. ``contact`` is
    where an applicant may ask. ``authority`` is 实施主体, for a number that does not begin with it.
    """

    number: str
    item_name: str
    office: str
    item_code: str | None = None
    person_id: UUID | None = None
    enterprise_id: UUID | None = None
    item_version: int | None = None
    contact: str = ""
    promised: TimeLimit | None = None
    legal: TimeLimit | None = None
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Special:
    """A special procedure as a step brings it: approved by a post, with a time limit of its own.

    That of an extension is how many working days longer the decision may take. ``row`` is the one that was
    applied for and approved before, if it was with us.
    """

    kind: SpecialKind
    approver: str
    limit: TimeLimit | None = None
    reason: str = ""
    row: SpecialProcedure | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happened: where it led, when, who has the case now, and what the applicant is told.

    An acceptance fixes by when the case is decided: by ``due_on`` if another system names the day, else by
    the limits of the step or of the case. ``special`` comes with SUSPENDED; that of kind EXTENSION with
    REVIEW. ``asked_until`` is until when to correct, ``query_code`` the one the applicant got with this step,
    ``particulars`` what else the office tells.
    """

    to: CaseState
    at: datetime
    office: str
    text: str = ""
    due_on: date | None = None
    promised: TimeLimit | None = None
    legal: TimeLimit | None = None
    special: Special | None = None
    asked_until: date | None = None
    query_code: str = ""
    particulars: Particulars = NOTHING


@dataclass(frozen=True, slots=True)
class Told:
    """A whole history as another system tells it; ``submitted_text`` is what the applicant was told first."""

    new: NewCase
    query_code: str
    submitted_at: datetime
    steps: Sequence[Step] = ()
    submitted_text: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A step of the case with this number."""

    number: str
    step: Step


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row of a batch: the case as it now stands, or why it was refused.

    ``is_unknown`` is true where there is no such case.
    """

    case_number: str
    error: Fault | None = None
    is_unknown: bool = False
    case: Case | None = None


class Sealable(Protocol):
    """What the hash of an event is made of."""

    case_number: str
    seq: int
    kind: str
    at: datetime
    office: str
    text: str
    finding: str | None


@dataclass(slots=True)
class Happening:
    """An event before it is a row."""

    case_number: str
    seq: int
    kind: str
    at: datetime
    office: str
    text: str
    finding: str | None
    hash: bytes = b""


@dataclass(slots=True)
class Turn:
    """What a step did to a case: its event, what supervision finds in it, and the special procedures it
    began or ended (``special`` is the one that runs after it)."""

    event: Happening
    findings: list[FindingKind] = field(default_factory=list)
    begun: SpecialProcedure | None = None
    ended: SpecialProcedure | None = None
    special: SpecialProcedure | None = None


def begin(new: NewCase, query_code: str, at: datetime, text: str = "") -> tuple[Case, Happening]:
    """A case as it is taken in (收件), with its first event.

    Raises BadCaseNumber, BadQueryCode, BadMoment or WordsUnfit.

    Without a query code nobody can look it up; its applicant still finds it among their own.
    """
    number = numbers.tidy(new.number)
    if not numbers.is_acceptable(number):
        raise BadCaseNumber
    rules.check_day(at)
    wording.check(
        item_name=new.item_name, item_code=new.item_code, authority=new.authority, office=new.office,
        contact=new.contact, text=text,
    )  # fmt: skip
    case = Case(
        number=number,
        authority=None if numbers.authority_of(number) else new.authority or None,
        item_code=new.item_code,
        item_name=new.item_name,
        item_version=new.item_version,
        person_id=new.person_id,
        enterprise_id=new.enterprise_id,
        office=new.office,
        contact=new.contact,
        state=CaseState.SUBMITTED,
        submitted_at=at,
        received_at=at,
        query_code_hash=_code_hash(number, query_code),
        extended_by=0,
        pauses=[],
        results=[],
        is_due_stated=False,
        is_due_provisional=False,
        last_seq=0,
        last_hash=GENESIS,
        updated_at=at,
    )
    timing.set_limits(case, new.promised, new.legal)
    return case, seal(case, case.state.value, at, text)


def advance(case: Case, step: Step, calendar: WorkCalendar, running: SpecialProcedure | None = None) -> Turn:
    """Change the case as the step says; ``running`` is the special procedure under way.

    Raises IllegalMove with the reason, ReasonMissing, DueMissing, BadQueryCode, BadAcceptanceNumber,
    BadMoment, BadTimeLimit, WordsUnfit or TooManySteps; then the case is as it was.
    """
    rules.check_room(case.last_seq, case.state, step.to)
    for on in (step.at, step.due_on, step.asked_until):
        rules.check_day(on)
    _check_words(step)
    is_extension = step.special is not None and step.special.kind is SpecialKind.EXTENSION
    is_accepted = case.accepted_at is not None
    rules.check_move(case.state, step.to, is_accepted=is_accepted, text=step.text, is_extension=is_extension)
    if step.to is CaseState.ACCEPTED:
        timing.check_acceptable(case, step.at, step.due_on, step.promised or step.legal)
    if is_extension and step.special is not None:
        timing.check_extension(case, step.special.limit, calendar)
    code_hash = _code_hash(case.number, step.query_code)
    particulars.check(step.particulars)
    findings = timing.follow(
        case, step.to, step.at, calendar, stops=timing.running_until(running),
        due_on=step.due_on, promised=step.promised, legal=step.legal,
    )  # fmt: skip
    if is_extension and step.special is not None:
        findings += timing.extend(case, step.special.limit, calendar)
    if step.to is CaseState.SUSPENDED and step.special is None:
        findings.append(FindingKind.SUSPENDED_WITHOUT_PROCEDURE)
    case.query_code_hash = code_hash or case.query_code_hash
    particulars.note(case, step.particulars)
    case.asked_until = step.asked_until if step.to is CaseState.SUPPLEMENT else None
    case.state, case.office = step.to, step.office
    kind = EXTENDED if is_extension else step.to.value
    turn = Turn(seal(case, kind, step.at, step.text, findings[0] if findings else None), findings)
    if step.special is not None:
        turn.begun = _begun(case, step, step.special, calendar)
        turn.special = None if is_extension else turn.begun
    elif running is not None:
        turn.ended = _ended(running, step)
    return turn


def seal(case: Case, kind: str, at: datetime, text: str, finding: str | None = None) -> Happening:
    """The case's next event, bound to the one before it; the case stands at it from now on."""
    case.last_seq += 1
    case.updated_at = at
    event = Happening(case.number, case.last_seq, kind, at, case.office, text, finding)
    event.hash = case.last_hash = hash_of(event, case.last_hash)
    return event


def hash_of(event: Sealable, previous: bytes) -> bytes:
    """SHA-256 over the hash before and the event as JSON, its moment in Beijing time."""
    at = event.at.astimezone(clock.SHANGHAI).isoformat(timespec="microseconds")
    row = [event.case_number, event.seq, event.kind, at, event.office, event.text, event.finding]
    return hashlib.sha256(previous + orjson.dumps(row)).digest()


def _check_words(step: Step) -> None:
    told = step.particulars
    wording.check(
        office=step.office, text=step.text, acceptance_number=told.acceptance_number,
        queue_number=told.queue_number,
    )  # fmt: skip
    for one in told.results:
        wording.check(results=one)
    if step.special is not None:
        wording.check(approver=step.special.approver, reason=step.special.reason)


def _begun(case: Case, step: Step, special: Special, calendar: WorkCalendar) -> SpecialProcedure:
    """What another system tells as one step is applied for, approved and begun by it."""
    begun = special.row or SpecialProcedure(
        case_number=case.number,
        kind=special.kind,
        approver=special.approver,
        reason=special.reason or step.text,
        limit_amount=special.limit.amount if special.limit else None,
        limit_unit=special.limit.unit if special.limit else None,
        applied_at=step.at,
        approved_at=step.at,
        result="",
    )
    begun.event_seq, begun.begun_at = case.last_seq, step.at
    if special.kind is SpecialKind.EXTENSION:
        begun.state, begun.ended_at = SpecialState.FINISHED, step.at
    else:
        begun.state = SpecialState.RUNNING
        begun.due_at = timing.own_due(calendar, step.at, special.limit)
    return begun


def _ended(running: SpecialProcedure, step: Step) -> SpecialProcedure:
    running.ended_at, running.result = step.at, step.text
    is_late = running.due_at is not None and step.at > running.due_at
    running.state = SpecialState.OVERDUE if is_late else SpecialState.FINISHED
    return running


def _code_hash(number: str, code: str) -> bytes | None:
    if not numbers.tidy(code):
        return None
    if not numbers.is_query_code(code):
        raise BadQueryCode
    return numbers.query_code_hash(number, code)
