"""Halls with rules, slots and people who may book them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.accounts.models import IdentityLevel, Person
from app.domain.appointments.allocator import SeatRequest
from app.domain.appointments.models import BookingRules, Slot
from app.domain.appointments.rules import half_day_of
from app.domain.halls.models import Business, Hall, HallBusiness, Region
from app.kit import clock, db
from app.kit.ids import uuid7

BUSINESS = "INVOICE"


async def make_person(level: IdentityLevel = IdentityLevel.WX_BOUND) -> UUID:
    """Somebody who may book."""
    return (await Person.create(id=uuid7(), level=level)).id


async def make_hall(code: str = "TH", **rules: Any) -> Hall:
    """A hall that takes bookings for ``BUSINESS``; ``rules`` are its booking rules."""
    region, _ = await Region.get_or_create(
        code="440106", defaults={"name": "天河区", "level": 3, "pinyin": "tian he qu", "initials": "thq"}
    )
    business, _ = await Business.get_or_create(
        code=BUSINESS,
        defaults={"name": "发票业务", "pinyin": "fa piao ye wu", "initials": "fpyw", "handling_minutes": 10},
    )
    hall = await Hall.create(
        code=code, name="天河区办税服务厅", pinyin="", initials="", region=region, address="天河路 1 号",
        phone="020-00000000", latitude="23.125", longitude="113.361",
    )  # fmt: skip
    await HallBusiness.create(hall=hall, business=business)
    await BookingRules.create(hall=hall, **{"active_limit": 3, **rules})
    return hall


async def make_slot(
    hall: Hall, capacity: int = 1, *, starts_at: datetime | None = None, **values: Any
) -> Slot:
    """A slot that may be booked now; by default it starts tomorrow at ten."""
    start = starts_at or tomorrow_at(10)
    return await Slot.create(**{
        "hall": hall, "business_id": BUSINESS, "on": start.date(), "half_day": half_day_of(start),
        "starts_at": start, "ends_at": start + timedelta(minutes=30),
        "bookable_from": clock.now() - timedelta(days=1),
        "bookable_until": start - timedelta(minutes=30), "capacity": capacity, "onsite_capacity": 1, **values,
    })  # fmt: skip


def tomorrow_at(hour: int, minute: int = 0) -> datetime:
    """A full hour of tomorrow in Beijing."""
    return (clock.now() + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)


def seat(slot: Slot, person_id: UUID, **values: Any) -> SeatRequest:
    """A request for a seat as the mini-program makes it."""
    return SeatRequest(**{
        "slot_id": slot.id, "business_id": BUSINESS, "person_id": person_id, "level": IdentityLevel.WX_BOUND,
        "enterprise_id": None, "items": (), "channel": "MP", **values,
    })  # fmt: skip


_PAST = """
INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id, starts_at, ends_at,
                         half_day, status, items, channel, created_at, updated_at)
SELECT uuidv7(), lpad(g::text, 8, '0'), s.id, s.hall_id, s.business_id, $2, $2, s.starts_at, s.ends_at,
       s.half_day, 'done', '[]', 'MP', now(), now()
FROM slot s, generate_series(1, $3) g WHERE s.id = $1
"""


async def make_past(hall: Hall, count: int) -> None:
    """So many appointments of one time that are done, numbered from 1, known to the planner."""
    slot, person_id = await make_slot(hall), await make_person()
    await db.execute(_PAST, slot.id, person_id, count)
    await db.execute("ANALYZE appointment")
