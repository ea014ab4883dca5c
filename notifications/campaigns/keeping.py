"""What is kept of campaigns: the facts of single people go with the content of their messages.

Who was told, when and how it ended stays, as the counters do.
"""

from typing import Final
from uuid import UUID

from app.kit import clock, db
from notifications.retention import WITH_CONTENT

_PAGE: Final = 20_000


async def reduce() -> int:
    """Reduce campaigns that ended 90 days ago; answers how many. Safe to repeat.

    Gone are each recipient's own facts, and the samples and faults of the dry run, which show them.
    """
    campaigns = await db.fetch(_OLD, clock.now() - WITH_CONTENT)
    for campaign in campaigns:
        after: UUID | None = UUID(int=0)
        while after is not None:
            after = await db.fetch_value(_FORGET, campaign["id"], after, _PAGE)
        await db.execute(_NOTE, campaign["id"])
    return len(campaigns)


_OLD: Final = """
SELECT id FROM campaign WHERE closed_at < $1 AND dry_run IS NOT NULL AND NOT dry_run ? 'is_reduced'
ORDER BY id
"""
_FORGET: Final = """
WITH page AS MATERIALIZED (
    SELECT person_id FROM campaign_recipient WHERE campaign_id = $1 AND person_id > $2
    ORDER BY person_id LIMIT $3
), gone AS (
    UPDATE campaign_recipient r SET params = NULL FROM page p
    WHERE r.campaign_id = $1 AND r.person_id = p.person_id AND r.params IS NOT NULL
)
SELECT person_id FROM page ORDER BY person_id DESC LIMIT 1
"""
_NOTE: Final = """
UPDATE campaign SET dry_run = dry_run || '{"samples": [], "faults": [], "is_reduced": true}' WHERE id = $1
"""
