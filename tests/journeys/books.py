"""What must agree in the tables after any race, crash or outage."""

from app.kit import db

_WRONG_SLOTS = """
SELECT s.id, s.booked, s.held, s.capacity, count(a.id) AS live FROM slot s
LEFT JOIN appointment a ON a.slot_id = s.id AND a.status IN ('booked', 'checked_in', 'serving')
GROUP BY s.id HAVING s.booked <> count(a.id) OR s.booked + s.held > s.capacity
"""

_WRONG_PEOPLE = """
SELECT b.subject_id, b.active, count(a.id) AS live FROM booking_standing b
LEFT JOIN appointment a ON a.person_id = b.subject_id AND a.status IN ('booked', 'checked_in', 'serving')
GROUP BY b.subject_id HAVING b.active <> count(a.id)
"""

_WRONG_HISTORY = """
SELECT a.id FROM appointment a
WHERE (SELECT count(*) FROM appointment_event e WHERE e.appointment_id = a.id AND e.kind = 'booked') <> 1
   OR (SELECT e.to_status FROM appointment_event e WHERE e.appointment_id = a.id ORDER BY e.id DESC LIMIT 1)
      <> a.status
"""


async def check_books() -> None:
    """Seats, people's counts and history tell the same."""
    for question in (_WRONG_SLOTS, _WRONG_PEOPLE, _WRONG_HISTORY):
        assert [dict(row) for row in await db.fetch(question)] == []
