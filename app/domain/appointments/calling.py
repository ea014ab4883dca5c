"""Calling to a counter: next, again, passed over, done. Two clerks never have the same person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import errors, history, posts, rules
from app.domain.appointments.models import Appointment, AppointmentStatus
from app.kit import audit, clock, db

_TRIES: Final = 20

# Who was passed over waits behind those who were not called yet; else the earlier booking goes first.
_NEXT = """
SELECT a.id FROM appointment a
WHERE a.hall_id = $1 AND a.starts_at >= $2 AND a.starts_at < $3 AND a.status = 'checked_in'
ORDER BY EXISTS (SELECT 1 FROM appointment_event e WHERE e.appointment_id = a.id AND e.kind = 'serving'),
         a.starts_at, a.checked_in_at, a.id
LIMIT 1
"""

_HAS_SOMEBODY = """
SELECT EXISTS (
    SELECT 1 FROM appointment a
    CROSS JOIN LATERAL (SELECT e.actor FROM appointment_event e
                        WHERE e.appointment_id = a.id AND e.kind = 'serving' ORDER BY e.id DESC LIMIT 1) c
    WHERE a.hall_id = $1 AND a.starts_at >= $2 AND a.starts_at < $3 AND a.status = 'serving' AND c.actor = $4)
"""


@dataclass(frozen=True, slots=True)
class _Turn:
    """Whose turn somebody's is: who called, how often this time, and how many turns they had."""

    caller: str
    calls: int
    turns: int


async def call_next(member: StaffMember, hall_id: int) -> Appointment:
    """Call whoever is next in the hall. Raises HallNotFound, StillServing or NobodyWaits."""
    for _ in range(_TRIES):
        waiting = await db.fetch_value(_NEXT, hall_id, *rules.day_of(clock.now()))
        if waiting is None:
            await posts.hall_for(member, hall_id)
            raise errors.NobodyWaits
        try:
            return await call(member, hall_id, waiting)
        except (errors.AlreadyCalled, errors.NotActive):
            continue  # Another clerk was quicker; somebody else is next now.
    raise errors.NobodyWaits


async def call(member: StaffMember, hall_id: int, appointment_id: UUID) -> Appointment:
    """Call one who waits to one's counter.

    Raises HallNotFound, AppointmentNotFound, StillServing, AlreadyCalled, NotCheckedIn or NotActive.
    """
    hall, now = await posts.hall_for(member, hall_id), clock.now()
    async with db.transaction():
        # One call a member at a time: a key pressed twice must not call two people.
        await db.execute("SELECT pg_advisory_xact_lock(hashtext('counter'), hashtext($1))", member.caller_id)
        appointment = await _locked(hall.id, appointment_id)
        try:
            rules.check_may_call(appointment.status)
        except errors.AlreadyCalled:
            raise errors.AlreadyCalled(await _name((await _turn(appointment.id)).caller)) from None
        if await db.fetch_value(_HAS_SOMEBODY, hall.id, *rules.day_of(now), member.caller_id):
            raise errors.StillServing
        await history.move(appointment, AppointmentStatus.SERVING, actor=member.caller_id, at=now)
        await _note(member, appointment, "called")
    return appointment


async def recall(member: StaffMember, hall_id: int, appointment_id: UUID) -> Appointment:
    """Call once more whoever was called and did not come yet.

    Raises HallNotFound, AppointmentNotFound, NotServing, CalledByAnother or CalledThrice.
    """
    async with _having(member, hall_id, appointment_id) as (appointment, turn):
        rules.check_may_recall(turn.calls)
        now, serving = clock.now(), AppointmentStatus.SERVING
        appointment.updated_at = now
        await appointment.save(update_fields=["updated_at"])
        await history.write(appointment.id, "recalled", serving, serving, actor=member.caller_id, at=now)
        await _note(member, appointment, "recalled")
    return appointment


async def pass_over(member: StaffMember, hall_id: int, appointment_id: UUID) -> Appointment:
    """Give up calling somebody: they wait once more, and after a second time they did not come.

    They had come to the hall, so this is held against nobody. Raises what ``recall`` raises but CalledThrice.
    """
    async with _having(member, hall_id, appointment_id) as (appointment, turn):
        after = rules.after_passing_over(turn.turns)
        await history.move(appointment, after, actor=member.caller_id, at=clock.now())
        await _note(member, appointment, "passed_over")
    return appointment


async def finish(member: StaffMember, hall_id: int, appointment_id: UUID) -> Appointment:
    """What somebody came for is done. Raises what ``recall`` raises but CalledThrice."""
    async with _having(member, hall_id, appointment_id) as (appointment, _):
        await history.move(appointment, AppointmentStatus.DONE, actor=member.caller_id, at=clock.now())
        await _note(member, appointment, "finished")
    return appointment


@asynccontextmanager
async def _having(
    member: StaffMember, hall_id: int, appointment_id: UUID
) -> AsyncIterator[tuple[Appointment, _Turn]]:
    """The one a member has called, locked; a manager of the hall may stand in for whoever called."""
    hall = await posts.hall_for(member, hall_id)
    async with db.transaction():
        appointment = await _locked(hall.id, appointment_id)
        if appointment.status is not AppointmentStatus.SERVING:
            raise errors.NotServing
        turn = await _turn(appointment_id)
        is_manager = posts.may(member, hall, (StaffRole.HALL_MANAGER,))
        if turn.caller != member.caller_id and not is_manager:
            raise errors.CalledByAnother(await _name(turn.caller))
        yield appointment, turn


async def _locked(hall_id: int, appointment_id: UUID) -> Appointment:
    """An appointment of the hall; one of another hall is not found rather than forbidden."""
    appointment = await history.lock(appointment_id)
    if appointment is None or appointment.hall_id != hall_id:
        raise errors.AppointmentNotFound
    return appointment


async def _turn(appointment_id: UUID) -> _Turn:
    rows = await db.fetch(
        "SELECT kind, actor FROM appointment_event"
        " WHERE appointment_id = $1 AND kind IN ('serving', 'recalled') ORDER BY id",
        appointment_id,
    )
    starts = [at for at, row in enumerate(rows) if row["kind"] == "serving"]
    return _Turn(rows[starts[-1]]["actor"], len(rows) - starts[-1], len(starts))


async def _name(caller: str) -> str | None:
    """Whom to ask for somebody: the name of the colleague who called them."""
    name: str | None = await db.fetch_value(
        "SELECT display_name FROM staff WHERE id::text = substr($1, 7) AND $1 LIKE 'staff:%'", caller
    )
    return name


async def _note(member: StaffMember, appointment: Appointment, deed: str) -> None:
    await audit.record(
        member.caller_id,
        f"appointment.{deed}",
        f"appointment:{appointment.id}",
        hall_id=appointment.hall_id,
    )
