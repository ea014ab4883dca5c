"""A holiday notice before it is loaded: which days change, and what that does to slots and bookings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.accounts.staff import StaffMember
from app.domain.appointments import changes, everywhere
from app.domain.appointments.errors import OutlookChanged
from app.domain.appointments.inventory import ScheduleDiff
from app.domain.halls import holidays
from app.domain.halls.calendar import CalendarDay
from app.domain.halls.holidays import LoadedNotice
from app.domain.halls.schedules import load_calendar


@dataclass(frozen=True, slots=True)
class NoticeOutlook:
    """What a notice would do: days of another kind than before, slots that come and go, bookings hit.

    ``mark`` is another one as soon as it would do anything else.
    """

    year: int
    days: Sequence[CalendarDay]
    added: int
    closed: int
    hits: Sequence[changes.Hit]
    mark: str

    @property
    def changed_days(self) -> list[date]:
        return [day.on for day in self.days]


async def outlook(member: StaffMember, text: str) -> NoticeOutlook:
    """Look at a notice without loading it. Raises NotAllowed or BadNotice."""
    everywhere.check_may(member)
    year, days = holidays.settled_days(text)
    known = await load_calendar()
    changed = [day for day in days if known.day(day.on).kind is not day.kind]
    diff = await everywhere.difference(known.changed(days)) if changed else ScheduleDiff()
    hits = await changes.hits_of(diff)
    mark = changes.marked(changed, changes.by_day(diff), [hit.id for hit in hits])
    return NoticeOutlook(year, changed, len(diff.added), len(diff.closed), hits, mark)


async def load(member: StaffMember, text: str, *, source: str, seen: str) -> LoadedNotice:
    """Load a notice that was looked at; slots, due dates and conflicts follow. Once more, it changes nothing.

    Raises NotAllowed, BadNotice, or OutlookChanged if by now it would do anything else than was seen.
    """
    if (await outlook(member, text)).mark != seen:
        raise OutlookChanged
    return await holidays.load_notice(text, source=source, actor=member.caller_id)
