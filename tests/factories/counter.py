"""People at the counter of a hall, and the clerks before them."""

from datetime import timedelta
from uuid import UUID

from app.domain.accounts.models import Person, StaffRole
from app.domain.accounts.proofing import ID_NUMBER
from app.domain.accounts.staff import Post, StaffMember
from app.domain.appointments import attendance, booking
from app.domain.appointments.models import Appointment, AppointmentStatus
from app.domain.halls.models import Hall
from app.kit import clock, crypto, db
from app.kit.ids import uuid7
from tests.factories.appointments import BUSINESS, make_person, make_slot, seat, tomorrow_at

NINE = tomorrow_at(9)


def clerk_of(hall: Hall, name: str = "li-si", role: StaffRole = StaffRole.CLERK) -> StaffMember:
    """A member of staff of one hall, as their session brings them."""
    return StaffMember(
        uuid7(), uuid7(), name, name, (Post(role, hall_id=hall.id),), must_change_password=False
    )


async def known(name: str, number: str) -> UUID:
    """Somebody whose name and ID number are proved."""
    person = await make_person()
    await Person.filter(id=person).update(
        name_sealed=crypto.seal(name), id_number_hash=crypto.lookup_hash(number, ID_NUMBER)
    )
    return person


async def booked(hall: Hall, count: int = 1) -> list[booking.Booked | Appointment]:
    slot = await make_slot(hall, capacity=count, starts_at=NINE)
    return [await booking.book(seat(slot, await make_person())) for _ in range(count)]


async def waiting(hall: Hall, clerk: StaffMember, count: int = 1) -> list[UUID]:
    """Appointments that have checked in, in this order."""
    made = await booked(hall, count)
    for at, one in enumerate(made):
        with clock.frozen(NINE + timedelta(seconds=at)):
            await attendance.check_in_at_counter(clerk, hall.id, one.number)
    return [one.id for one in made]


async def status_of(appointment_id: UUID) -> AppointmentStatus:
    return (await Appointment.get(id=appointment_id)).status


async def fill_with_appointments(hall: Hall) -> None:
    """Days and days of five hundred halls, all of them booked."""
    slot = await make_slot(hall, starts_at=NINE)
    person = await make_person()
    await db.execute(
        "INSERT INTO appointment (id, number, slot_id, hall_id, business_id, person_id, subject_id,"
        " starts_at, ends_at, half_day, status, items, channel, created_at, updated_at)"
        " SELECT gen_random_uuid(), lpad(n::text, 8, '0'), $1, n % 500 + 1, $2, $3, $3,"
        " $4::timestamptz + n % 200 * interval '1 hour', $4::timestamptz + n % 200 * interval '1 hour', n,"
        " 'booked', '[]', 'MP', $4, $4::timestamptz - n * interval '1 second'"
        " FROM generate_series(1, 20000) n",
        slot.id, BUSINESS, person, NINE,
    )  # fmt: skip
    await db.execute("ANALYZE appointment")
