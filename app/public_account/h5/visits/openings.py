"""The free times of a business in a hall, day by day, as pages show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.appointments import queries
from app.domain.appointments.queries import AvailabilityQuestion
from app.kit import clock

DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day with slots that can be booked now; each has ``id, starts_at, ends_at, remaining``."""

    on: date
    slots: list[Any]


async def of_business(hall_id: int, business_id: str) -> list[Day]:
    """The coming days that still have a seat."""
    question = AvailabilityQuestion(hall_id, business_id, clock.today(), DAYS)
    [rows] = await queries.availability([question])
    days: dict[date, Day] = {}
    for row in rows:
        if row["remaining"] > 0:
            days.setdefault(row["on"], Day(row["on"], [])).slots.append(row)
    return list(days.values())


def without(days: list[Day], slot_id: int) -> list[Day]:
    """The same days less a slot that somebody has already."""
    left = [Day(day.on, [slot for slot in day.slots if slot["id"] != slot_id]) for day in days]
    return [day for day in left if day.slots]
