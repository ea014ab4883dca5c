"""Counters of campaigns: read as a sum of changes, and folded so that the sum stays short."""

from app.kit import db
from notifications.campaigns.counts import Counts
from notifications.campaigns.models import RecipientState
from notifications.models import Channel

_MOST_AT_ONCE = 50_000


async def counts(campaign_id: int) -> Counts:
    """The counts of a campaign's recipients as of this transaction."""
    rows = await db.fetch(
        "SELECT state, reason, channel, sum(delta)::bigint AS count FROM campaign_tally"
        " WHERE campaign_id = $1 GROUP BY 1, 2, 3 HAVING sum(delta) <> 0",
        campaign_id,
    )
    return Counts(
        {
            (
                RecipientState(row["state"]),
                row["reason"],
                Channel(row["channel"]) if row["channel"] else None,
            ): row["count"]
            for row in rows
        }
    )


async def fold() -> int:
    """Replace changes by their sum; answers how many went. Safe to run in several places at once.

    One statement, so that no reader sees the sum without the changes or with both. What another
    place is folding is skipped; then there are two sums, and the fold of the next change joins them.
    """
    return int(await db.fetch_value(_FOLD, _MOST_AT_ONCE))


_FOLD = """
WITH moved AS (
    SELECT DISTINCT campaign_id FROM campaign_tally WHERE NOT is_folded
), taken AS MATERIALIZED (
    SELECT t.id FROM campaign_tally t JOIN moved m ON m.campaign_id = t.campaign_id
    ORDER BY t.id LIMIT $1 FOR UPDATE OF t SKIP LOCKED
), gone AS (
    DELETE FROM campaign_tally t USING taken WHERE t.id = taken.id RETURNING t.*
), summed AS (
    INSERT INTO campaign_tally (campaign_id, state, reason, channel, delta, is_folded)
    SELECT campaign_id, state, reason, channel, sum(delta), true FROM gone GROUP BY 1, 2, 3, 4
    HAVING sum(delta) <> 0
)
SELECT count(*) FROM gone
"""
