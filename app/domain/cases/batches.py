"""Many steps of many cases at once, each judged by itself, with a handful of statements for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.cases import acceptance_numbers, arrivals, history, numbers, rows, rules
from app.domain.cases.acceptance_numbers import Claims, Wanted
from app.domain.cases.errors import CaseExists, CaseUnknown
from app.domain.cases.history import Happening, Move, Result, Step, Told, Turn
from app.domain.cases.models import Case, CaseState, SpecialProcedure
from app.domain.cases.rows import Finding
from app.domain.cases.texts import FINDING_TEXTS
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.schedules import load_calendar
from app.kit import audit, db
from app.kit.errors import Fault

MOVED = "case_moved"
"""Outbox event: a case took a step; ``{number, seq, kind}``."""


async def submit_many(
    told: Sequence[Told], *, who: str = audit.SYSTEM, is_live: bool = True
) -> Sequence[Result]:
    """Take in cases with what has happened to them; answers one result a row, in the order given.

    A row with a bad number or code, a number that is known, or an illegal step is refused whole, and the
    others are taken. A history that is not ``is_live``, imported or made up, is told to nobody. Joins the
    caller's transaction.
    """
    calendar = await load_calendar()
    async with db.transaction():
        claims = await acceptance_numbers.claim([wanted for one in told for wanted in _wanted_by(one)])
        found, refused, results = _lived(told, calendar, claims, who)
        new = await rows.insert_cases([case for one in found.values() for case in one.cases.values()])
        for number in found.keys() & new:
            refused.join(found[number])
        claims.give_up(found.keys() - new)
        await refused.write_around(is_live=is_live)
        await arrivals.tell(new)
    return [
        one if one.error or one.case_number in new else Result(one.case_number, CaseExists())
        for one in results
    ]


async def record_many(
    moves: Sequence[Move], *, who: str = audit.SYSTEM, is_live: bool = True
) -> Sequence[Result]:
    """Take cases to their next states; answers one result a row, in the order given.

    Moves of one case are taken one after the other. A refused one leaves the case as it is and a finding
    for supervision; the others are taken. ``who`` moves them is kept with a finding. A move that is not
    ``is_live`` is told to nobody. Joins the caller's transaction.
    """
    calendar = await load_calendar()
    wanted = [numbers.sought(move.number) for move in moves]
    results = list[Result]()
    async with db.transaction():
        cases = await rows.locked(sorted(set(wanted)))
        changes = _Changes(await acceptance_numbers.claim(_wanted_now(cases, wanted, moves)))
        paused = [case.number for case in cases.values() if case.state is CaseState.SUSPENDED]
        running = await rows.running_specials(paused)
        for number, move in zip(wanted, moves, strict=True):
            case = cases.get(number)
            if case is None:
                results.append(Result(number, CaseUnknown(), is_unknown=True))
                continue
            try:
                changes.take(case, move.step, calendar, running, who)
            except Fault as fault:
                changes.refuse(number, case.last_seq, fault, move.step, who)
                results.append(Result(number, fault, case=case))
            else:
                results.append(Result(number, case=case))
        await rows.update_cases(list(changes.cases.values()))
        await changes.write_around(is_live=is_live)
    return results


@dataclass(slots=True)
class _Changes:
    """What is to be written once every row is judged."""

    claims: Claims = field(default_factory=Claims)
    step: Step | None = None  # The one being judged, of a history that is told whole.
    cases: dict[str, Case] = field(default_factory=dict)
    events: list[Happening] = field(default_factory=list)
    begun: list[SpecialProcedure] = field(default_factory=list)
    ended: list[SpecialProcedure] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(
        self, case: Case, step: Step, calendar: WorkCalendar, running: dict[str, SpecialProcedure], who: str
    ) -> None:
        """Let a case take a step; raises as ``history.advance`` does, or AcceptanceNumberTaken.

        Then nothing is noted.
        """
        wanted = Wanted.of(case, step.particulars.acceptance_number)
        self.claims.check(wanted)
        turn = history.advance(case, step, calendar, running.get(case.number))
        self.claims.take(wanted)
        self.cases[case.number] = case
        self.events.append(turn.event)
        self._note_special(case.number, turn, running)
        self.findings += [
            Finding(case.number, case.last_seq, kind, step.to.value, who, step.at, FINDING_TEXTS[kind])
            for kind in turn.findings
        ]

    def refuse(self, number: str, seq: int, fault: Fault, step: Step | None, who: str) -> None:
        """Note for supervision what was wanted and refused."""
        kind = rules.finding_of_refusal(fault)
        if kind is not None and step is not None:
            finding = Finding(number, seq, kind, step.to.value, who, step.at, fault.message)
            self.findings.append(finding)

    def join(self, other: "_Changes") -> None:
        """Write another's changes along with these."""
        self.events += other.events
        self.begun += other.begun
        self.findings += other.findings

    async def write_around(self, *, is_live: bool) -> None:
        """Write what goes along with the cases themselves."""
        await self.claims.release()
        await rows.insert_events(self.events)
        # What runs ends before another begins: one at a time runs in a case.
        await rows.end_specials(self.ended)
        await rows.begin_specials(self.begun)
        await rows.keep_findings(self.findings)
        if is_live:
            moved = [{"number": one.case_number, "seq": one.seq, "kind": one.kind} for one in self.events]
            await rows.emit(MOVED, moved)

    def _note_special(self, number: str, turn: Turn, running: dict[str, SpecialProcedure]) -> None:
        if turn.begun is not None:
            self.begun.append(turn.begun)
        if turn.ended is not None:
            del running[number]
            # One that began in this very batch is not a row yet and is written as it ended.
            if turn.ended.pk is not None:
                self.ended.append(turn.ended)
        if turn.special is not None:
            running[number] = turn.special


def _lived(
    told: Sequence[Told], calendar: WorkCalendar, claims: Claims, who: str
) -> tuple[dict[str, _Changes], _Changes, list[Result]]:
    """New cases by their numbers, what is written of the others, and the result of each."""
    found: dict[str, _Changes] = {}
    refused, results = _Changes(claims), list[Result]()
    for one in told:
        number = numbers.sought(one.new.number)
        changes = _Changes(claims)
        try:
            _live_through(changes, one, calendar, who, is_known=number in found)
        except Fault as fault:
            refused.refuse(number, 0, fault, changes.step, who)
            results.append(Result(number, fault))
        else:
            found[number] = changes
            results.append(Result(number, case=changes.cases[number]))
    return found, refused, results


def _live_through(changes: _Changes, told: Told, calendar: WorkCalendar, who: str, *, is_known: bool) -> None:
    """Let a new case live through its history. Raises CaseExists, or why it cannot have been so."""
    if is_known:
        raise CaseExists
    case, event = history.begin(told.new, told.query_code, told.submitted_at, told.submitted_text)
    changes.cases[case.number] = case
    changes.events.append(event)
    running: dict[str, SpecialProcedure] = {}
    for step in told.steps:
        changes.step = step
        changes.take(case, step, calendar, running, who)


def _wanted_by(told: Told) -> Sequence[Wanted]:
    """受理编号 in a history that is told."""
    number = numbers.sought(told.new.number)
    authority = numbers.authority_of(number) or told.new.authority
    said = (step.particulars.acceptance_number for step in told.steps)
    return [Wanted(number, authority, one) for one in said if one]


def _wanted_now(cases: Mapping[str, Case], wanted: Sequence[str], moves: Sequence[Move]) -> Sequence[Wanted]:
    """受理编号 in moves of cases that are there."""
    said = zip(wanted, (move.step.particulars.acceptance_number for move in moves), strict=True)
    return [Wanted.of(cases[number], one) for number, one in said if one and number in cases]
