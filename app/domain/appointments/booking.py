"""The stories of booking: hold, book, cancel, move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg.exceptions import UniqueViolationError
from tortoise.exceptions import IntegrityError

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments import errors, history, house_rules, penalties, rules, seats
from app.domain.appointments.allocator import SeatRequest, allocator
from app.domain.appointments.models import ACTIVE, Appointment, AppointmentStatus, Slot, StrikeKind
from app.domain.appointments.rules import SeatFacts
from app.kit import clock, db, outbox
from app.kit.ids import uuid7

HOLD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking just made, or the one an earlier try with the same key made."""

    id: UUID
    number: str
    status: AppointmentStatus
    hall_id: int
    business_id: str
    enterprise_id: UUID | None
    items: Sequence[str]
    starts_at: datetime
    ends_at: datetime
    created_at: datetime


async def book(request: SeatRequest) -> Booked | Appointment:
    """Take a seat. Every rule is judged and every row written by one statement for all who ask together.

    Raises what ``rules.REFUSALS`` lists.
    """
    answer = await allocator.take(request)
    rules.refuse(answer.verdict)
    if answer.verdict == "same":
        return await Appointment.get(id=answer.appointment_id)
    return Booked(
        id=answer.appointment_id,
        number=answer.number,
        status=AppointmentStatus.BOOKED,
        hall_id=answer.hall_id,
        business_id=request.business_id,
        enterprise_id=request.enterprise_id,
        items=request.items,
        starts_at=answer.starts_at,
        ends_at=answer.ends_at,
        created_at=answer.decided_at,
    )


async def hold(
    slot_id: int, business_id: str, person_id: UUID, level: IdentityLevel
) -> tuple[UUID, datetime]:
    """Set a seat aside for a person for five minutes; answers the hold's id and its end.

    One hold a person: a seat held is a seat nobody else can have.
    """
    now = clock.now()
    await seats.return_expired([slot_id])
    async with db.transaction():
        slot = await Slot.filter(id=slot_id).select_for_update(no_key=True).first()
        await _ensure_standing(person_id)
        if await db.fetch_value(
            "SELECT 1 FROM seat_hold WHERE person_id = $1 AND expires_at > $2", person_id, now
        ):
            raise errors.TooManyHolds
        facts = await _facts(slot, person_id, None, level)
        rules.check_may_book(facts, business_id, now)
        hold_id = uuid7()
        await db.execute("UPDATE slot SET held = held + 1 WHERE id = $1", slot_id)
        await db.execute(
            "INSERT INTO seat_hold (id, slot_id, person_id, expires_at, created_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            hold_id, slot_id, person_id, now + HOLD, now,
        )  # fmt: skip
    return hold_id, now + HOLD


async def release(hold_id: UUID, person_id: UUID) -> None:
    """Give up one's own hold."""
    if not await seats.drop_hold(hold_id, person_id):
        raise errors.HoldNotFound


async def cancel(appointment_id: UUID, person_id: UUID) -> Appointment:
    """Cancel one's own appointment before the hall's deadline; often enough, it leads to a ban."""
    now = clock.now()
    async with db.transaction():
        appointment = await _own(appointment_id, person_id)
        house = await house_rules.of_hall(appointment.hall_id)
        rules.check_may_cancel(appointment.status, appointment.starts_at, house.rules.cancel_minutes, now)
        await history.move(
            appointment, AppointmentStatus.CANCELLED, actor=f"person:{person_id}", at=now, announce={}
        )
        await seats.give_back(appointment.slot_id, house.rules.seat_return_max_s, now)
        await penalties.strike(appointment, StrikeKind.CANCEL, house.rules, now)
    return appointment


async def cancel_by_hall(appointment_id: UUID, actor: str, reason: str) -> Appointment:
    """The hall cancels: the person is told why and carries no penalty."""
    now = clock.now()
    async with db.transaction():
        appointment = await history.lock(appointment_id)
        if appointment is None:
            raise errors.AppointmentNotFound
        if AppointmentStatus.CANCELLED_BY_HALL not in rules.TRANSITIONS.get(appointment.status, ()):
            raise errors.NotActive
        await history.move(
            appointment,
            AppointmentStatus.CANCELLED_BY_HALL,
            actor=actor,
            at=now,
            detail={"reason": reason},
            announce={"reason": reason},
        )
        await seats.give_back(appointment.slot_id, 0, now)
    return appointment


async def reschedule(
    appointment_id: UUID, person_id: UUID, slot_id: int, level: IdentityLevel
) -> Appointment:
    """Move one's own appointment to another slot under the same number.

    The old seat is freed only if the new one was taken: both happen in one transaction.
    """
    now = clock.now()
    await seats.return_expired([slot_id])
    async with db.transaction():
        appointment = await _own(appointment_id, person_id, new_slot_id=slot_id)
        house = await house_rules.of_hall(appointment.hall_id)
        rules.check_may_cancel(appointment.status, appointment.starts_at, house.rules.cancel_minutes, now)
        if slot_id == appointment.slot_id:
            raise errors.SameSlot
        slot = await Slot.get_or_none(id=slot_id)
        facts = await _facts(slot, person_id, appointment, level)
        rules.check_may_book(facts, appointment.business_id, now)
        await _change_slot(
            appointment, slot_id, f"person:{person_id}", now, house.rules.seat_return_max_s, None
        )
    return appointment


async def reassign(appointment_id: UUID, slot_id: int, actor: str, reason: str) -> Appointment:
    """The hall moves an appointment its schedule can no longer keep; only the seat itself is a condition."""
    now = clock.now()
    await seats.return_expired([slot_id])
    async with db.transaction():
        appointment = await history.lock(appointment_id, new_slot_id=slot_id)
        if appointment is None:
            raise errors.AppointmentNotFound
        rules.check_is_booked(appointment.status)
        await _change_slot(appointment, slot_id, actor, now, 0, reason)
    return appointment


async def _own(appointment_id: UUID, person_id: UUID, *, new_slot_id: int | None = None) -> Appointment:
    """One's own appointment, locked; another's is not found rather than forbidden."""
    appointment = await history.lock(appointment_id, new_slot_id=new_slot_id)
    if appointment is None or appointment.person_id != person_id:
        raise errors.AppointmentNotFound
    return appointment


async def _change_slot(
    appointment: Appointment,
    slot_id: int,
    actor: str,
    now: datetime,
    longest_delay_s: int,
    reason: str | None,
) -> None:
    """Take the new seat, free the old one, write the move; the appointment and both slots are locked."""
    if not await seats.take(slot_id):
        raise errors.SlotFull
    old_slot_id, old_start = appointment.slot_id, appointment.starts_at
    slot = await Slot.get(id=slot_id)
    appointment.slot_id, appointment.hall_id = slot.id, slot.hall_id
    appointment.starts_at, appointment.ends_at = slot.starts_at, slot.ends_at
    appointment.half_day, appointment.updated_at = slot.half_day, now
    try:
        await appointment.save(
            update_fields=["slot_id", "hall_id", "starts_at", "ends_at", "half_day", "updated_at"]
        )
    except (UniqueViolationError, IntegrityError) as doubled:
        raise errors.AlreadyBooked from doubled
    await seats.give_back(old_slot_id, longest_delay_s, now)
    moved: dict[str, Any] = {
        "from_slot": old_slot_id,
        "to_slot": slot_id,
        "previous_starts_at": old_start.isoformat(),
    }
    if reason:
        moved["reason"] = reason
    status = appointment.status
    await history.write(appointment.id, "rescheduled", status, status, actor=actor, at=now, detail=moved)
    await outbox.emit("appointment_rescheduled", {"appointment_id": str(appointment.id), **moved})


async def _ensure_standing(person_id: UUID) -> None:
    await db.execute(
        "INSERT INTO booking_standing (subject_id, active) VALUES ($1, 0) ON CONFLICT DO NOTHING", person_id
    )
    await db.execute("SELECT 1 FROM booking_standing WHERE subject_id = $1 FOR NO KEY UPDATE", person_id)


async def _facts(
    slot: Slot | None, person_id: UUID, moving: Appointment | None, level: IdentityLevel
) -> SeatFacts | None:
    """What a booking of this slot would be judged by; a ``moving`` appointment does not count itself."""
    if slot is None:
        return None
    subject_id = moving.subject_id if moving else person_id
    [standing] = await db.fetch(
        "SELECT max(banned_until) AS banned_until,"
        " coalesce(sum(active) FILTER (WHERE subject_id = $1), 0) AS active"
        " FROM booking_standing WHERE subject_id IN ($1, $2)",
        person_id,
        subject_id,
    )
    duplicate = Appointment.filter(
        subject_id=subject_id, business_id=slot.business_id, half_day=slot.half_day, status__in=ACTIVE
    )
    if moving:
        duplicate = duplicate.exclude(id=moving.id)
    house = await house_rules.of_hall(slot.hall_id)
    return SeatFacts(
        business_id=slot.business_id,
        is_open=slot.is_open,
        bookable_from=slot.bookable_from,
        bookable_until=slot.bookable_until,
        free=slot.capacity - slot.booked - slot.held,
        required_level=house.rules.required_level,
        level=level,
        banned_until=standing["banned_until"],
        has_duplicate=await duplicate.exists(),
        active=standing["active"] - (1 if moving else 0),
        active_limit=house.rules.active_limit,
    )
