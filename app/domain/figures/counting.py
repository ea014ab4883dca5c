"""Counts the days that are over, so that a year of appointments is read from a few thousand rows."""

from datetime import date, timedelta
from typing import Final

from app.domain.figures.periods import midnight
from app.kit import clock, db

STILL_CHANGING: Final = timedelta(days=14)
"""A day this old and younger is counted anew each time: appointments are closed late, too."""

# Hall by hall, so that the index of a hall's appointments by time leads to the days that are counted.
COUNT: Final = """
WITH counted AS (
    SELECT a.hall_id, local::date AS day, extract(hour FROM local)::smallint AS hour,
        a.status AS outcome, count(*)::int AS number
    FROM hall h JOIN appointment a ON a.hall_id = h.id
    CROSS JOIN LATERAL (SELECT a.starts_at AT TIME ZONE 'Asia/Shanghai' AS local) l
    WHERE a.starts_at >= $1 AND a.starts_at < $2
    GROUP BY 1, 2, 3, 4
), gone AS (
    DELETE FROM appointment_figure f
    WHERE f.day >= $3 AND f.day < $4 AND NOT EXISTS (
        SELECT FROM counted c WHERE c.hall_id = f.hall_id AND c.day = f.day
            AND c.hour = f.hour AND c.outcome = f.outcome)
)
INSERT INTO appointment_figure AS f (hall_id, day, hour, outcome, number)
SELECT c.hall_id, c.day, c.hour, c.outcome, c.number FROM counted c
LEFT JOIN appointment_figure o USING (hall_id, day, hour, outcome)
WHERE o.number IS DISTINCT FROM c.number
ON CONFLICT (hall_id, day, hour, outcome) DO UPDATE SET number = excluded.number
"""

_FIRST_DAY: Final = """
SELECT min(f.starts_at AT TIME ZONE 'Asia/Shanghai')::date FROM hall h
CROSS JOIN LATERAL (SELECT min(a.starts_at) AS starts_at FROM appointment a WHERE a.hall_id = h.id) f
"""


async def count() -> int:
    """Count every day before today that may have changed; answers how many figures are new or another.

    Safe to run anywhere, any time: it counts from the appointments alone and writes what they come to. The
    first time these are all days there are, and after a long pause all days of the pause. Figures of days
    before the first appointment came from elsewhere, and stay.
    """
    today = clock.today()
    async with db.transaction():
        # Of two that count at once the later one would write what the earlier one read.
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('appointment_figure', 0))")
        last: date | None = await db.fetch_value("SELECT max(day) FROM appointment_figure")
        first: date | None = await db.fetch_value(_FIRST_DAY)
        if first is None:
            return 0
        since = first if last is None else max(first, min(last + timedelta(days=1), today - STILL_CHANGING))
        return await db.execute(COUNT, midnight(since), midnight(today), since, today)
