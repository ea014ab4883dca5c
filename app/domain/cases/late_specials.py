"""Special procedures that used up their own time and still run: listed for supervision, announced once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import Counter

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import posts
from app.domain.cases.models import SpecialKind
from app.kit import clock, db
from app.kit.metrics import REGISTRY
from app.kit.outbox import Event

log = logging.getLogger("weiban.cases")

OVERDUE: Final = "special_procedures_overdue"
"""The event: ``{ids: [id]}``, those whose clock has just gone on without them."""

ANNOUNCED: Final = Counter(
    "weiban_special_procedures_overdue", "Special procedures that used up their own time.", registry=REGISTRY
)

# The county is in the authority, with which official numbers begin.
_LATE: Final = """
SELECT p.id, p.case_number, c.office, p.kind, p.approver, p.due_at
FROM special_procedure p JOIN case_file c ON c.number = p.case_number
WHERE p.state = 'overdue' AND p.ended_at IS NULL AND (p.due_at, p.id) > ($1, $2)
    AND ($3::text[] IS NULL OR EXISTS (
        SELECT 1 FROM unnest($3) AS region WHERE starts_with(
            substr(CASE WHEN length(c.number) = 43 THEN c.number ELSE c.authority END, 3, 6), region)))
ORDER BY p.due_at, p.id LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class LateSpecial:
    """A special procedure that should be over; ``office`` has the case, ``approver`` is a post."""

    id: int
    case_number: str
    office: str
    kind: SpecialKind
    approver: str
    due_at: datetime


async def listed(
    member: StaffMember, *, after: tuple[datetime, int] | None = None, limit: int = 100
) -> Sequence[LateSpecial]:
    """A page of what is overdue in the reach of a supervisor, the longest first; ``after`` is (``due_at``,
    ``id``) of the last one seen. Raises NotAllowed."""
    regions = await posts.reach(member, StaffRole.SUPERVISOR)
    reached = list(regions) if regions is not None else None
    since, last = after or (datetime(1970, 1, 1, tzinfo=clock.SHANGHAI), 0)
    return [
        LateSpecial(
            **{**row, "kind": SpecialKind(row["kind"]), "due_at": row["due_at"].astimezone(clock.SHANGHAI)}
        )
        for row in await db.fetch(_LATE, since, last, reached, limit)
    ]


async def announce(events: Sequence[Event]) -> None:
    """Tell those who watch: a line in the log and a count; the list shows them by itself."""
    for event in events:
        ids = event.payload["ids"]
        ANNOUNCED.inc(len(ids))
        log.warning("special procedures have used up their own time: %s", ids)
