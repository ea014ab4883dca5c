"""Booking rules, hall and business names, kept a few seconds in the process: they change by hand."""

import time
from dataclasses import dataclass

from app.domain.appointments.errors import HallNotBookable
from app.domain.appointments.models import BookingRules
from app.domain.halls.models import Business, Hall

_FRESH_S = 5.0


@dataclass(frozen=True, slots=True)
class HouseRules:
    """What one hall says of itself and of booking in it."""

    hall: Hall
    rules: BookingRules


class _Shelf:
    """The last reading and when it was taken."""

    def __init__(self) -> None:
        self.read_at = float("-inf")
        self.halls: dict[int, HouseRules] = {}
        self.businesses: dict[str, str] = {}

    async def fresh(self) -> "_Shelf":
        if time.monotonic() - self.read_at > _FRESH_S:
            await self.read()
        return self

    async def read(self) -> None:
        rules = {row.hall_id: row for row in await BookingRules.all()}
        self.halls = {
            hall.id: HouseRules(hall, rules[hall.id]) for hall in await Hall.all() if hall.id in rules
        }
        self.businesses = {row.code: row.name for row in await Business.all()}
        self.read_at = time.monotonic()


_shelf = _Shelf()


async def of_hall(hall_id: int) -> HouseRules:
    """The rules of a hall; a hall without rules takes no bookings."""
    shelf = await _shelf.fresh()
    if hall_id not in shelf.halls:
        await shelf.read()
    if hall_id not in shelf.halls:
        raise HallNotBookable
    return shelf.halls[hall_id]


async def business_name(code: str) -> str:
    """The name of a business; its code where it has none any more."""
    return (await _shelf.fresh()).businesses.get(code, code)


def forget() -> None:
    """Read anew at the next question; whoever changes rules calls it."""
    _shelf.read_at = float("-inf")
