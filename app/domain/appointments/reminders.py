"""Reminders: the day before and two hours before, each once for each time an appointment has."""

from app.kit import clock, db

# The claim row and the event are written by one statement, so a reminder is issued once however
# many workers look. An appointment made inside the last two hours needs no reminder of itself.
_ISSUE = """
WITH due AS (
    SELECT a.id, k.kind, a.starts_at FROM appointment a
    CROSS JOIN (VALUES ('day_before', interval '24 hours', interval '3 hours'),
                       ('two_hours', interval '2 hours', interval '0')) AS k (kind, ahead, least)
    WHERE a.status = 'booked' AND a.starts_at > $1 AND a.starts_at <= $1 + interval '24 hours'
      AND a.starts_at > $1 + k.least AND a.starts_at <= $1 + k.ahead
      AND a.created_at < a.starts_at - k.ahead AND a.updated_at < a.starts_at - k.ahead
), claimed AS (
    INSERT INTO appointment_reminder (appointment_id, kind, starts_at)
    SELECT id, kind, starts_at FROM due ON CONFLICT DO NOTHING RETURNING appointment_id, kind
)
INSERT INTO outbox_event (kind, payload)
SELECT 'appointment_reminded', jsonb_build_object('appointment_id', appointment_id, 'reminder', kind)
FROM claimed
"""


async def issue() -> int:
    """Issue every reminder that is due; answers how many."""
    return await db.execute(_ISSUE, clock.now())
