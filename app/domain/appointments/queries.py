"""What can be asked of slots and appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.appointments.errors import AppointmentNotFound, HallNotBookable
from app.domain.appointments.models import Appointment, AppointmentStatus, Ban, Strike
from app.kit import clock, db


@dataclass(frozen=True, slots=True)
class AvailabilityQuestion:
    """Which seats of one business in one hall are free on ``days`` days from a day on."""

    hall_id: int
    business_id: str
    first: date
    days: int


# Only what could be booked right now is answered. Seats of expired holds count as free here as
# they do in book_seats; slots with no hold at all pay nothing for that.
_AVAILABLE = """
SELECT q.ord, s.id, s."on", s.starts_at, s.ends_at, s.capacity,
       s.capacity - s.booked - s.held + CASE WHEN s.held > 0 THEN
           (SELECT count(*) FROM seat_hold h WHERE h.slot_id = s.id AND h.expires_at <= $5)::int
       ELSE 0 END AS remaining
FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY
     AS q (hall_id, business_id, since, until, ord)
JOIN slot s ON s.hall_id = q.hall_id AND s.business_id = q.business_id
           AND s.starts_at >= q.since AND s.starts_at < q.until
WHERE s.is_open AND s.bookable_from <= $5 AND s.bookable_until > $5
ORDER BY q.ord, s.starts_at
"""

_IS_OFFERED = """
SELECT 1 FROM hall h JOIN hall_business b ON b.hall_id = h.id AND b.business_id = $2 AND b.is_active
WHERE h.id = $1 AND h.is_active
"""


async def availability(questions: Sequence[AvailabilityQuestion]) -> list[list[Any]]:
    """The bookable slots of each question, in one statement for all of them.

    Rows carry ``id, on, starts_at, ends_at, capacity, remaining``. A hall or business that takes no
    bookings has none; ``check_is_offered`` tells it from one that is full.
    """
    now = clock.now()
    midnights = [datetime.combine(q.first, datetime.min.time(), clock.SHANGHAI) for q in questions]
    rows = await db.fetch(
        _AVAILABLE,
        [q.hall_id for q in questions],
        [q.business_id for q in questions],
        midnights,
        [since + timedelta(days=q.days) for since, q in zip(midnights, questions, strict=True)],
        now,
    )
    answers: list[list[Any]] = [[] for _ in questions]
    for row in rows:
        answers[row["ord"] - 1].append(row)
    return answers


async def check_is_offered(hall_id: int, business_id: str) -> None:
    """Raise unless the hall takes bookings for the business."""
    if not await db.fetch_value(_IS_OFFERED, hall_id, business_id):
        raise HallNotBookable


async def own(appointment_id: UUID, person_id: UUID) -> Appointment:
    """One's own appointment; another's is not found."""
    found = await Appointment.get_or_none(id=appointment_id, person_id=person_id)
    if found is None:
        raise AppointmentNotFound
    return found


async def own_page(
    person_id: UUID, *, before: UUID | None, limit: int, is_active: bool | None
) -> tuple[list[Appointment], UUID | None]:
    """One's own appointments, newest first, by keyset; answers a page and where the next begins."""
    found = Appointment.filter(person_id=person_id)
    if before is not None:
        found = found.filter(id__lt=before)
    if is_active is not None:
        live = [AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN, AppointmentStatus.SERVING]
        found = found.filter(status__in=live) if is_active else found.exclude(status__in=live)
    rows = await found.order_by("-id").limit(limit + 1)
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """What a message about an appointment may say."""

    id: UUID
    number: str
    person_id: UUID
    status: AppointmentStatus
    hall_name: str
    hall_address: str
    hall_phone: str
    business_name: str
    starts_at: datetime
    ends_at: datetime


async def for_messages(ids: Sequence[UUID]) -> dict[UUID, AppointmentFacts]:
    """The facts of many appointments in one statement."""
    rows = await db.fetch(
        """
        SELECT a.id, a.number, a.person_id, a.status, h.name AS hall_name, h.address AS hall_address,
               h.phone AS hall_phone, b.name AS business_name, a.starts_at, a.ends_at
        FROM appointment a JOIN hall h ON h.id = a.hall_id JOIN business b ON b.code = a.business_id
        WHERE a.id = ANY ($1)
        """,
        list(ids),
    )
    return {
        row["id"]: AppointmentFacts(**{**row, "status": AppointmentStatus(row["status"])}) for row in rows
    }


_UPCOMING = """
SELECT a.id, a.number, a.person_id, a.status, h.name AS hall_name, h.address AS hall_address,
       h.phone AS hall_phone, b.name AS business_name, a.starts_at, a.ends_at
FROM appointment a JOIN hall h ON h.id = a.hall_id JOIN business b ON b.code = a.business_id
WHERE a.person_id = ANY ($1) AND a.status IN ('booked', 'checked_in', 'serving')
ORDER BY a.starts_at, a.id
"""


async def upcoming(person_ids: Sequence[UUID]) -> list[list[AppointmentFacts]]:
    """What each person has booked and not yet ended, the next first, in one statement for all of them."""
    found: dict[UUID, list[AppointmentFacts]] = {person_id: [] for person_id in person_ids}
    for row in await db.fetch(_UPCOMING, list(person_ids)):
        facts = AppointmentFacts(**{**row, "status": AppointmentStatus(row["status"])})
        found[facts.person_id].append(facts)
    return [found[person_id] for person_id in person_ids]


async def standing(subject_id: UUID) -> dict[str, Any]:
    """What counts against a subject: its strikes that still count, and its running ban if there is one."""
    now = clock.now()
    ban = (
        await Ban.filter(subject_id=subject_id, lifted_at__isnull=True, ends_at__gt=now)
        .order_by("-ends_at")
        .first()
    )
    strikes = await Strike.filter(
        subject_id=subject_id, excused_at__isnull=True, at__gt=now - timedelta(days=90)
    ).order_by("-at")
    return {"ban": ban, "strikes": strikes}
