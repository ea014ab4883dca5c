"""Keeping house among the files of cases: what was never handed in goes, and then what nobody refers to."""

import logging
from datetime import timedelta
from typing import Final

from app.domain.cases import paper_quota
from app.domain.cases.materials import ROOM
from app.kit import clock, db, files
from app.kit.files import StoreDown

log = logging.getLogger(__name__)

UNWANTED_AFTER: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(days=90)
LET_GO_AFTER: Final = timedelta(days=1)
"""An upload under way has its file before its row; a day is longer than any upload."""

_BATCH: Final = 500
# Not handed in, and either the case asks no more, or nobody came back for months. What is being handed in
# at this moment is looked at again once it is.
_DROP = """
DELETE FROM case_material WHERE handed_in_seq IS NULL AND id IN (
    SELECT m.id FROM case_material m
    WHERE m.handed_in_seq IS NULL AND m.uploaded_at < $1 AND (m.uploaded_at < $2 OR NOT EXISTS (
        SELECT 1 FROM case_file c WHERE c.number = m.case_number AND c.state = 'supplement'))
    ORDER BY m.uploaded_at LIMIT $3)
"""
_LOOSE = """
SELECT sha256 FROM case_upload WHERE materials = 0 AND touched_at < $1 ORDER BY touched_at LIMIT $2
"""
# Whoever uploads the same bytes meanwhile waits for this row, and then keeps them anew.
_CLAIM = "DELETE FROM case_upload WHERE sha256 = $1 AND materials = 0 AND touched_at < $2"


async def tidy() -> int:
    """Remove uploads nobody handed in and files no material refers to. For a timed task; answers how many."""
    now = clock.now()
    await paper_quota.forget_past()
    while await db.execute(_DROP, now - UNWANTED_AFTER, now - FORGOTTEN_AFTER, _BATCH):
        pass
    gone, store = 0, files.store(ROOM)
    try:
        while loose := await db.fetch(_LOOSE, now - LET_GO_AFTER, _BATCH):
            for row in loose:
                async with db.transaction():
                    if await db.execute(_CLAIM, row["sha256"], now - LET_GO_AFTER):
                        await store.delete(row["sha256"])
                        gone += 1
    except StoreDown:
        log.warning("the store keeps files nobody refers to: it is down")
    return gone
