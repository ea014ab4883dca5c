"""Coming and not coming: check-in by pass, and no-shows marked when a slot is over."""

from uuid import UUID

from app.domain.appointments import errors, history, house_rules, passes, penalties, rules
from app.domain.appointments.models import Appointment, AppointmentStatus, StrikeKind
from app.kit import clock, db

_BATCH = 200


async def check_in(appointment_id: UUID, person_id: UUID, token: str) -> Appointment:
    """Check in to one's own appointment with its fresh pass."""
    now = clock.now()
    if passes.read(token, now) != appointment_id:
        raise errors.BadPass
    async with db.transaction():
        appointment = await history.lock(appointment_id)
        if appointment is None or appointment.person_id != person_id:
            raise errors.AppointmentNotFound
        house = await house_rules.of_hall(appointment.hall_id)
        rules.check_may_check_in(
            appointment.status,
            appointment.starts_at,
            appointment.ends_at,
            house.rules.early_check_in_minutes,
            now,
        )
        appointment.checked_in_at = now
        await history.move(appointment, AppointmentStatus.CHECKED_IN, actor=f"person:{person_id}", at=now)
    return appointment


def check_may_get_pass(appointment: Appointment) -> None:
    """A pass is for an appointment still to be attended."""
    rules.check_is_booked(appointment.status)


async def mark_no_shows() -> int:
    """Mark every booked appointment whose slot is over; answers how many. Safe to run anywhere, any time."""
    marked = 0
    while batch := await db.fetch(
        # What has ended has started: one index of live appointments by start serves this and reminders.
        "SELECT id FROM appointment WHERE status = 'booked' AND starts_at <= $1 AND ends_at <= $1"
        " ORDER BY starts_at LIMIT $2",
        clock.now(),
        _BATCH,
    ):
        for row in batch:
            marked += await _mark_no_show(row["id"])
    return marked


async def _mark_no_show(appointment_id: UUID) -> int:
    now = clock.now()
    async with db.transaction():
        appointment = await history.lock(appointment_id)
        if (
            appointment is None
            or appointment.status is not AppointmentStatus.BOOKED
            or appointment.ends_at > now
        ):
            return 0  # Someone else was quicker: another worker, or the citizen.
        house = await house_rules.of_hall(appointment.hall_id)
        await history.move(appointment, AppointmentStatus.NO_SHOW, actor="system", at=now)
        await penalties.strike(appointment, StrikeKind.NO_SHOW, house.rules, now)
    return 1
