"""Sums the counted days of appointments to months, so that years of all halls are read from few rows."""

from datetime import date, timedelta
from typing import Final

from app.kit import clock, db

STILL_CHANGING: Final = timedelta(days=62)
"""The months of the last so many days are summed anew each time, whatever days were counted again."""

_BEGINNING: Final = date(2000, 1, 1)

_SUM: Final = """
WITH summed AS (
    SELECT hall_id, date_trunc('month', day)::date AS month, sum(number)::int AS booked,
        coalesce(sum(number) FILTER (WHERE outcome = 'done'), 0)::int AS served,
        coalesce(sum(number) FILTER (WHERE outcome = 'no_show'), 0)::int AS no_shows
    FROM appointment_figure WHERE day >= $1 GROUP BY 1, 2
), gone AS (
    DELETE FROM hall_month m WHERE m.month >= $1
        AND NOT EXISTS (SELECT FROM summed s WHERE s.hall_id = m.hall_id AND s.month = m.month)
)
INSERT INTO hall_month AS m (hall_id, month, booked, served, no_shows)
SELECT s.* FROM summed s LEFT JOIN hall_month o USING (hall_id, month)
WHERE (o.booked, o.served, o.no_shows) IS DISTINCT FROM (s.booked, s.served, s.no_shows)
ON CONFLICT (month, hall_id) DO UPDATE SET booked = excluded.booked, served = excluded.served,
    no_shows = excluded.no_shows
"""


async def add_up() -> int:
    """Sum every month that may have changed; answers how many sums are new or another.

    Safe to run anywhere, any time. The first time these are all months there are.
    """
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('hall_month', 0))")
        last: date | None = await db.fetch_value("SELECT max(month) FROM hall_month")
        since = _BEGINNING if last is None else min(last, clock.today() - STILL_CHANGING)
        return await db.execute(_SUM, since.replace(day=1))
