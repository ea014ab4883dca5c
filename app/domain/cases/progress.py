"""Where a case stands, as its applicant is told. Pure: it reads a row and is given calendar and moment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from app.domain.cases import clock as case_clock
from app.domain.cases import licensing_law
from app.domain.cases.clock import Remaining
from app.domain.cases.models import DECIDED, FINAL, PAUSED, UNDECIDED, CaseState
from app.domain.cases.texts import NEXT_TEXTS, STATE_TEXTS, step_text, title_of
from app.domain.halls.calendar import WorkCalendar
from app.kit.clock import SHANGHAI


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One line of the timeline; ``kind`` is the state it led to or what else happened, ``title`` its name,
    ``told`` what the office said, ``text`` both."""

    seq: int
    kind: str
    at: datetime
    office: str
    title: str
    told: str

    @property
    def text(self) -> str:
        return step_text(self.kind, self.told)


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """Where a case stands, in words for the applicant; the oldest of its ``steps`` comes first.

    ``office`` is who has it now, ``contact`` where to ask. ``due_at`` is when it is decided, after that when
    the result is handed out; ``None`` before the clock runs and once it is over, and so is ``remaining``.
    ``original_due_at`` is what acceptance fixed. ``asked`` is what the applicant has to do, ``result`` what
    was decided. ``can_withdraw`` and ``can_confirm_receipt`` say what the state allows. ``fee`` and ``paid``
    are yuan, ``results`` what the applicant gets, by name and number.
    """

    number: str
    item_name: str
    state: CaseState
    state_text: str
    office: str
    contact: str
    next_text: str
    submitted_at: datetime
    due_at: datetime | None
    original_due_at: datetime | None
    remaining: Remaining | None
    is_due_provisional: bool
    paused_since: datetime | None
    paused_why: str
    asked: str
    asked_until: date | None
    result: str
    is_over: bool
    can_withdraw: bool
    can_confirm_receipt: bool
    last_seq: int
    updated_at: datetime
    steps: tuple[CaseStep, ...]
    acceptance_number: str | None = None
    fee: Decimal | None = None
    paid: Decimal | None = None
    queue_number: str | None = None
    results: tuple[str, ...] = ()

    @property
    def is_paid(self) -> bool | None:
        """Whether nothing of the fee is open; ``None`` where nobody has told."""
        return None if self.paid is None else self.paid >= (self.fee or 0)

    @property
    def due_on(self) -> date | None:
        return self.due_at.date() if self.due_at else None

    @property
    def original_due_on(self) -> date | None:
        return self.original_due_at.date() if self.original_due_at else None


def told(row: Mapping[str, Any], calendar: WorkCalendar, now: datetime) -> CaseProgress:
    """What a case and its events come to at a moment."""
    state = CaseState(row["state"])
    steps = tuple(
        CaseStep(seq, kind, at.astimezone(SHANGHAI), office, title_of(kind), text)
        for seq, kind, at, office, text in zip(
            row["seqs"], row["kinds"], row["moments"], row["offices"], row["texts"], strict=True
        )
    )
    paused_since = _paused_since(row["pauses"])
    due_at = _due_at(row, state, calendar)
    return CaseProgress(
        number=row["number"],
        item_name=row["item_name"],
        state=state,
        state_text=STATE_TEXTS[state],
        office=row["office"],
        contact=row["contact"],
        next_text=NEXT_TEXTS[state],
        submitted_at=row["submitted_at"].astimezone(SHANGHAI),
        due_at=due_at,
        original_due_at=_local(row["first_due_at"]),
        remaining=case_clock.remaining(calendar, paused_since or now, due_at) if due_at else None,
        is_due_provisional=row["is_due_provisional"] and state in UNDECIDED,
        paused_since=paused_since,
        paused_why=_last_told(steps, PAUSED) if paused_since else "",
        asked=_last_told(steps, (CaseState.SUPPLEMENT,)) if state is CaseState.SUPPLEMENT else "",
        asked_until=row["asked_until"],
        result=_last_told(steps, DECIDED),
        is_over=state in FINAL,
        can_withdraw=state in UNDECIDED,
        can_confirm_receipt=state is CaseState.ISSUED,
        last_seq=row["last_seq"],
        updated_at=row["updated_at"].astimezone(SHANGHAI),
        steps=steps,
        acceptance_number=row["acceptance_number"],
        fee=row["fee"],
        paid=row["paid"],
        queue_number=row["queue_number"],
        results=() if row["results"] == "[]" else tuple(orjson.loads(row["results"])),
    )


def _due_at(row: Mapping[str, Any], state: CaseState, calendar: WorkCalendar) -> datetime | None:
    """Of the decision until it falls, then of handing out the result (行政许可法 44)."""
    if state in UNDECIDED:
        return _local(row["due_at"])
    if row["decided_at"] is not None and state in (*DECIDED, CaseState.ISSUED):
        return licensing_law.delivery_due(calendar, row["decided_at"])
    return None


def _paused_since(pauses: str) -> datetime | None:
    if pauses == "[]":
        return None
    since, until = orjson.loads(pauses)[-1]
    return datetime.fromisoformat(since).astimezone(SHANGHAI) if until is None else None


def _last_told(steps: tuple[CaseStep, ...], kinds: Collection[CaseState]) -> str:
    return next((one.text for one in reversed(steps) if one.kind in kinds), "")


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(SHANGHAI) if moment is not None else None
