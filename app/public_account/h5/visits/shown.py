"""An appointment as the templates of the pages read it."""

from typing import Any

from app.domain.appointments import house_rules, passes, rules
from app.domain.appointments.models import Appointment, AppointmentStatus
from app.kit import clock, qr


async def shown(appointment: Appointment) -> dict[str, Any]:
    """What pages say of an appointment; whether it may be changed is judged by the hall's rules."""
    house = await house_rules.of_hall(appointment.hall_id)
    cancel_until = rules.cancel_deadline(appointment.starts_at, house.rules.cancel_minutes)
    is_booked = appointment.status is AppointmentStatus.BOOKED
    return {
        "id": appointment.id,
        "number": appointment.number,
        "status": appointment.status,
        "is_active": rules.is_active(appointment.status),
        "is_booked": is_booked,
        "hall": house.hall,
        "business_id": appointment.business_id,
        "business": await house_rules.business_name(appointment.business_id),
        "is_for_enterprise": appointment.enterprise_id is not None,
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "is_today": appointment.starts_at.astimezone(clock.SHANGHAI).date() == clock.today(),
        "check_in_from": rules.check_in_opens(appointment.starts_at, house.rules.early_check_in_minutes),
        "cancel_until": cancel_until,
        "may_change": is_booked and clock.now() <= cancel_until,
    }


def pass_of(appointment: Appointment) -> str | None:
    """The pass as a picture to stand in a page; none where nobody is expected any more."""
    now = clock.now()
    if appointment.status is not AppointmentStatus.BOOKED or now >= appointment.ends_at:
        return None
    return qr.inline(passes.issue(appointment.id, now)[0])
