"""The funnel of messages: how many were made in some days, went out, arrived and were opened, by channel.

Messages of campaigns are left out: each campaign has a report of its own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Final

import orjson

from app.kit import cache, clock, db

INBOX: Final = "inbox"
"""Stands beside the channels: what lies in an inbox needs no way out, and it alone tells who opened it."""

_KEPT_S: Final = 300  # Days of messages are read as a whole; nobody needs these numbers by the second.


@dataclass(frozen=True, slots=True)
class Stage:
    """One message on one channel.

    ``made`` is the sum of ``under_way``, ``sent``, ``failed`` and ``cancelled``; ``delivered`` are
    those of ``sent`` of which a receipt came; ``opened`` is ``None`` where the channel does not tell.
    """

    message: str
    channel: str
    made: int
    under_way: int
    sent: int
    delivered: int
    failed: int
    cancelled: int
    opened: int | None


async def funnel(days: int) -> Sequence[Stage]:
    """What was made in so many days, today included, message by message, the most frequent first."""

    async def load() -> bytes:
        return orjson.dumps([asdict(one) for one in await _counted(days)])

    told = await cache.get_or_load(f"messages:funnel:{days}", _KEPT_S, load)
    return [Stage(**one) for one in orjson.loads(told)]


# A message moves to the archive when its day is over, and to the history when its content goes; by its day
# the parts that hold none are passed over.
_COUNT: Final = """
WITH told AS (
    SELECT message, channel, status FROM notification WHERE committed_at >= $1 AND campaign_id IS NULL
    UNION ALL
    SELECT message, channel, status FROM notification_archive
    WHERE committed_at >= $1 AND campaign_id IS NULL
    UNION ALL
    SELECT message, channel, status FROM notification_history
    WHERE committed_at >= $1 AND campaign_id IS NULL
), stage AS (
    SELECT message, channel, count(*) AS made,
        count(*) FILTER (WHERE status IN ('created', 'claimed', 'sending', 'held')) AS under_way,
        count(*) FILTER (WHERE status IN ('sent', 'delivered', 'unknown')) AS sent,
        count(*) FILTER (WHERE status = 'delivered') AS delivered,
        count(*) FILTER (WHERE status IN ('failed', 'dead')) AS failed,
        count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
        NULL::bigint AS opened
    FROM told GROUP BY message, channel
    UNION ALL
    SELECT message, $2::text, count(*), 0, count(*), count(*), 0, 0, count(read_at)
    FROM inbox_item WHERE committed_at >= $1 AND campaign_id IS NULL GROUP BY message
)
SELECT * FROM stage ORDER BY max(made) OVER (PARTITION BY message) DESC, message, made DESC, channel
"""


async def _counted(days: int) -> Sequence[Stage]:
    first = datetime.combine(clock.today() - timedelta(days=days - 1), time(), clock.SHANGHAI)
    return [Stage(**row) for row in await db.fetch(_COUNT, first, INBOX)]
