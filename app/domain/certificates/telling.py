"""What messages about certificates need to know: whom to tell, and of what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.domain.certificates.models import State
from app.kit import clock, db

_FACTS: Final = """
SELECT c.id, c.name, c.issuer_name, c.state, c.valid_until, array_agg(DISTINCT w.person_id) AS readers
FROM certificate c
JOIN LATERAL (
    SELECT p.id AS person_id FROM person p
    WHERE c.holder_kind = 'person' AND p.id_number_hash = c.holder_hash AND p.status = 'active'
    UNION ALL
    SELECT b.person_id FROM enterprise e JOIN enterprise_binding b ON b.enterprise_id = e.id
    WHERE c.holder_kind = 'enterprise' AND e.uscc_hash = c.holder_hash
      AND b.status = 'active' AND b.expires_on >= $2
) w ON true
WHERE c.id = ANY ($1::uuid[]) AND c.state IN ('expiring', 'expired')
GROUP BY c.id
"""


@dataclass(frozen=True, slots=True)
class EndingFacts:
    """A certificate at its end, and everybody who is to hear of it."""

    readers: frozenset[UUID]
    name: str
    issuer_name: str
    state: State
    valid_until: date


async def of_endings(certificate_ids: Sequence[UUID]) -> Mapping[UUID, EndingFacts]:
    """The facts of certificates at their end, by their ids, as they are now.

    One that was renewed or revoked meanwhile is not among them, nor one whose holder nobody here is.
    """
    rows = await db.fetch(_FACTS, certificate_ids, clock.today())
    return {
        row["id"]: EndingFacts(
            frozenset(row["readers"]),
            row["name"],
            row["issuer_name"],
            State(row["state"]),
            row["valid_until"],
        )
        for row in rows
    }
