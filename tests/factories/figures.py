"""Appointments of days that are over, as history has them."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from app.domain.appointments.models import Appointment, AppointmentStatus, Slot
from app.domain.appointments.rules import half_day_of
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit.ids import uuid7
from tests.factories.appointments import BUSINESS, make_person, make_slot

MONDAY = date(2026, 3, 2)
"""A day long over."""


async def attend(hall: Hall, day: date, hour: int, status: AppointmentStatus, *, minute: int = 0) -> UUID:
    """An appointment that began then and came to this."""
    starts_at = datetime.combine(day, time(hour, minute), clock.SHANGHAI)
    slot = await Slot.get_or_none(hall_id=hall.id, business_id=BUSINESS, starts_at=starts_at)
    slot = slot or await make_slot(hall, 9, starts_at=starts_at, bookable_from=starts_at - timedelta(days=9))
    person_id, made_id = await make_person(), uuid7()
    await Appointment.create(
        id=made_id, number=f"{made_id.int % 10**8:08}", slot=slot, hall_id=hall.id, business_id=BUSINESS,
        person_id=person_id, subject_id=person_id, starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30), half_day=half_day_of(starts_at), status=status, items=[],
        channel="MP", created_at=starts_at - timedelta(days=1), updated_at=starts_at,
    )  # fmt: skip
    return made_id
