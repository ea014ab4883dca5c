"""Copies of a case's history: judged once, then told of many cases that went the same way.

Every copy has its own number, its own moments, and a chain of its own that holds.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson

from app.domain.cases import history
from app.domain.cases.history import GENESIS, Happening, Told
from app.domain.cases.models import Case, SpecialProcedure
from app.domain.cases.rows import CASE_COLUMNS, EVENT_COLUMNS, Finding
from app.domain.cases.texts import FINDING_TEXTS
from app.domain.halls.calendar import WorkCalendar
from app.kit import audit

_DUE = frozenset({"first_due_at", "due_at", "legal_due_at"})  # They end with a day, whatever the minute.


class Copies:
    """Rows of cases and events as COPY takes them, and what goes along with them."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.cases: list[Sequence[object]] = []
        self.events: list[Sequence[object]] = []
        self.specials: list[SpecialProcedure] = []
        self.findings: list[Finding] = []
        self._calendar = calendar

    def add(self, told: Told, numbers: Sequence[str]) -> None:
        """A history for each number, each a minute later. Raises as ``history.advance`` does."""
        case, event = history.begin(told.new, told.query_code, told.submitted_at, told.submitted_text)
        events, specials, found = [event], list[SpecialProcedure](), list[Finding]()
        running: SpecialProcedure | None = None
        for step in told.steps:
            turn = history.advance(case, step, self._calendar, running)
            events.append(turn.event)
            specials += [turn.begun] if turn.begun else []
            running = turn.special or (None if turn.ended else running)
            found += [
                Finding(
                    case.number,
                    case.last_seq,
                    kind,
                    step.to.value,
                    audit.SYSTEM,
                    step.at,
                    FINDING_TEXTS[kind],
                )
                for kind in turn.findings
            ]
        for place, number in enumerate(numbers):
            later = timedelta(minutes=place)
            self._copy(case, events, number, later)
            self.specials += [_special(one, number, later) for one in specials]
            self.findings += [
                Finding(number, one.seq, one.kind, one.wanted, one.who, one.at + later, one.text)
                for one in found
            ]

    def _copy(self, case: Case, events: Sequence[Happening], number: str, later: timedelta) -> None:
        previous = GENESIS
        for one in events:
            own = Happening(number, one.seq, one.kind, one.at + later, one.office, one.text, one.finding)
            own.hash = previous = history.hash_of(own, previous)
            self.events.append([getattr(own, name) for name in EVENT_COLUMNS])
        row = {name: getattr(case, name) for name in CASE_COLUMNS}
        moved = {
            name: value + later
            for name, value in row.items()
            if isinstance(value, datetime) and name not in _DUE
        }
        pauses = [[_later(since, later), _later(until, later)] for since, until in case.pauses]
        row |= {**moved, "number": number, "last_hash": previous, "pauses": orjson.dumps(pauses).decode()}
        row["results"] = orjson.dumps(case.results).decode()
        self.cases.append(list(row.values()))


def _later(moment: str | None, later: timedelta) -> str | None:
    return (datetime.fromisoformat(moment) + later).isoformat() if moment else None


def _special(one: SpecialProcedure, number: str, later: timedelta) -> SpecialProcedure:
    return SpecialProcedure(
        case_number=number,
        event_seq=one.event_seq,
        kind=one.kind,
        state=one.state,
        approver=one.approver,
        reason=one.reason,
        limit_amount=one.limit_amount,
        limit_unit=one.limit_unit,
        applied_at=one.applied_at + later,
        approved_at=one.applied_at + later,
        begun_at=one.applied_at + later,
        due_at=one.due_at,
        ended_at=one.ended_at + later if one.ended_at else None,
        result=one.result,
    )
