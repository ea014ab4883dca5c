"""How busy halls are right now: who waits there, and when seats are free; for lists of halls."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from app.kit import clock, db
from app.kit.batching import Batcher

DAYS: Final = 7
"""How far ahead free seats are looked for."""


@dataclass(frozen=True, slots=True)
class Busyness:
    """``waiting`` have checked in and are not called yet; seats are those that can be booked now."""

    waiting: int
    free_today: int
    next_free_on: date | None
    free_then: int


# Business by business, so that the key of slots leads to the days asked for and reads no others.
_DAY_BY_DAY: Final = """
SELECT h.id AS hall_id, s."on",
       sum(s.capacity - s.booked - s.held) FILTER (
           WHERE s.is_open AND s.bookable_from <= $2 AND s.bookable_until > $2)::int AS free,
       coalesce(sum(w.waiting), 0)::int AS waiting
FROM unnest($1::bigint[]) AS h (id)
JOIN hall_business b ON b.hall_id = h.id AND b.is_active
JOIN slot s ON s.hall_id = h.id AND s.business_id = b.business_id AND s.starts_at >= $3 AND s.starts_at < $4
LEFT JOIN LATERAL (
    SELECT count(*) AS waiting FROM appointment a
    WHERE a.slot_id = s.id AND a.status = 'checked_in'
) w ON s.booked > 0 AND s."on" = $5
GROUP BY h.id, s."on" ORDER BY h.id, s."on"
"""


async def at_halls(hall_ids: Sequence[int]) -> list[Busyness]:
    """The busyness of these halls, in their order; what is asked at the same time is read together."""
    return await asyncio.gather(*(_of_hall(hall_id) for hall_id in hall_ids))


async def _read(hall_ids: list[int]) -> list[Busyness]:
    now, today = clock.now(), clock.today()
    midnight = datetime.combine(today, datetime.min.time(), clock.SHANGHAI)
    rows = await db.fetch(_DAY_BY_DAY, hall_ids, now, midnight, midnight + timedelta(days=DAYS), today)
    days: dict[int, list[tuple[date, int, int]]] = {}
    for row in rows:
        days.setdefault(row["hall_id"], []).append((row["on"], row["free"] or 0, row["waiting"]))
    return [_busyness(days.get(hall_id, []), today) for hall_id in hall_ids]


def _busyness(days: Sequence[tuple[date, int, int]], today: date) -> Busyness:
    free = [(on, seats) for on, seats, _ in days if seats > 0]
    later = next(((on, seats) for on, seats in free if on > today), (None, 0))
    return Busyness(
        waiting=sum(waiting for _, _, waiting in days),
        free_today=sum(seats for on, seats in free if on == today),
        next_free_on=later[0],
        free_then=later[1],
    )


_of_hall: Batcher[int, Busyness] = Batcher(_read)
