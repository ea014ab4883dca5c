"""Keeping releases: what was told of rows that were left out goes when nobody mends the file any more."""

from datetime import timedelta
from typing import Final

from app.kit import clock, db

KEPT: Final = timedelta(days=180)
"""So long after a release was begun its report names the rows; later it only counts them."""
_BATCH: Final = 5000

_FORGET: Final = """
DELETE FROM credit_release_fault WHERE id IN (
    SELECT f.id FROM credit_release p JOIN credit_release_fault f ON f.release_id = p.id
    WHERE p.created_at < $1 LIMIT $2)
"""


async def forget_faults() -> int:
    """Throw away what is older; answers how many rows. For a timed job."""
    gone = 0
    while batch := await db.execute(_FORGET, clock.now() - KEPT, _BATCH):
        gone += batch
    return gone
