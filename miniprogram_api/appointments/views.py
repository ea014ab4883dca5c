"""An appointment as the mini-program sees it, and as a calendar or a picture."""

import io
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import segno
from icalendar import Alarm, Calendar, Event

from app.domain.appointments import house_rules, rules
from app.domain.appointments.booking import Booked
from app.domain.appointments.models import Appointment
from app.domain.appointments.rules import cancel_deadline
from app.kit import clock


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


async def calendar_file(appointment: Appointment) -> bytes:
    """The appointment as iCalendar (RFC 5545), with an alarm two hours before."""
    seen = await view(appointment)
    event = Event()
    event.add("uid", f"{appointment.id}@weiban")
    event.add("dtstamp", clock.now())
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", f"办理{seen['business']['name']}（预约号 {appointment.number}）")
    event.add("location", f"{seen['hall'].name} {seen['hall'].address}")
    event.add("status", "CONFIRMED" if rules.is_active(appointment.status) else "CANCELLED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", -timedelta(hours=2))
    event.add_component(alarm)
    file = Calendar()
    file.add("prodid", "-//Weiban//Appointments//ZH")
    file.add("version", "2.0")
    file.add_component(event)
    written: bytes = file.to_ical()
    return written


def qr_image(token: str) -> bytes:
    """A pass as a QR code, SVG, error correction M."""
    out = io.BytesIO()
    segno.make(token, error="m", micro=False).save(out, kind="svg", scale=8, border=4)
    return out.getvalue()


def file_name(appointment_id: UUID) -> str:
    return f"appointment-{appointment_id}.ics"
