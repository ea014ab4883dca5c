"""Pure rules of booking: may this happen, and why not. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments import errors
from app.domain.appointments.models import ACTIVE, AppointmentStatus
from app.kit.clock import SHANGHAI
from app.kit.errors import Fault

EPOCH = date(1970, 1, 1)
NOON = time(12)


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """Everything a booking is judged by, read at one moment.

    ``free`` is the number of seats nobody has booked or holds; ``has_own_hold`` says whether one
    held seat is the asker's own, ``None`` that they brought no hold.
    """

    business_id: str
    is_open: bool
    bookable_from: datetime
    bookable_until: datetime
    free: int
    required_level: IdentityLevel
    level: IdentityLevel
    banned_until: datetime | None
    has_duplicate: bool
    active: int
    active_limit: int
    has_own_hold: bool | None = None


REFUSALS: dict[str, type[Fault]] = {
    "no_slot": errors.SlotNotFound,
    "other_business": errors.OtherBusiness,
    "closed": errors.SlotClosed,
    "too_early": errors.TooEarly,
    "too_late": errors.TooLate,
    "level_too_low": errors.LevelTooLow,
    "banned": errors.Banned,
    "duplicate": errors.AlreadyBooked,
    "active_limit": errors.TooManyActive,
    "hold_gone": errors.HoldGone,
    "full": errors.SlotFull,
}
"""The verdicts of ``book_seats`` in the order it judges, and what each says to a person."""


def verdict(seat: SeatFacts | None, business_id: str, now: datetime) -> str:
    """The verdict ``book_seats`` reaches on the same facts; the two are tested against each other."""
    if seat is None:
        return "no_slot"
    judged = (
        ("other_business", seat.business_id != business_id),
        ("closed", not seat.is_open),
        ("too_early", now < seat.bookable_from),
        ("too_late", now >= seat.bookable_until),
        ("level_too_low", seat.level.rank < seat.required_level.rank),
        ("banned", seat.banned_until is not None and seat.banned_until > now),
        ("duplicate", seat.has_duplicate),
        ("active_limit", seat.active >= seat.active_limit),
        ("hold_gone", seat.has_own_hold is False),
        ("full", not seat.has_own_hold and seat.free <= 0),
    )
    return next((refusal for refusal, stands in judged if stands), "booked")


def check_may_book(seat: SeatFacts | None, business_id: str, now: datetime) -> None:
    """Raise the refusal a booking on these facts would meet."""
    refuse(verdict(seat, business_id, now))


def refuse(outcome: str) -> None:
    """Raise what a verdict means; ``booked`` and ``same`` mean nothing stands in the way."""
    refusal = REFUSALS.get(outcome)
    if refusal is not None:
        raise refusal()


def half_day_of(starts_at: datetime) -> int:
    """The half-day of a moment: days since 1970-01-01 twice, plus one from noon on (Beijing time)."""
    local = starts_at.astimezone(SHANGHAI)
    return (local.date() - EPOCH).days * 2 + (local.time() >= NOON)


def day_of(moment: datetime) -> tuple[datetime, datetime]:
    """The Beijing day of a moment, from its midnight to the next."""
    midnight = datetime.combine(moment.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return midnight, midnight + timedelta(days=1)


def check_is_booked(status: AppointmentStatus) -> None:
    """Only an appointment nobody has attended, ended or cancelled yet may be changed."""
    if status is not AppointmentStatus.BOOKED:
        raise errors.NotActive


def check_may_cancel(
    status: AppointmentStatus, starts_at: datetime, cancel_minutes: int, now: datetime
) -> None:
    """A citizen may cancel or move until the hall's deadline before the start."""
    check_is_booked(status)
    if now > cancel_deadline(starts_at, cancel_minutes):
        raise errors.CancelTooLate


def cancel_deadline(starts_at: datetime, cancel_minutes: int) -> datetime:
    return starts_at - timedelta(minutes=cancel_minutes)


def check_in_opens(starts_at: datetime, early_minutes: int) -> datetime:
    return starts_at - timedelta(minutes=early_minutes)


def check_may_check_in(
    status: AppointmentStatus, starts_at: datetime, ends_at: datetime, early_minutes: int, now: datetime
) -> None:
    """Check-in runs from some minutes before the start to the end of the slot."""
    check_is_booked(status)
    if now < check_in_opens(starts_at, early_minutes):
        raise errors.CheckInNotOpen
    if now >= ends_at:
        raise errors.CheckInOver


MOST_CALLS = 3
"""How often somebody is called before they are passed over (SM-TICKET)."""
MOST_TURNS = 2
"""Who was passed over waits once more; passed over again, they did not come."""


def check_may_call(status: AppointmentStatus) -> None:
    """Only who has checked in and was not called yet may be called."""
    if status is AppointmentStatus.SERVING:
        raise errors.AlreadyCalled
    if status is AppointmentStatus.BOOKED:
        raise errors.NotCheckedIn
    if status is not AppointmentStatus.CHECKED_IN:
        raise errors.NotActive


def check_may_recall(calls: int) -> None:
    """Calling has an end, so that nobody who left holds up a counter."""
    if calls >= MOST_CALLS:
        raise errors.CalledThrice


def after_passing_over(turns: int) -> AppointmentStatus:
    """What becomes of somebody who does not come when called, by how often it was their turn."""
    return AppointmentStatus.CHECKED_IN if turns < MOST_TURNS else AppointmentStatus.NO_SHOW


def after_the_day(status: AppointmentStatus, turns: int) -> AppointmentStatus:
    """What becomes of somebody still on the lists of a counter when its day is over.

    Whoever was called and not passed over was served, and whoever nobody called had come: halls that call
    nobody only check in. Who was passed over and did not come back did not come.
    """
    if status is AppointmentStatus.CHECKED_IN and turns:
        return AppointmentStatus.NO_SHOW
    return AppointmentStatus.DONE


def is_banned_by(
    strikes: Sequence[datetime], limit: int, days: int, last_ban: datetime | None, now: datetime
) -> bool:
    """Whether strikes in the rolling window reach the limit; those behind an earlier ban are spent."""
    since = now - timedelta(days=days)
    if last_ban is not None:
        since = max(since, last_ban)
    return sum(1 for at in strikes if at > since) >= limit


TRANSITIONS: dict[AppointmentStatus, frozenset[AppointmentStatus]] = {
    AppointmentStatus.BOOKED: frozenset(
        {
            AppointmentStatus.CANCELLED,
            AppointmentStatus.CANCELLED_BY_HALL,
            AppointmentStatus.CHECKED_IN,
            AppointmentStatus.NO_SHOW,
        }
    ),
    AppointmentStatus.CHECKED_IN: frozenset(
        {
            AppointmentStatus.SERVING,
            AppointmentStatus.CANCELLED_BY_HALL,
            AppointmentStatus.DONE,
            AppointmentStatus.NO_SHOW,
        }
    ),
    AppointmentStatus.SERVING: frozenset(
        {AppointmentStatus.DONE, AppointmentStatus.CHECKED_IN, AppointmentStatus.NO_SHOW}
    ),
}
"""Legal moves (SM-APPT); a state without an entry is final. Who is passed over waits once more (过号).

From checking in to an end without a call leads only the day's end.
"""


def is_active(status: AppointmentStatus) -> bool:
    """Whether an appointment in this state occupies its seat, half-day and number."""
    return status in ACTIVE


def subject_of(person_id: UUID, enterprise_id: UUID | None) -> UUID:
    """Whose booking it is: the enterprise's if there is one (by 税号), else the person's (by 身份证)."""
    return enterprise_id or person_id
