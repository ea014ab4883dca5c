"""Putting messages into inboxes, many at once and each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from app.kit import clock, db
from notifications.inbox import proofs
from notifications.inbox.proofs import Arrival


@dataclass(frozen=True, slots=True)
class NewItem:
    """A message for one inbox; ``told`` is the first channel it takes besides, or why there is none."""

    id: UUID
    person_id: UUID
    message: str
    version: int
    params: Mapping[str, str] = field(repr=False)
    event_id: int | None
    campaign_id: int | None
    told: str
    is_statutory: bool
    committed_at: datetime


async def keep(items: Sequence[NewItem]) -> set[UUID]:
    """Put them in, in the caller's transaction; answers those that were not there before.

    The moment a document lies in the inbox is the moment it is served; its proof begins here.
    """
    if not items:
        return set()
    now = clock.now()
    rows = await db.fetch(
        _KEEP,
        [item.id for item in items],
        [item.person_id for item in items],
        [item.message for item in items],
        [item.version for item in items],
        [orjson.dumps(dict(item.params)).decode() for item in items],
        [item.event_id for item in items],
        [item.campaign_id for item in items],
        [item.told for item in items],
        [item.is_statutory for item in items],
        [item.committed_at for item in items],
        now,
    )
    new = {row["id"] for row in rows}
    served = [
        Arrival(item.id, item.person_id, proofs.content_hash(item.message, item.version, item.params))
        for item in items
        if item.is_statutory and item.id in new
    ]
    if served:
        await proofs.arrived(served, now)
    return new


# In the order of persons, so that two batches for the same people never wait for each other in a circle.
_KEEP = """
INSERT INTO inbox_item (id, person_id, message, message_version, params, event_id, campaign_id, told,
                        is_statutory, committed_at, arrived_at)
SELECT id, person_id, message, version, params::jsonb, event_id, campaign_id, told, is_statutory,
       committed_at, $11
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::bigint[], $7::bigint[],
            $8::text[], $9::boolean[], $10::timestamptz[])
  AS d (id, person_id, message, version, params, event_id, campaign_id, told, is_statutory, committed_at)
ORDER BY person_id, id
ON CONFLICT DO NOTHING RETURNING id
"""


async def told_before(items: Sequence[NewItem]) -> list[str | None]:
    """How the reader of each was told when it was put in first, in order."""
    rows = await db.fetch(
        _TOLD_BEFORE,
        [item.event_id for item in items],
        [item.campaign_id for item in items],
        [item.person_id for item in items],
        [item.message for item in items],
        [item.committed_at for item in items],
    )
    return [row["told"] for row in rows]


_TOLD_BEFORE = """
SELECT coalesce(e.told, c.told) AS told
FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[], $5::timestamptz[]) WITH ORDINALITY
  AS d (event_id, campaign_id, person_id, message, committed_at, n)
LEFT JOIN inbox_item e ON e.event_id = d.event_id AND e.person_id = d.person_id
  AND e.message = d.message AND e.committed_at = d.committed_at
LEFT JOIN inbox_item c ON c.campaign_id = d.campaign_id AND c.person_id = d.person_id
  AND c.committed_at = d.committed_at
ORDER BY d.n
"""


async def note_digested(item_ids: Sequence[UUID]) -> None:
    """These are told by a digest of the day."""
    if item_ids:
        await db.execute("UPDATE inbox_item SET told = 'digested' WHERE id = ANY ($1)", item_ids)
