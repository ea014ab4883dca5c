"""An appointment as the mini-program sees it, and its pass as a picture."""

import io
from typing import Any

import segno

from app.domain.appointments import house_rules, rules
from app.domain.appointments.booking import Booked
from app.domain.appointments.models import Appointment
from app.domain.appointments.rules import cancel_deadline


async def view(appointment: Appointment | Booked) -> dict[str, Any]:
    """What ``AppointmentView`` dumps."""
    house = await house_rules.of_hall(appointment.hall_id)
    business = await house_rules.business_name(appointment.business_id)
    return {
        "id": appointment.id,
        "number": appointment.number,
        "status": appointment.status,
        "hall": house.hall,
        "business": {"code": appointment.business_id, "name": business},
        "enterprise_id": appointment.enterprise_id,
        "items": appointment.items,
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "cancel_until": cancel_deadline(appointment.starts_at, house.rules.cancel_minutes),
        "check_in_from": rules.check_in_opens(appointment.starts_at, house.rules.early_check_in_minutes),
        "created_at": appointment.created_at,
    }


def qr_image(token: str) -> bytes:
    """A pass as a QR code, SVG, error correction M."""
    out = io.BytesIO()
    segno.make(token, error="m", micro=False).save(out, kind="svg", scale=8, border=4)
    return out.getvalue()
