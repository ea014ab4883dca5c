"""What has happened to cases and whom it concerns: facts for messages, many cases at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.accounts.models import AgentRole, BindingStatus
from app.domain.cases.models import DUE_MOVED
from app.kit import clock, db

_HEARING_ROLES = [AgentRole.LEGAL_REPRESENTATIVE.value, AgentRole.FINANCE_OFFICER.value]

# An agent of another role hears of what they handed in themselves, as long as they act for the enterprise.
_NEWS = """
SELECT e.case_number AS number, e.seq, e.kind, e.at, e.office, c.item_name, c.due_at,
    (SELECT b.kind FROM case_event b
     WHERE b.case_number = asked.number AND b.seq < asked.seq AND b.kind <> $6
     ORDER BY b.seq DESC LIMIT 1) AS before,
    CASE WHEN c.enterprise_id IS NULL THEN array_remove(ARRAY[c.person_id], NULL)
    ELSE ARRAY(
        SELECT DISTINCT a.person_id FROM enterprise_binding a
        WHERE a.enterprise_id = c.enterprise_id AND a.status = $3 AND a.expires_on >= $4
          AND (a.role = ANY ($5) OR a.person_id = c.person_id)
        ORDER BY a.person_id)
    END AS concerned
FROM unnest($1::text[], $2::int[]) AS asked (number, seq)
JOIN case_file c ON c.number = asked.number
JOIN case_event e ON e.case_number = asked.number AND e.seq = asked.seq
"""


@dataclass(frozen=True, slots=True)
class CaseNews:
    """One event of a case: what it led to and what came before, who has the case, and whom it concerns.

    Of a person's case that is the applicant; of an enterprise's, its legal representative, its finance
    officer and the agent who handed it in, as far as they act for it today.
    """

    number: str
    seq: int
    kind: str
    before: str | None
    at: datetime
    office: str
    item_name: str
    due_at: datetime | None
    concerned: tuple[UUID, ...]


async def of_events(asked: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], CaseNews]:
    """The news of these events, each a case number and its running number, in one statement."""
    rows = await db.fetch(
        _NEWS,
        [number for number, _ in asked],
        [seq for _, seq in asked],
        BindingStatus.ACTIVE.value,
        clock.today(),
        _HEARING_ROLES,
        DUE_MOVED,
    )
    return {
        (row["number"], row["seq"]): CaseNews(**{**row, "concerned": tuple(row["concerned"])})
        for row in rows
    }  # fmt: skip
