"""A hall as its manager sees it: counters, businesses, hours and exceptions, also closed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.halls.errors import BlackoutNotFound, BusinessNotFound, CounterNotFound
from app.domain.halls.models import Counter, CounterSkill
from app.kit import clock, db


@dataclass(frozen=True, slots=True)
class Premises:
    """Rows of what belongs to a hall, each as its statement below names it."""

    businesses: Sequence[Any]
    counters: Sequence[Any]
    hours: Sequence[Any]
    special_days: Sequence[Any]
    blackouts: Sequence[Any]

    def all(self) -> Sequence[Sequence[Any]]:
        """Every kind of them."""
        return self.businesses, self.counters, self.hours, self.special_days, self.blackouts


_BUSINESSES = """
SELECT b.code, b.name, coalesce(h.is_active, false) AS is_offered, h.handling_minutes AS own_minutes,
       coalesce(h.handling_minutes, b.handling_minutes) AS minutes
FROM business b LEFT JOIN hall_business h ON h.business_id = b.code AND h.hall_id = $1
ORDER BY b.position, b.code
"""
_COUNTERS = """
SELECT c.id, c.number, c.name, c.is_integrated, c.is_active,
       array_remove(array_agg(b.name ORDER BY b.position), NULL) AS skills
FROM counter c LEFT JOIN counter_skill s ON s.counter_id = c.id LEFT JOIN business b ON b.code = s.business_id
WHERE c.hall_id = $1 GROUP BY c.id ORDER BY c.number
"""
_HOURS = """
SELECT weekday, opens_at, closes_at, valid_from, valid_to FROM opening_hours
WHERE hall_id = $1 AND (valid_to IS NULL OR valid_to >= $2) AND (valid_to IS NULL OR valid_to >= valid_from)
ORDER BY valid_from, weekday, opens_at
"""
_SPECIAL_DAYS = """
SELECT "on", is_closed, opens_at, closes_at, reason FROM hall_exception
WHERE hall_id = $1 AND "on" >= $2 ORDER BY "on", opens_at
"""
_BLACKOUTS = """
SELECT k.id, k.hall_id, b.name AS business_name, k."on", k.is_first_workday, k.day_of_month, k.half, k.reason
FROM blackout k LEFT JOIN business b ON b.code = k.business_id
WHERE (k.hall_id = $1::bigint OR k.hall_id IS NULL) AND (k."on" IS NULL OR k."on" >= $2)
ORDER BY k."on" NULLS FIRST, k.id
"""


async def premises_of(hall_id: int) -> Premises:
    """All that a hall consists of; days that are over are left out."""
    today = clock.today()
    return Premises(
        businesses=await db.fetch(_BUSINESSES, hall_id),
        counters=await db.fetch(_COUNTERS, hall_id),
        hours=await db.fetch(_HOURS, hall_id, today),
        special_days=await db.fetch(_SPECIAL_DAYS, hall_id, today),
        blackouts=await db.fetch(_BLACKOUTS, hall_id, today),
    )


async def business_of(hall_id: int, code: str) -> Any:
    """A business as a hall offers it, or would. Raises BusinessNotFound."""
    found = next((row for row in await db.fetch(_BUSINESSES, hall_id) if row["code"] == code), None)
    if found is None:
        raise BusinessNotFound
    return found


async def counter_of(hall_id: int, counter_id: int) -> tuple[Counter, list[str]]:
    """A counter of a hall and the codes it takes. Raises CounterNotFound also for another hall's."""
    counter = await Counter.get_or_none(id=counter_id, hall_id=hall_id)
    if counter is None:
        raise CounterNotFound
    skills = CounterSkill.filter(counter_id=counter_id).values_list("business_id", flat=True)
    return counter, [str(code) for code in await skills]


async def blackout_of(hall_id: int, blackout_id: int) -> Any:
    """A blackout of a hall of its own. Raises BlackoutNotFound also for one of every hall."""
    rows = await db.fetch(_BLACKOUTS, hall_id, clock.today())
    found = next((row for row in rows if row["id"] == blackout_id and row["hall_id"] is not None), None)
    if found is None:
        raise BlackoutNotFound
    return found


async def blackouts_everywhere() -> Sequence[Any]:
    """The blackouts of every hall together."""
    return await db.fetch(_BLACKOUTS, None, clock.today())


async def blackout_everywhere(blackout_id: int) -> Any:
    """A blackout of every hall. Raises BlackoutNotFound also for a hall's own."""
    found = next((row for row in await blackouts_everywhere() if row["id"] == blackout_id), None)
    if found is None:
        raise BlackoutNotFound
    return found
