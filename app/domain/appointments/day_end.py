"""The day's end at the counters: whoever is still on their lists next morning is taken off them."""

from datetime import datetime
from uuid import UUID

from app.domain.appointments import history, rules
from app.domain.appointments.models import AT_HAND
from app.kit import audit, clock, db

_BATCH = 200

# The states are written out, word by word as in the index that finds them.
LEFT_OVER = """
SELECT id FROM appointment WHERE status IN ('checked_in', 'serving') AND starts_at < $1
ORDER BY starts_at LIMIT $2
"""

_TURNS = "SELECT count(*) FROM appointment_event WHERE appointment_id = $1 AND kind = 'serving'"


async def close_days() -> int:
    """End what days that are over left open; answers how many. Safe to run anywhere, any time.

    It is held against nobody and nobody is told: they had come.
    """
    closed = 0
    midnight, _ = rules.day_of(clock.now())
    while left := await db.fetch(LEFT_OVER, midnight, _BATCH):
        for row in left:
            closed += await _close(row["id"], midnight)
    return closed


async def _close(appointment_id: UUID, midnight: datetime) -> int:
    async with db.transaction():
        appointment = await history.lock(appointment_id)
        if appointment is None or appointment.status not in AT_HAND or appointment.starts_at >= midnight:
            return 0  # Another worker was quicker, or a clerk who works late.
        turns = await db.fetch_value(_TURNS, appointment_id)
        after = rules.after_the_day(appointment.status, turns)
        await history.move(
            appointment, after, actor=audit.SYSTEM, at=clock.now(), detail={"reason": "day_over"}
        )
    return 1
