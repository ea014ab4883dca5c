"""A case as people read it: all of it by whom it concerns, its steps and dates by who knows the code.

Made by hand and not by the schemas, which only document it: many people look at their cases.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.cases import time_left
from app.domain.cases.followers import Followed
from app.domain.cases.models import DECIDED, UNDECIDED, CaseState
from app.domain.cases.progress import CaseProgress, CaseStep
from app.domain.cases.texts import STATE_TEXTS

Shown = Mapping[str, Any]

_WORDS_FOR_NOBODY: Final = ""


def whole(case: CaseProgress) -> Shown:
    """A case of one's own, with what the offices said and where its documents are."""
    return {
        **_of_case(case),
        "asked": {"text": case.asked, "until": case.asked_until} if case.asked else None,
        "result": case.result or None,
        "can_withdraw": case.can_withdraw,
        "can_confirm_receipt": case.can_confirm_receipt,
        "steps": [_step(one, one.told) for one in case.steps],
        "documents": f"/api/v1/cases/{case.number}/documents",
        "acceptance_number": case.acceptance_number,
        "queue_number": case.queue_number,
        "fee": _fee(case),
        "results": case.results,
    }


def public(case: CaseProgress) -> Shown:
    """A case looked up by its code: names of steps, dates, time left and contact, nothing an office wrote.

    Nobody knows whose data stand in the words of an office, nor who has got hold of a code.
    """
    is_asked = case.state is CaseState.SUPPLEMENT
    decided = next((one.title for one in case.steps if one.kind in DECIDED), None)
    return {
        **_of_case(case),
        "asked": {"text": case.next_text, "until": case.asked_until} if is_asked else None,
        "result": decided,
        "can_withdraw": False,
        "can_confirm_receipt": False,
        "steps": [_step(one, _WORDS_FOR_NOBODY) for one in case.steps],
        "documents": None,
        "acceptance_number": None,
        "queue_number": None,
        "fee": None,
        "results": (),
    }


def brief(case: CaseProgress) -> Shown:
    """A case as one of a list."""
    return {
        "number": case.number,
        "item_name": case.item_name,
        "state": case.state,
        "state_text": case.state_text,
        "next_text": case.next_text,
        "due_on": case.due_on,
        "updated_at": case.updated_at,
        "is_over": case.is_over,
    }


def followed(case: Followed) -> Shown:
    """A case one follows."""
    return {
        "number": case.number,
        "item_name": case.item_name,
        "state": case.state,
        "state_text": STATE_TEXTS[case.state],
        "since": case.since,
    }


def _of_case(case: CaseProgress) -> dict[str, Any]:
    return {
        **brief(case),
        "updated_at": _moment(case.updated_at),
        "office": case.office,
        "contact": case.contact,
        "due": _due(case),
    }


def _due(case: CaseProgress) -> Shown | None:
    left = case.remaining
    if case.due_at is None or left is None:
        return None
    return {
        "of": "decision" if case.state in UNDECIDED else "delivery",
        "on": case.due_on,
        "original_on": case.original_due_on,
        "remaining_working_days": left.working_days,
        "remaining_hours": left.hours,
        "is_overdue": left.is_overdue,
        "is_provisional": case.is_due_provisional,
        "paused_since": _moment(case.paused_since),
        "text": time_left.sentence(case),
    }


def _fee(case: CaseProgress) -> Shown | None:
    if case.fee is None and case.paid is None:
        return None
    return {"amount": _yuan(case.fee), "paid": _yuan(case.paid), "is_paid": case.is_paid}


def _yuan(amount: Decimal | None) -> str | None:
    return f"{amount:.2f}" if amount is not None else None


def _step(step: CaseStep, told: str) -> Shown:
    return {
        "at": _moment(step.at),
        "kind": step.kind,
        "name": step.title,
        "told": told,
        "office": step.office,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None
