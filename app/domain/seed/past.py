"""The demonstration's past: what halls did in the two years until the day before it began, as figures alone.

No appointment stands behind them; days from the first appointment on are counted from what people really do.
"""

from datetime import timedelta
from typing import Final

from app.domain.figures import case_counting, counting, months
from app.kit import clock, db

_DAYS: Final = 790  # Two years and the month under way, so that every month told has one a year before it.

# Variety comes from hashes of what a figure is of: the same on every machine, and each year a little more.
_VISITS: Final = """
WITH hour AS (
    SELECT h.id AS hall_id, day::date AS day, hour::smallint AS hour,
        (14 - length(h.region_id)) / 12.0 * (2 + abs(hashtextextended(h.code, 1) % 9)
            + abs(hashtextextended(h.code || day::date || hour, 2) % 6)) AS base,
        1 + 0.09 * (day::date - $1::date) / 365.0 AS growth,
        abs(hashtextextended(h.code || date_trunc('month', day)::date, 3) % 30) / 100.0 AS season
    FROM hall h
    CROSS JOIN generate_series($1::date, $2::date, interval '1 day') AS day
    CROSS JOIN unnest('{9,10,14,15}'::int[]) AS hour
    WHERE extract(isodow FROM day) < 6
)
INSERT INTO appointment_figure (hall_id, day, hour, outcome, number)
SELECT hall_id, day, hour, outcome, number FROM hour
CROSS JOIN LATERAL (SELECT base * growth * (0.85 + season) AS booked) b
CROSS JOIN LATERAL (VALUES
    ('done', round(booked * 0.8)::int),
    ('no_show', (booked * 0.12 * abs(hashtextextended(hall_id::text || day || hour, 4) % 11) / 10)::int),
    ('cancelled', round(booked * 0.12)::int)
) AS told (outcome, number)
WHERE number > 0
"""


async def write() -> None:
    """Count what happened here, and where nothing did write a past once."""
    await counting.count()
    if not await db.fetch_one("SELECT 1 FROM appointment_figure LIMIT 1"):
        today = clock.today()
        await db.execute(_VISITS, today - timedelta(days=_DAYS), today - timedelta(days=1))
    await months.add_up()
    await case_counting.count()
