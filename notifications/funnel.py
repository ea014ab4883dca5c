"""The funnel of messages: of each kind how many were made in some days, went out, arrived, and were read.

Messages of campaigns are left out: each campaign has a report of its own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Final

import orjson

from app.kit import cache, clock, db

DAYS: Final = 7

_KEPT_S: Final = 300  # Days of messages are read as a whole; nobody needs these numbers by the second.


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of message: ``made`` is the sum of ``under_way``, ``sent``, ``failed`` and ``cancelled``.

    ``delivered`` are those of ``sent`` of which a receipt came; ``read`` counts inboxes.
    """

    message: str
    made: int
    under_way: int
    sent: int
    delivered: int
    failed: int
    cancelled: int
    read: int


async def funnel() -> Sequence[Stage]:
    """The kinds of which anything was made in the last ``DAYS`` days, the most frequent first."""
    told = await cache.get_or_load("messages:funnel", _KEPT_S, _counted)
    return [Stage(**one) for one in orjson.loads(told)]


# A message moves to the archive when its day is over; by its day the parts that hold none are passed over.
_COUNT = """
WITH told AS (
    SELECT message, status FROM notification WHERE committed_at >= $1 AND campaign_id IS NULL
    UNION ALL
    SELECT message, status FROM notification_archive WHERE committed_at >= $1 AND campaign_id IS NULL
), read AS (
    SELECT message, count(*) AS people FROM inbox_item
    WHERE committed_at >= $1 AND campaign_id IS NULL AND read_at IS NOT NULL GROUP BY message
)
SELECT t.message, count(*) AS made,
    count(*) FILTER (WHERE t.status IN ('created', 'claimed', 'sending', 'held')) AS under_way,
    count(*) FILTER (WHERE t.status IN ('sent', 'delivered', 'unknown')) AS sent,
    count(*) FILTER (WHERE t.status = 'delivered') AS delivered,
    count(*) FILTER (WHERE t.status IN ('failed', 'dead')) AS failed,
    count(*) FILTER (WHERE t.status = 'cancelled') AS cancelled,
    coalesce(max(r.people), 0) AS read
FROM told t LEFT JOIN read r ON r.message = t.message
GROUP BY t.message ORDER BY made DESC, t.message
"""


async def _counted() -> bytes:
    first = datetime.combine(clock.today() - timedelta(days=DAYS - 1), time(), clock.SHANGHAI)
    return orjson.dumps([asdict(Stage(**row)) for row in await db.fetch(_COUNT, first)])
