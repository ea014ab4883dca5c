"""Keeping house: records lapse, questions nobody came back from end, and old requests are forgotten."""

from datetime import timedelta
from typing import Final

from app.kit import clock, db

FORGOTTEN: Final = timedelta(days=180)
"""So long a request is kept, as the call log is; one with an open objection stays until it is answered."""
_GIVEN_UP: Final = timedelta(minutes=10)
_BATCH: Final = 5000

_LAPSE: Final = (
    "UPDATE share_request SET facts_sealed = NULL WHERE facts_sealed IS NOT NULL AND lapses_at <= $1"
)
# Whoever asked died with its process: nobody will write the answer.
_GIVE_UP: Final = """
UPDATE share_request SET state = 'error', error_code = 'given_up', answered_at = $1::timestamptz
WHERE state = 'authorised' AND asked_at < $2
"""
_FORGET: Final = """
DELETE FROM share_request WHERE id IN (
    SELECT r.id FROM share_request r WHERE r.asked_at < $1 AND NOT EXISTS (
        SELECT 1 FROM share_objection o WHERE o.request_id = r.id AND o.state = 'open') LIMIT $2)
"""


async def tidy() -> None:
    """For every few minutes; repeating it does no harm."""
    now = clock.now()
    await db.execute(_LAPSE, now)
    await db.execute(_GIVE_UP, now, now - _GIVEN_UP)


async def forget() -> int:
    """For every night; answers how many requests went."""
    before, gone = clock.now() - FORGOTTEN, 0
    while count := await db.execute(_FORGET, before, _BATCH):
        gone += count
    return gone
