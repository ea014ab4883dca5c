"""Coming and not coming: check-in by pass or at a counter, and no-shows marked when a slot is over."""

import re
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.staff import StaffMember
from app.domain.appointments import errors, history, house_rules, passes, penalties, posts, rules
from app.domain.appointments.models import AT_HAND, Appointment, AppointmentStatus, StrikeKind
from app.kit import audit, clock, db

_BATCH = 200
_DIGITS: Final = re.compile(r"[0-9]{4,8}")


async def check_in(appointment_id: UUID, person_id: UUID, token: str) -> Appointment:
    """Check in to one's own appointment with its fresh pass."""
    now = clock.now()
    if passes.read(token, now) != appointment_id:
        raise errors.BadPass
    async with db.transaction():
        appointment = await history.lock(appointment_id)
        if appointment is None or appointment.person_id != person_id:
            raise errors.AppointmentNotFound
        await _check_in(appointment, f"person:{person_id}", now)
    return appointment


async def check_in_at_counter(member: StaffMember, hall_id: int, said: str) -> Appointment:
    """Check somebody in who stands at a counter with a fresh pass, or tells their number.

    A number may be told by its last four digits or more, as long as only one of the day ends so. Raises
    HallNotFound, BadPass, NumberUnknown, NumberUnclear, BookedElsewhere, AlreadyCheckedIn, NotActive,
    CheckInNotOpen or CheckInOver.
    """
    hall, now = await posts.hall_for(member, hall_id), clock.now()
    text = re.sub(r"\s", "", said)
    told = await _id_of_number(hall.id, text, now) if _DIGITS.fullmatch(text) else passes.read(text, now)
    async with db.transaction():
        appointment = await history.lock(told)
        if appointment is None:
            raise errors.NumberUnknown
        if appointment.hall_id != hall.id:
            raise errors.BookedElsewhere
        if appointment.status in AT_HAND:
            raise errors.AlreadyCheckedIn
        # Whoever was checked in by a clerk is told, so that nobody is checked in behind their back.
        await _check_in(appointment, member.caller_id, now, announce={})
        await audit.record(
            member.caller_id, "appointment.checked_in", f"appointment:{appointment.id}", hall_id=hall.id
        )
    return appointment


async def _id_of_number(hall_id: int, digits: str, now: datetime) -> UUID:
    """The appointment of today whose number ends so; one that can still come goes before one that is over."""
    since, until = rules.day_of(now)
    rows = await db.fetch(
        "SELECT id, status = 'booked' AS is_awaited FROM appointment"
        " WHERE hall_id = $1 AND starts_at >= $2 AND starts_at < $3 AND right(number, $4) = $5"
        " ORDER BY updated_at DESC LIMIT 50",
        hall_id, since, until, len(digits), digits,
    )  # fmt: skip
    found = [row["id"] for row in rows if row["is_awaited"]] or [row["id"] for row in rows[:1]]
    if not found:
        raise errors.NumberUnknown
    if len(found) > 1:
        raise errors.NumberUnclear
    told: UUID = found[0]
    return told


async def _check_in(
    appointment: Appointment, actor: str, now: datetime, *, announce: dict[str, Any] | None = None
) -> None:
    """Take a locked appointment to the waiting ones, within the hall's time for it."""
    house = await house_rules.of_hall(appointment.hall_id)
    rules.check_may_check_in(
        appointment.status,
        appointment.starts_at,
        appointment.ends_at,
        house.rules.early_check_in_minutes,
        now,
    )
    appointment.checked_in_at = now
    await history.move(appointment, AppointmentStatus.CHECKED_IN, actor=actor, at=now, announce=announce)


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
