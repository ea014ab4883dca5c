"""An application follows its case, wherever that was moved: by us, by the applicant, by another system."""

from collections.abc import Sequence
from typing import Final

from app.kit import clock, db
from app.kit.outbox import Event

# A decided case goes on to be issued and delivered, so its history says how it was decided.
_FOLLOW: Final = """
UPDATE credit_appeal a SET state = s.state,
    decided_at = CASE WHEN s.state NOT IN ('applied', 'accepted') THEN $2::timestamptz END
FROM (
    SELECT c.number, CASE
        WHEN c.state IN ('not_accepted', 'transferred') THEN 'not_accepted'
        WHEN c.state IN ('withdrawn', 'terminated') THEN 'withdrawn'
        WHEN EXISTS (SELECT 1 FROM case_event e WHERE e.case_number = c.number AND e.kind = 'granted')
        THEN 'adjusted'
        WHEN EXISTS (SELECT 1 FROM case_event e WHERE e.case_number = c.number AND e.kind = 'denied')
        THEN 'kept'
        WHEN c.accepted_at IS NOT NULL THEN 'accepted'
        ELSE 'applied' END AS state
    FROM case_file c WHERE c.number = ANY ($1::text[])
) s
WHERE a.case_number = s.number AND a.state IN ('applied', 'accepted') AND a.state <> s.state
"""


async def follow(events: Sequence[Event]) -> None:
    """Cases have moved; those that are applications take the state that follows from it."""
    numbers = sorted({event.payload["number"] for event in events})
    await db.execute(_FOLLOW, numbers, clock.now())
