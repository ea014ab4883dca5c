"""What can be asked of cases: whether a text is a number, where one stands, and one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.domain.accounts.models import BindingStatus
from app.domain.cases import numbers
from app.domain.cases.models import FINAL, CaseState
from app.domain.cases.texts import NEXT_TEXTS, STATE_TEXTS, step_text
from app.kit import clock, db

_CASE = """
SELECT c.number, c.item_name, c.state, c.office, c.due_on, c.updated_at,
    (SELECT array_agg(e.kind ORDER BY e.seq) FROM case_event e WHERE e.case_number = c.number) AS kinds,
    (SELECT array_agg(e.at ORDER BY e.seq) FROM case_event e WHERE e.case_number = c.number) AS moments,
    (SELECT array_agg(e.text ORDER BY e.seq) FROM case_event e WHERE e.case_number = c.number) AS texts
FROM case_file c
"""
# An agent sees the enterprise's cases as long as the binding stands, also those others handed in; what
# they themselves handed in for an enterprise they no longer act for is the enterprise's alone.
_IS_OWN = """
WHERE c.number IN (
    (SELECT number FROM case_file WHERE person_id = $1 AND enterprise_id IS NULL
     ORDER BY updated_at DESC LIMIT $4)
    UNION ALL
    (SELECT number FROM case_file WHERE enterprise_id IN (
        SELECT enterprise_id FROM enterprise_binding
        WHERE person_id = $1 AND status = $2 AND expires_on >= $3)
     ORDER BY updated_at DESC LIMIT $4)
) ORDER BY c.updated_at DESC, c.number LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """Where a case stands, in words for the applicant; ``steps`` are (when, what), the oldest first.

    ``office`` is who has it now; ``due_on`` is ``None`` before acceptance and once it is over.
    """

    number: str
    item_name: str
    state: CaseState
    state_text: str
    office: str
    next_text: str
    due_on: date | None
    updated_at: datetime
    steps: tuple[tuple[datetime, str], ...]


def looks_like_number(text: str) -> bool:
    """Whether a text is a number in the official form of 43 signs; blanks and lower case are forgiven."""
    return numbers.is_official(text)


async def own(person_id: UUID, *, limit: int = 5) -> Sequence[CaseProgress]:
    """A person's own cases and those of enterprises they act for now, the latest change first."""
    rows = await db.fetch(_CASE + _IS_OWN, person_id, BindingStatus.ACTIVE.value, clock.today(), limit)
    return [_progress(row) for row in rows]


async def progress(number: str) -> CaseProgress | None:
    """Where a case stands; the caller has made sure who may know."""
    row = await db.fetch_one(_CASE + "WHERE c.number = $1", number)
    return _progress(row) if row else None


def _progress(row: Any) -> CaseProgress:
    state = CaseState(row["state"])
    steps = zip(row["moments"], row["kinds"], row["texts"], strict=True)
    return CaseProgress(
        number=row["number"],
        item_name=row["item_name"],
        state=state,
        state_text=STATE_TEXTS[state],
        office=row["office"],
        next_text=NEXT_TEXTS[state],
        due_on=None if state in FINAL else row["due_on"],
        updated_at=row["updated_at"].astimezone(clock.SHANGHAI),
        steps=tuple(
            (at.astimezone(clock.SHANGHAI), step_text(CaseState(kind), text)) for at, kind, text in steps
        ),
    )
