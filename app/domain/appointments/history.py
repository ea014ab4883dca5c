"""Every transition of an appointment: the new state, its event row and its outbox event, together."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from app.domain.appointments.models import ACTIVE, Appointment, AppointmentStatus
from app.domain.appointments.rules import TRANSITIONS
from app.kit import db, outbox


async def lock(appointment_id: UUID, *, new_slot_id: int | None = None) -> Appointment | None:
    """The appointment with its slot, its holder's standing and itself locked, in the order of ``book_seats``.

    One order everywhere (slots by id, standings by subject, then appointments) is what keeps
    bookings, cancellations and moves from ever waiting for each other in a circle.
    """
    while True:
        seen = await Appointment.get_or_none(id=appointment_id)
        if seen is None:
            return None
        slots = sorted({seen.slot_id, new_slot_id or seen.slot_id})
        await db.execute("SELECT 1 FROM slot WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", slots)
        await db.execute(
            "SELECT 1 FROM booking_standing WHERE subject_id = ANY ($1)"
            " ORDER BY subject_id FOR NO KEY UPDATE",
            sorted({seen.person_id, seen.subject_id}),
        )
        found = await Appointment.filter(id=appointment_id).select_for_update().first()
        if found is None or found.slot_id == seen.slot_id:
            return found


async def move(
    appointment: Appointment,
    to: AppointmentStatus,
    *,
    actor: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
    announce: dict[str, Any] | None = None,
) -> None:
    """Take a locked appointment to its next state and write its history.

    ``announce`` adds to the outbox event ``appointment_<state>``; ``None`` means nobody is told.
    """
    before = appointment.status
    if to not in TRANSITIONS.get(before, frozenset()):
        raise ValueError(f"an appointment cannot go from {before} to {to}")
    appointment.status, appointment.updated_at = to, at
    await appointment.save(update_fields=["status", "updated_at", "checked_in_at"])
    if to not in ACTIVE:
        await db.execute(
            "UPDATE booking_standing SET active = active - 1 WHERE subject_id = $1", appointment.person_id
        )
    await write(appointment.id, to.value, before, to, actor=actor, at=at, detail=detail)
    if announce is not None:
        await outbox.emit(f"appointment_{to.value}", {"appointment_id": str(appointment.id), **announce})


async def write(
    appointment_id: UUID,
    kind: str,
    before: AppointmentStatus | None,
    after: AppointmentStatus,
    *,
    actor: str,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one row to the history."""
    await db.execute(
        "INSERT INTO appointment_event (appointment_id, kind, from_status, to_status, actor, detail, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        appointment_id, kind, before.value if before else None, after.value, actor,
        orjson.dumps(detail).decode() if detail else None, at,
    )  # fmt: skip
