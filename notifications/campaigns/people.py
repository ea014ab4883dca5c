"""The recipients of campaigns as rows of persons: who is merged, who exports their data, who leaves."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.audiences import parts
from app.kit import clock, db

# Where both are recipients of one campaign, the absorbed one's row stays where it is.
_ONCE: Final = (
    "NOT EXISTS (SELECT 1 FROM campaign_recipient k WHERE k.person_id = $1"
    " AND k.campaign_id = campaign_recipient.campaign_id)"
)
_TOLD: Final = (
    "SELECT person_id FROM campaign_recipient WHERE campaign_id = ANY ({})"
    " AND state NOT IN ('pending', 'cancelled')"
)


def register() -> None:
    """Make the recipients known to the areas below."""
    merging.register("campaign_recipients", merging.Rows("campaign_recipient", key="campaign_id", only=_ONCE))
    portability.register("campaigns", export)
    portability.before_deletion("campaigns", forget)
    parts.introduce("told_by_campaign", _TOLD)


async def export(person_id: UUID) -> Sequence[dict[str, object]]:
    """The campaigns a person was told of."""
    rows = await db.fetch(
        "SELECT c.name, c.launched_at, r.state, r.channel, r.because, r.params::text, r.settled_at"
        " FROM campaign_recipient r JOIN campaign c ON c.id = r.campaign_id"
        " WHERE r.person_id = $1 AND r.state NOT IN ('pending', 'cancelled') ORDER BY c.id",
        person_id,
    )
    return [dict(row) for row in rows]


async def forget(person_id: UUID) -> None:
    """Whoever leaves is told of nothing more, and what was told of them alone is removed; the counts stay."""
    await db.execute(
        "UPDATE campaign_recipient SET params = NULL, because = '',"
        " reason = CASE WHEN state = 'pending' THEN 'gone' ELSE reason END,"
        " settled_at = CASE WHEN state = 'pending' THEN $2 ELSE settled_at END,"
        " state = CASE WHEN state = 'pending' THEN 'cancelled' ELSE state END"
        " WHERE person_id = $1",
        person_id,
        clock.now(),
    )
