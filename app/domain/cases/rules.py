"""Pure rules of a case: which step may follow which, and what each must carry."""

from collections.abc import Mapping
from datetime import date, datetime

from app.domain.cases.errors import BadMoment, DueMissing, IllegalMove, ReasonMissing, TooManySteps
from app.domain.cases.models import DUE_MOVED, EXTENDED, PAUSED, SPECIAL_OVERDUE, FindingKind
from app.domain.cases.models import CaseState as S
from app.domain.cases.texts import STATE_TEXTS
from app.kit.clock import SHANGHAI
from app.kit.errors import Fault

MOVES: Mapping[S, frozenset[S]] = {
    S.SUBMITTED: frozenset(
        {S.PRE_REVIEW, S.SUPPLEMENT, S.NOT_ACCEPTED, S.TRANSFERRED, S.ACCEPTED, S.WITHDRAWN, S.TERMINATED}
    ),
    S.PRE_REVIEW: frozenset(
        {S.SUPPLEMENT, S.NOT_ACCEPTED, S.TRANSFERRED, S.ACCEPTED, S.WITHDRAWN, S.TERMINATED}
    ),
    S.SUPPLEMENT: frozenset({S.SUBMITTED, S.WITHDRAWN, S.TERMINATED}),
    S.ACCEPTED: frozenset({S.REVIEW, S.SUPPLEMENT, S.WITHDRAWN, S.TERMINATED}),
    S.REVIEW: frozenset(
        {S.REVIEW, S.SUSPENDED, S.SUPPLEMENT, S.GRANTED, S.DENIED, S.WITHDRAWN, S.TERMINATED}
    ),
    S.SUSPENDED: frozenset({S.REVIEW, S.WITHDRAWN, S.TERMINATED}),
    S.GRANTED: frozenset({S.ISSUED}),
    S.DENIED: frozenset({S.ISSUED}),
    S.ISSUED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset({S.CLOSED}),
}
"""Legal moves (SM-CASE); a state without an entry is final. A review goes from post to post (环节)."""

_AFTER_CORRECTION = frozenset({S.REVIEW, S.WITHDRAWN, S.TERMINATED})
"""From 补正 of a case already accepted: acceptance and its due date stand, so it returns to review."""

MAY_BE_EXTENDED = frozenset({S.ACCEPTED, S.REVIEW})
"""Where the time for a decision may be extended (延长审批)."""

NEEDS_REASON = frozenset({S.SUPPLEMENT, S.NOT_ACCEPTED, S.TRANSFERRED, S.SUSPENDED, S.DENIED, S.TERMINATED})
"""Steps whose reason the applicant must be told (行政许可法 32, 38, 45)."""

MOST_STEPS = 1_000
"""With so many events nothing more is begun in a case that could come again without end; it can still end."""

_FIRST_YEAR, _LAST_YEAR = 1970, 2100

_FOUND: Mapping[type[Fault], FindingKind] = {
    IllegalMove: FindingKind.ILLEGAL_MOVE,
    ReasonMissing: FindingKind.MISSING_REASON,
    DueMissing: FindingKind.MISSING_DUE,
}
_IN_REVIEW = {EXTENDED: S.REVIEW}
_STAYS = frozenset({DUE_MOVED, SPECIAL_OVERDUE})


def check_move(before: S, to: S, *, is_accepted: bool, text: str, is_extension: bool = False) -> None:
    """Raise unless a case may go from one state to the other with these words to the applicant.

    Raises IllegalMove naming both states, or ReasonMissing where the law wants a reason.
    """
    if is_extension:
        if before not in MAY_BE_EXTENDED or to is not S.REVIEW:
            raise IllegalMove(f"办件为“{STATE_TEXTS[before]}”，不能延长审批，请核对办件状态")
    elif to not in moves_from(before, is_accepted=is_accepted):
        raise IllegalMove(f"办件为“{STATE_TEXTS[before]}”，不能变为“{STATE_TEXTS[to]}”，请核对办件状态")
    if (is_extension or to in NEEDS_REASON) and not text.strip():
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


def check_day(on: date | None) -> None:
    """Days far from ours are slips, and counting up to them would take long; raises BadMoment."""
    if on is not None and not _FIRST_YEAR <= on.year <= _LAST_YEAR:
        raise BadMoment


def check_room(last_seq: int, before: S, to: S) -> None:
    """Raises TooManySteps when a history is as long as any may be and a step leads no further."""
    leads_on = to not in PAUSED and not before is to is S.REVIEW
    if last_seq >= MOST_STEPS and not leads_on:
        raise TooManySteps


def finding_of_refusal(refused: Fault) -> FindingKind | None:
    """What supervision should know a refused step by; ``None`` where it is no fault of an office."""
    return _FOUND.get(type(refused))


def stood_after(kinds: list[str]) -> S | None:
    """The state a history of kinds of events led to."""
    led = [kind for kind in kinds if kind not in _STAYS]
    return (_IN_REVIEW.get(led[-1]) or S(led[-1])) if led else None
