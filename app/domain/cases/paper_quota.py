"""How much one person may upload on one day: counted by the database, before anything is looked at."""

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.domain.cases import paper_rules
from app.domain.cases.paper_errors import UploadsUsedUp
from app.kit import clock, crypto, db

# One row a person and day: whoever asks at the same moment waits for it, and what is over stays uncounted.
_COUNT: Final = """
INSERT INTO upload_day AS d (uploader_hash, "on", size) SELECT $1, $2, $3::bigint WHERE $3 <= $4::bigint
ON CONFLICT ("on", uploader_hash) DO UPDATE SET size = d.size + excluded.size
WHERE d.size + excluded.size <= $4
"""
_GIVE_BACK: Final = """
UPDATE upload_day SET size = greatest(size - $3::bigint, 0) WHERE uploader_hash = $1 AND "on" = $2
"""


async def count(person_id: UUID, size: int) -> None:
    """Count so many bytes more of a person today. Raises UploadsUsedUp, and then nothing is counted."""
    if not await db.execute(_COUNT, _uploader(person_id), clock.today(), size, paper_rules.MOST_BYTES_A_DAY):
        raise UploadsUsedUp(retry_after=_till_tomorrow(clock.now()))


async def give_back(person_id: UUID, size: int) -> None:
    """What was counted counts no more: it was not kept, by no fault of the person."""
    await db.execute(_GIVE_BACK, _uploader(person_id), clock.today(), size)


async def forget_past() -> int:
    """Delete the counts of days gone by. For a timed task; answers how many."""
    return await db.execute('DELETE FROM upload_day WHERE "on" < $1', clock.today())


def _uploader(person_id: UUID) -> bytes:
    return crypto.lookup_hash(str(person_id), "uploader")


def _till_tomorrow(now: datetime) -> int:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), clock.SHANGHAI)
    return int((tomorrow - now).total_seconds()) + 1
