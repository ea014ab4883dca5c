"""Which campaigns stand still, for whoever has their messages in hand."""

from app.kit import db

_STOPPED = "SELECT id FROM campaign WHERE closed_at IS NULL AND state IN ('paused', 'cancelled', 'expired')"


async def campaigns() -> frozenset[int]:
    """The paused ones, and those that were ended and still have messages on the way."""
    return frozenset(row["id"] for row in await db.fetch(_STOPPED))
