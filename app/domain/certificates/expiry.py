"""Certificates as the days pass: they take effect, are about to expire, and expire; each told once."""

from typing import Final

from app.domain.certificates import rules
from app.kit import clock, db

ENDING: Final = "certificate_ending"
"""The event: ``{certificate_id, state}``, of one that is about to expire or has expired.

Most holders of a province never were here: of theirs there is no event.
"""

_BATCH: Final = 1000
_MOVE: Final = """
WITH due AS (
    SELECT id FROM certificate
    WHERE (state = 'verified' AND valid_from <= $1) OR (state = 'valid' AND valid_until <= $2)
       OR (state = 'expiring' AND valid_until < $1)
    ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
    UPDATE certificate c SET state = CASE WHEN c.valid_until < $1 THEN 'expired'
        WHEN c.valid_until <= $2 THEN 'expiring' ELSE 'valid' END
    FROM due WHERE c.id = due.id RETURNING c.id, c.state, c.holder_kind, c.holder_hash
), told AS (
    INSERT INTO outbox_event (kind, payload)
    SELECT $4, jsonb_build_object('certificate_id', id, 'state', state) FROM moved m
    WHERE state <> 'valid' AND CASE holder_kind WHEN 'person'
        THEN EXISTS (SELECT FROM person WHERE id_number_hash = m.holder_hash AND status = 'active')
        ELSE EXISTS (SELECT FROM enterprise WHERE uscc_hash = m.holder_hash) END
)
SELECT count(*) FROM moved
"""


async def move_on() -> int:
    """Give certificates the state of the day; answers how many. For every night, as often as one likes."""
    today = clock.today()
    moved = 0
    while count := await db.fetch_value(_MOVE, today, today + rules.EXPIRING, _BATCH, ENDING):
        moved += count
    return moved
