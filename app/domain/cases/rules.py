"""Pure rules of a case: which step may follow which, and what each must carry."""

from collections.abc import Mapping
from datetime import date, datetime

from app.domain.cases.errors import DueMissing, IllegalMove, ReasonMissing
from app.domain.cases.models import CaseState as S
from app.domain.cases.texts import STATE_TEXTS
from app.kit.clock import SHANGHAI

MOVES: Mapping[S, frozenset[S]] = {
    S.SUBMITTED: frozenset(
        {S.PRE_REVIEW, S.SUPPLEMENT, S.NOT_ACCEPTED, S.TRANSFERRED, S.ACCEPTED, S.WITHDRAWN, S.TERMINATED}
    ),
    S.PRE_REVIEW: frozenset(
        {S.SUPPLEMENT, S.NOT_ACCEPTED, S.TRANSFERRED, S.ACCEPTED, S.WITHDRAWN, S.TERMINATED}
    ),
    S.SUPPLEMENT: frozenset({S.SUBMITTED, S.WITHDRAWN, S.TERMINATED}),
    S.ACCEPTED: frozenset({S.REVIEW, S.SUPPLEMENT, S.WITHDRAWN, S.TERMINATED}),
    S.REVIEW: frozenset({S.SUSPENDED, S.SUPPLEMENT, S.GRANTED, S.DENIED, S.WITHDRAWN, S.TERMINATED}),
    S.SUSPENDED: frozenset({S.REVIEW, S.WITHDRAWN, S.TERMINATED}),
    S.GRANTED: frozenset({S.ISSUED}),
    S.DENIED: frozenset({S.ISSUED}),
    S.ISSUED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset({S.CLOSED}),
}
"""Legal moves (SM-CASE); a state without an entry is final."""

_AFTER_CORRECTION = frozenset({S.REVIEW, S.WITHDRAWN, S.TERMINATED})
"""From 补正 of a case already accepted: acceptance and its due date stand, so it returns to review."""

NEEDS_REASON = frozenset({S.SUPPLEMENT, S.NOT_ACCEPTED, S.TRANSFERRED, S.SUSPENDED, S.DENIED, S.TERMINATED})
"""Steps whose reason the applicant must be told (行政许可法 32, 38, 45)."""

CORRECTION_AFTER_ACCEPT = "CORRECTION_AFTER_ACCEPT"
"""What supervision calls a 补正 asked for after 受理: possible, and a fault of the office."""


def check_move(before: S, to: S, *, is_accepted: bool, text: str) -> None:
    """Raise unless a case may go from one state to the other with these words to the applicant.

    Raises IllegalMove naming both states, or ReasonMissing where the law wants a reason.
    """
    if to not in moves_from(before, is_accepted=is_accepted):
        raise IllegalMove(f"办件为“{STATE_TEXTS[before]}”，不能变为“{STATE_TEXTS[to]}”，请核对办件状态")
    if to in NEEDS_REASON and not text.strip():
        raise ReasonMissing


def moves_from(state: S, *, is_accepted: bool) -> frozenset[S]:
    """Where a case may go next."""
    if state is S.SUPPLEMENT and is_accepted:
        return _AFTER_CORRECTION
    return MOVES.get(state, frozenset())


def check_due(due_on: date | None, accepted_at: datetime) -> None:
    """A case is accepted with the day by which it is decided; raises DueMissing."""
    if due_on is None or due_on < accepted_at.astimezone(SHANGHAI).date():
        raise DueMissing


def finding_of(to: S, *, is_accepted: bool) -> str | None:
    """What supervision should look at in a step that is possible all the same."""
    return CORRECTION_AFTER_ACCEPT if to is S.SUPPLEMENT and is_accepted else None
