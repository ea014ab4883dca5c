"""What a slot offers, as somebody sees it before booking."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.appointments import house_rules
from app.domain.appointments.errors import OtherBusiness, SlotNotFound
from app.domain.appointments.models import Slot
from app.domain.halls.models import Hall
from app.kit import clock


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot with its hall; ``remaining`` seats, of which none can be had unless ``is_bookable``."""

    slot_id: int
    hall: Hall
    business_id: str
    business_name: str
    starts_at: datetime
    ends_at: datetime
    remaining: int
    is_bookable: bool


async def offer(slot_id: int, business_id: str) -> Offer:
    """One slot for one business. Raises SlotNotFound, OtherBusiness, HallNotBookable."""
    slot = await Slot.get_or_none(id=slot_id)
    if slot is None:
        raise SlotNotFound
    if slot.business_id != business_id:
        raise OtherBusiness
    house, now = await house_rules.of_hall(slot.hall_id), clock.now()
    remaining = max(slot.capacity - slot.booked - slot.held, 0)
    return Offer(
        slot_id=slot.id,
        hall=house.hall,
        business_id=business_id,
        business_name=await house_rules.business_name(business_id),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        remaining=remaining,
        is_bookable=slot.is_open and slot.bookable_from <= now < slot.bookable_until and remaining > 0,
    )
