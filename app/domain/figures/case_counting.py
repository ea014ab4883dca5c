"""Counts the cases of days that are over, by the county of their authority."""

from datetime import date, timedelta
from typing import Final

from app.kit import clock, db

STILL_CHANGING: Final = timedelta(days=62)
"""A day this old and younger is counted anew each time: departments tell of a step weeks after it."""

_BEGINNING: Final = date(2000, 1, 1)

_COUNT: Final = """
WITH bounds AS (
    SELECT $1::date::timestamp AT TIME ZONE 'Asia/Shanghai' AS since,
        $2::date::timestamp AT TIME ZONE 'Asia/Shanghai' AS until
), step AS (
    SELECT accepted_at AS at, number, authority, 1 AS accepted, 0 AS decided, 0 AS on_time, 0 AS late
    FROM case_file, bounds WHERE accepted_at >= since AND accepted_at < until
    UNION ALL
    SELECT decided_at, number, authority, 0, 1, (decided_at <= due_at)::int, (decided_at > due_at)::int
    FROM case_file, bounds WHERE decided_at >= since AND decided_at < until
), counted AS (
    SELECT (at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        coalesce(substr(CASE WHEN length(number) = 43 THEN number ELSE authority END, 3, 6), '') AS region,
        sum(accepted)::int AS accepted, sum(decided)::int AS decided,
        coalesce(sum(on_time), 0)::int AS on_time, coalesce(sum(late), 0)::int AS late
    FROM step GROUP BY 1, 2
), gone AS (
    DELETE FROM case_figure f WHERE f.day >= $1 AND f.day < $2
        AND NOT EXISTS (SELECT FROM counted c WHERE c.day = f.day AND c.region = f.region)
)
INSERT INTO case_figure AS f (day, region, accepted, decided, on_time, late)
SELECT c.* FROM counted c LEFT JOIN case_figure o USING (day, region)
WHERE (o.accepted, o.decided, o.on_time, o.late)
    IS DISTINCT FROM (c.accepted, c.decided, c.on_time, c.late)
ON CONFLICT (day, region) DO UPDATE SET accepted = excluded.accepted, decided = excluded.decided,
    on_time = excluded.on_time, late = excluded.late
"""


async def count() -> int:
    """Count every day before today that may have changed; answers how many figures are new or another.

    Safe to run anywhere, any time: it counts from the cases alone and writes what they come to. The first
    time these are all days there are, and after a long pause all days of the pause.
    """
    today = clock.today()
    async with db.transaction():
        # Of two that count at once the later one would write what the earlier one read.
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('case_figure', 0))")
        last: date | None = await db.fetch_value("SELECT max(day) FROM case_figure")
        since = _BEGINNING if last is None else min(last + timedelta(days=1), today - STILL_CHANGING)
        return await db.execute(_COUNT, since, today)
