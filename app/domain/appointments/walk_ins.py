"""Walk-ins: somebody who comes without a booking gets a seat of this very slot, if one is left for them."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg.exceptions import UniqueViolationError
from tortoise.exceptions import IntegrityError

from app.domain.accounts import rules as identities
from app.domain.accounts.models import Person, PersonStatus, ServiceChannel
from app.domain.accounts.proofing import ID_NUMBER
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import errors, history, posts, seats
from app.domain.appointments.models import Appointment, AppointmentStatus, Slot
from app.domain.appointments.numbers import NumberSequence
from app.domain.halls.models import Hall
from app.kit import audit, clock, crypto, db, limits, outbox
from app.kit.ids import uuid7

_AN_HOUR = 120  # Nobody may use a counter to find out whose ID numbers we know.

# The newest slot that has begun, of each business: found by the key of slots, however many there were before.
_SEATS = """
SELECT b.code, b.name, s.onsite_capacity
       + CASE WHEN s.released_at IS NULL THEN s.capacity - s.booked ELSE 0 END AS free
FROM hall_business h JOIN business b ON b.code = h.business_id
CROSS JOIN LATERAL (
    SELECT * FROM slot WHERE hall_id = h.hall_id AND business_id = h.business_id AND starts_at <= $2
    ORDER BY starts_at DESC LIMIT 1) s
WHERE h.hall_id = $1 AND s.is_open AND s.ends_at > $2 ORDER BY b.position, b.code
"""

_numbers = NumberSequence()


@dataclass(frozen=True, slots=True)
class Seats:
    """How many walk-ins a business still takes in this slot."""

    code: str
    name: str
    free: int


async def seats_now(hall_id: int) -> list[Seats]:
    """The businesses of a hall that have a slot at this moment."""
    return [Seats(**row) for row in await db.fetch(_SEATS, hall_id, clock.now())]


async def register(member: StaffMember, hall_id: int, business_id: str, id_number: str) -> Appointment:
    """An appointment for this slot, made and checked in by a clerk for whoever shows their ID card.

    Booking bans and the limit of active bookings are about booking ahead; here only the seat counts.
    Raises HallNotFound, IdNumberInvalid, TooOften, WalkInUnknown, NoOnsiteSeat or AlreadyBooked.
    """
    hall = await posts.hall_for(member, hall_id)
    number = identities.id_number(id_number, clock.today())
    await limits.hit("walk_in", member.caller_id, allowance=_AN_HOUR, per_s=3600, closed=True)
    person = await Person.get_or_none(
        id_number_hash=crypto.lookup_hash(number, ID_NUMBER), status=PersonStatus.ACTIVE
    )
    if person is None:
        raise errors.WalkInUnknown
    await seats.release_started()
    try:
        return await _seat(member, hall, business_id, person.id)
    except (UniqueViolationError, IntegrityError) as doubled:
        raise errors.AlreadyBooked("此人在这个半天已预约同一业务，请按已有的预约签到") from doubled


async def _seat(member: StaffMember, hall: Hall, business_id: str, person_id: UUID) -> Appointment:
    now = clock.now()
    [number] = await _numbers.take(1)
    async with db.transaction():
        slot = await _slot_now(hall.id, business_id)
        if slot is None or not await seats.take_onsite(slot.id):
            raise errors.NoOnsiteSeat
        await _count_one_more(person_id)
        made = await Appointment.create(
            id=uuid7(),
            number=number,
            slot_id=slot.id,
            hall_id=hall.id,
            business_id=business_id,
            person_id=person_id,
            subject_id=person_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            half_day=slot.half_day,
            status=AppointmentStatus.BOOKED,
            items=[],
            channel=ServiceChannel.WINDOW.value,
            checked_in_at=now,
            created_at=now,
            updated_at=now,
        )
        booked = AppointmentStatus.BOOKED
        await history.write(made.id, "booked", None, booked, actor=member.caller_id, at=now)
        await history.move(made, AppointmentStatus.CHECKED_IN, actor=member.caller_id, at=now)
        # Whoever was entered is told, so that nobody is entered behind their back.
        await outbox.emit("appointment_booked", {"appointment_id": str(made.id)})
        await audit.record(
            member.caller_id,
            "appointment.walked_in",
            audit.person(person_id),
            detail={"appointment": str(made.id)},
            hall_id=hall.id,
        )
    return made


async def _slot_now(hall_id: int, business_id: str) -> Slot | None:
    """The slot of this moment, locked."""
    now = clock.now()
    running = Slot.filter(
        hall_id=hall_id, business_id=business_id, is_open=True, starts_at__lte=now, ends_at__gt=now
    )
    return await running.order_by("-starts_at").select_for_update(no_key=True).first()


async def _count_one_more(person_id: UUID) -> None:
    """Count an active booking; whoever leaves or is merged holds the same row, so afterwards it is known."""
    await db.execute(
        "INSERT INTO booking_standing (subject_id, active) VALUES ($1, 1)"
        " ON CONFLICT (subject_id) DO UPDATE SET active = booking_standing.active + 1",
        person_id,
    )
    if not await Person.exists(id=person_id, status=PersonStatus.ACTIVE):
        raise errors.WalkInUnknown
