"""An appointment as a file that calendars take in: iCalendar (RFC 5545), with an alarm two hours before."""

from datetime import UTC, timedelta
from typing import Final
from uuid import UUID

from app.domain.appointments import house_rules, rules
from app.domain.appointments.models import Appointment
from app.domain.halls.models import Hall
from app.kit import clock, press

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_ALARM: Final = timedelta(hours=2)


async def calendar_file(appointment: Appointment) -> bytes:
    """The file; what it says of a cancelled appointment takes it out of the calendar again."""
    house = await house_rules.of_hall(appointment.hall_id)
    business = await house_rules.business_name(appointment.business_id)
    return await press.made(lambda: _written(appointment, house.hall, business))


def _written(appointment: Appointment, hall: Hall, business: str) -> bytes:
    from icalendar import Alarm, Calendar, Event  # See app.kit.press.

    event = Event()
    event.add("uid", f"{appointment.id}@weiban")
    event.add("dtstamp", clock.now())
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", f"办理{business}（预约号 {appointment.number}）")
    event.add("location", f"{hall.name} {hall.address}")
    event.add("status", "CONFIRMED" if rules.is_active(appointment.status) else "CANCELLED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", -_ALARM)
    event.add_component(alarm)
    file = Calendar()
    file.add("prodid", "-//Weiban//Appointments//ZH")
    file.add("version", "2.0")
    file.add_component(event)
    written: bytes = file.to_ical()
    return written


def file_name(appointment_id: UUID) -> str:
    """How the file is called."""
    return f"appointment-{appointment_id}.ics"
