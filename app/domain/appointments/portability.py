"""A person's own bookings when they take their data along, and what their leaving asks first."""

from uuid import UUID

from app.domain.accounts import portability
from app.domain.appointments.models import ACTIVE, Appeal, Appointment, Ban, Strike
from app.kit import db
from app.kit.errors import Refused


class HasActiveAppointments(Refused):
    code = "has_active_appointments"
    message = "您还有未办理的预约，请先取消预约再注销账号"


async def export(person_id: UUID) -> object:
    """Everything kept of a person's bookings."""
    return {
        "appointments": await Appointment.filter(person_id=person_id).values(
            "id",
            "number",
            "hall_id",
            "business_id",
            "enterprise_id",
            "starts_at",
            "status",
            "items",
            "created_at",
        ),
        "strikes": await Strike.filter(subject_id=person_id).values(
            "appointment_id", "kind", "at", "excused_at"
        ),
        "bans": await Ban.filter(subject_id=person_id).values("reason", "starts_at", "ends_at", "lifted_at"),
        "appeals": await Appeal.filter(person_id=person_id).values("text", "status", "answer", "created_at"),
    }


async def leave(person_id: UUID) -> None:
    """Refuse while a seat is promised; then clear what the person wrote in their own words.

    Appointments stay as records of the hall's work, tied to a person nobody can name any more.
    """
    # Every booking locks this row first: none can slip in while we look, and none comes after.
    await db.execute(
        "INSERT INTO booking_standing (subject_id, active, banned_until) VALUES ($1, 0, 'infinity')"
        " ON CONFLICT (subject_id) DO UPDATE SET banned_until = 'infinity'",
        person_id,
    )
    if await Appointment.filter(person_id=person_id, status__in=ACTIVE).exists():
        raise HasActiveAppointments
    await Appeal.filter(person_id=person_id).update(text="（已注销）")
    await db.execute("UPDATE appointment SET items = '[]' WHERE person_id = $1", person_id)


def register() -> None:
    """Make both known to the accounts area."""
    portability.register("bookings", export)
    portability.before_deletion("bookings", leave)
