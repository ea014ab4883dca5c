"""What a counter sees: the day of its hall in the order of the work, and who the one before it is, masked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.accounts import disclosure
from app.domain.accounts.disclosure import PersonalField
from app.domain.accounts.errors import UnmaskingNotAllowed
from app.domain.accounts.models import Enterprise, IdentityLevel, Person, StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import errors, house_rules, posts, rules
from app.domain.appointments.listings import ATTENDANCE
from app.domain.appointments.models import ACTIVE, AT_HAND, Appointment, AppointmentStatus
from app.domain.halls.models import Hall
from app.kit import clock, crypto, db, masking
from app.kit.listings import Asked

_MOST: Final = 300
_ENDED: Final = tuple(one.value for one in AppointmentStatus if one not in ACTIVE)
_RECENTLY: Final = timedelta(minutes=1)
NEWEST: Final = (
    "SELECT updated_at FROM appointment WHERE hall_id = $1 AND updated_at > $2"
    " ORDER BY updated_at DESC LIMIT 200"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment as a counter lists it; ``turns`` tells how often it was called before."""

    id: UUID
    number: str
    status: AppointmentStatus
    business: str
    name: str | None
    starts_at: datetime
    ends_at: datetime
    checked_in_at: datetime | None
    changed_at: datetime
    is_walk_in: bool
    turns: int
    caller_name: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Board:
    """The day of a hall: who is served, who waits in order of turn, who is still to come, who is through."""

    hall: Hall
    serving: Sequence[Visit]
    waiting: Sequence[Visit]
    expected: Sequence[Visit]
    ended: Sequence[Visit]
    following: str | None
    at: datetime
    is_manager: bool

    @property
    def mine(self) -> Visit | None:
        """The one the member serves."""
        return next((visit for visit in self.serving if visit.is_mine), None)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of an appointment's history; ``by`` names staff, and is ``None`` for the person themselves."""

    at: datetime
    kind: str
    by: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody at the counter: what they came for, who they are, masked, and what happened so far."""

    appointment: Appointment
    hall: Hall
    business: str
    name: str | None
    id_number: str | None
    phone: str | None
    level: IdentityLevel
    enterprise: str | None
    history: Sequence[Happening]
    may_unmask: bool


async def board(
    member: StaffMember, hall_id: int, *, has_ended: bool = False, after: str | None = None
) -> Board:
    """Today at a hall; those who are through only if wanted. Raises HallNotFound or BadCursor."""
    hall = await posts.hall_for(member, hall_id)
    now = clock.now()
    since, until = rules.day_of(now)
    day: dict[str, object] = {"hall": hall.id, "since": since, "until": until}
    at_hand = await ATTENDANCE.page(Asked({**day, "states": ["checked_in", "serving"]}, "start", limit=_MOST))
    coming = await ATTENDANCE.page(
        Asked({**day, "states": ["booked"]}, "start", after=None if has_ended else after, limit=_MOST)
    )
    ended = None
    if has_ended:
        ended = await ATTENDANCE.page(
            Asked({**day, "states": list(_ENDED)}, "start", is_descending=True, after=after, limit=_MOST)
        )
    here = [_visit(row, member) for row in at_hand.rows]
    waiting = [visit for visit in here if visit.status is AppointmentStatus.CHECKED_IN]
    return Board(
        hall=hall,
        serving=[visit for visit in here if visit.status is AppointmentStatus.SERVING],
        waiting=sorted(waiting, key=_turn),
        expected=[_visit(row, member) for row in coming.rows],
        ended=[_visit(row, member) for row in ended.rows] if ended else [],
        following=(ended or coming).following,
        at=now,
        is_manager=posts.may(member, hall, (StaffRole.HALL_MANAGER,)),
    )


async def newest_changes(hall_id: int) -> Sequence[datetime]:
    """When something changed in a hall just now: it differs as soon as anything did.

    All changes of the last minute and not only the newest, which another one may overtake on its way here.
    """
    rows = await db.fetch(NEWEST, hall_id, clock.now() - _RECENTLY)
    return [row["updated_at"] for row in rows]


async def card(member: StaffMember, hall_id: int, appointment_id: UUID) -> Card:
    """Who came with an appointment of the hall. Raises HallNotFound or AppointmentNotFound."""
    hall, found = await _of_hall(member, hall_id, appointment_id)
    person = await Person.get(id=found.person_id)
    enterprise = await Enterprise.get_or_none(id=found.enterprise_id) if found.enterprise_id else None
    return Card(
        appointment=found,
        hall=hall,
        business=await house_rules.business_name(found.business_id),
        name=_masked(person.name_sealed, masking.mask_name),
        id_number=_masked(person.id_number_sealed, masking.mask_id_number),
        phone=_masked(person.phone_sealed, masking.mask_phone),
        level=person.level,
        enterprise=enterprise.name if enterprise else None,
        history=await _history(found.id),
        may_unmask=posts.may(member, hall, _who_unmasks(found)),
    )


async def unmask(
    member: StaffMember, hall_id: int, appointment_id: UUID, field: PersonalField, reason: str
) -> str:
    """One field of who came, in clear, on record: for the manager, and for a clerk while they are here.

    Raises HallNotFound, AppointmentNotFound, UnmaskingNotAllowed, ReasonRequired, TooOften or
    NothingToUnmask.
    """
    hall, found = await _of_hall(member, hall_id, appointment_id)
    roles = _who_unmasks(found)
    if not posts.may(member, hall, roles):
        raise UnmaskingNotAllowed
    return await disclosure.unmask(member, found.person_id, field, reason, roles=roles, hall_id=hall.id)


def _who_unmasks(appointment: Appointment) -> Sequence[StaffRole]:
    """A clerk only sees in clear whoever stands in the hall today: came, and is not through."""
    since, until = rules.day_of(clock.now())
    is_here = appointment.status in AT_HAND and since <= appointment.starts_at < until
    return disclosure.FACE_TO_FACE if is_here else disclosure.ROLES


async def _of_hall(member: StaffMember, hall_id: int, appointment_id: UUID) -> tuple[Hall, Appointment]:
    hall = await posts.hall_for(member, hall_id)
    found = await Appointment.get_or_none(id=appointment_id, hall_id=hall.id)
    if found is None:
        raise errors.AppointmentNotFound
    return hall, found


async def _history(appointment_id: UUID) -> list[Happening]:
    rows = await db.fetch(
        "SELECT e.at, s.display_name, CASE WHEN e.from_status = 'serving' AND e.to_status = 'checked_in'"
        " THEN 'passed' ELSE e.kind END AS kind FROM appointment_event e"
        " LEFT JOIN staff s ON e.actor LIKE 'staff:%' AND s.id::text = substr(e.actor, 7)"
        " WHERE e.appointment_id = $1 ORDER BY e.id",
        appointment_id,
    )
    return [Happening(row["at"], row["kind"], row["display_name"]) for row in rows]


def _visit(row: Any, member: StaffMember) -> Visit:
    return Visit(
        id=row["id"],
        number=row["number"],
        status=AppointmentStatus(row["status"]),
        business=row["business"],
        name=_masked(row["name_sealed"], masking.mask_name),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        checked_in_at=row["checked_in_at"],
        changed_at=row["updated_at"],
        is_walk_in=row["channel"] == "WINDOW",
        turns=row["turns"],
        caller_name=row["caller_name"],
        is_mine=row["caller"] == member.caller_id,
    )


def _turn(visit: Visit) -> tuple[object, ...]:
    """The order in which those who wait are called, as ``calling.call_next`` has it."""
    return visit.turns > 0, visit.starts_at, visit.checked_in_at, visit.id


def _masked(sealed: str | None, mask: Callable[[str], str]) -> str | None:
    return mask(crypto.unseal(sealed)) if sealed else None
