"""The operator's view of the queue: what waits, what was given up and why, and having it tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kit import audit, clock, db
from notifications import queue
from notifications.models import Channel


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one channel and lane not yet settled; ``oldest`` is when the first was due."""

    channel: Channel
    lane: int
    status: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """A message given up; it says nothing of its reader."""

    id: int
    message: str
    channel: Channel
    attempt: int
    error_code: int | None
    error_text: str | None
    settled_at: datetime


async def waiting() -> list[Waiting]:
    """What is open, by channel, lane and state; read from the partial indexes of open rows alone."""
    rows = await db.fetch(_WAITING)
    return [
        Waiting(Channel(row["channel"]), row["lane"], row["status"], row["count"], row["oldest"])
        for row in rows
    ]


_WAITING = """
SELECT channel, lane, status, count(*) AS count, min(run_at) AS oldest FROM notification
WHERE status = 'created' GROUP BY 1, 2, 3
UNION ALL
SELECT channel, lane, status, count(*), min(run_at) FROM notification
WHERE status IN ('claimed', 'sending') GROUP BY 1, 2, 3
ORDER BY 2, 1, 3
"""


async def dead(limit: int) -> list[Dead]:
    """What was given up most recently, at most ``limit``."""
    rows = await db.fetch(
        "SELECT id, message, channel, attempt, error_code, error_text, settled_at FROM notification"
        " WHERE status = 'dead' ORDER BY settled_at DESC, id DESC LIMIT $1",
        limit,
    )
    return [Dead(**{**row, "channel": Channel(row["channel"])}) for row in rows]


async def revive(ids: Sequence[int], *, actor: str) -> int:
    """Queue given-up messages again, as if never tried; answers how many.

    What is not dead stays as it is, and so does what has lost its worth or belongs to a campaign that
    has ended.
    """
    async with db.transaction():
        revived = await db.execute(_REVIVE, list(ids), clock.now())
        await audit.record(actor, "notifications.revived", "notifications", detail={"count": revived})
    return revived


_REVIVE = f"""
WITH dead AS (
    SELECT n.id, n.committed_at, $2::timestamptz + {queue.NOT_AT_ONCE} AS run_at
    FROM notification n {queue.ITS_CAMPAIGN}
    WHERE n.id = ANY ($1) AND n.status = 'dead' AND (n.expires_at IS NULL OR n.expires_at > $2)
      AND {queue.NOT_ENDED} FOR UPDATE OF n
)
UPDATE notification n SET status = 'created', run_at = d.run_at, attempt = 0, settled_at = NULL,
    sending_at = NULL
FROM dead d WHERE n.id = d.id AND n.committed_at = d.committed_at
"""  # noqa: S608  Words of ours.
