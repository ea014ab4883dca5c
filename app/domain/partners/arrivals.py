"""Cases that arrived while messages of department systems waited for them: noted with the case, judged soon.

A message waits without being looked at: however many wait, only what has arrived is read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.domain.cases import arrivals
from app.kit import clock, db

_NOTE: Final = """
INSERT INTO partner_arrival (system_id, case_number)
SELECT m.system_id, m.case_number FROM partner_message m
LEFT JOIN partner_chain h ON h.system_id = m.system_id AND h.case_number = m.case_number
WHERE m.state = 'parked' AND m.case_number = ANY ($1) AND m.kind <> 'application'
  AND m.step = coalesce(h.last_step, 0) + 1
"""
# A message parked at the very moment in which its case was written is not seen by _NOTE: neither of the two
# transactions sees the other.
_MISSED: Final = """
INSERT INTO partner_arrival (system_id, case_number)
SELECT m.system_id, m.case_number FROM partner_message m
JOIN partner_system s ON s.id = m.system_id AND s.is_active
JOIN case_file c ON c.number = m.case_number
LEFT JOIN partner_chain h ON h.system_id = m.system_id AND h.case_number = m.case_number
WHERE m.state = 'parked' AND m.waiting_since > $1 AND m.kind <> 'application'
  AND m.step = coalesce(h.last_step, 0) + 1
  AND NOT EXISTS (
      SELECT 1 FROM partner_arrival a WHERE a.system_id = m.system_id AND a.case_number = m.case_number)
"""
_MISSED_WITHIN: Final = timedelta(hours=1)
# A system switched off waits until it is on again, and hinders no other.
_NEXT: Final = """
SELECT a.id, a.system_id, a.case_number FROM partner_system s
CROSS JOIN LATERAL (
    SELECT * FROM partner_arrival WHERE system_id = s.id ORDER BY id LIMIT $1) AS a
WHERE s.is_active ORDER BY a.system_id, a.id
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case messages of a system waited for; without one, messages that wait for nothing came back."""

    id: int
    system_id: int
    case_number: str | None


def register() -> None:
    """Have new cases noted in the transaction that writes them."""
    arrivals.register("partners", note)


async def note(case_numbers: Collection[str]) -> None:
    """Note whose next message waits of these cases; joins the caller's transaction, if there is one."""
    await db.execute(_NOTE, list(case_numbers))


async def waiting(most: int) -> Sequence[Arrival]:
    """Up to so many arrivals of each system, the oldest first, system by system."""
    return [Arrival(**dict(row)) for row in await db.fetch(_NEXT, most)]


async def forget(judged: Collection[Arrival]) -> None:
    """Take them off: what waited for them has been judged."""
    if judged:
        await db.execute("DELETE FROM partner_arrival WHERE id = ANY ($1)", [one.id for one in judged])


async def look_again() -> None:
    """Note what was missed within the last hour; for a timed task."""
    await db.execute(_MISSED, clock.now() - _MISSED_WITHIN)
