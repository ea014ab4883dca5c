"""A holiday notice before it is loaded: which days change, and what that does to slots and bookings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import changes, schedule
from app.domain.appointments.models import BookingRules
from app.domain.halls import holidays
from app.domain.halls.calendar import CalendarDay
from app.domain.halls.holidays import LoadedNotice
from app.domain.halls.schedules import load_calendar
from app.kit import clock
from app.kit.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class NoticeOutlook:
    """What a notice would do: days of another kind than before, slots that come and go, bookings hit."""

    year: int
    days: Sequence[CalendarDay]
    added: int
    closed: int
    hits: Sequence[changes.Hit]

    @property
    def changed_days(self) -> list[date]:
        return [day.on for day in self.days]


async def outlook(member: StaffMember, text: str) -> NoticeOutlook:
    """Look at a notice without loading it. Raises NotAllowed or BadNotice."""
    _check_may(member)
    year, days = holidays.settled_days(text)
    known = await load_calendar()
    coming, today = known.changed(days), clock.today()
    changed = [day for day in days if known.day(day.on).kind is not day.kind]
    added, closed, hits = 0, 0, list[changes.Hit]()
    for rules in await BookingRules.all():
        last = schedule.horizon(rules, coming, today)
        if any(today <= day.on <= last for day in changed):
            diff = await schedule.preview(rules.hall_id, coming)
            added, closed = added + len(diff.added), closed + len(diff.closed)
            hits += await changes.hits_of(diff)
    return NoticeOutlook(year, changed, added, closed, hits)


async def load(member: StaffMember, text: str, *, source: str) -> LoadedNotice:
    """Load a notice; slots, due dates and conflicts follow. Raises NotAllowed or BadNotice."""
    _check_may(member)
    return await holidays.load_notice(text, source=source, actor=member.caller_id)


def _check_may(member: StaffMember) -> None:
    if not staff.may(member, StaffRole.SYSTEM_ADMIN, None):
        raise NotAllowed
