"""Changes that concern every hall, such as a blackout of all: first seen, then made by the administrator."""

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import schedule
from app.domain.appointments.changes import PATIENCE, Deed, Outlook, Undone, by_day, hits_of, marked
from app.domain.appointments.errors import OutlookChanged
from app.domain.appointments.inventory import ScheduleDiff
from app.domain.appointments.models import BookingRules
from app.domain.halls import premises, telling
from app.domain.halls.calendar import WorkCalendar
from app.kit import db
from app.kit.errors import NotAllowed


async def outlook(member: StaffMember, deed: Deed) -> Outlook:
    """What a deed would do to all halls together; nothing of it stays. Raises NotAllowed."""
    check_may(member)
    found = Outlook((), ())
    try:
        async with db.transaction():
            await db.execute(PATIENCE)
            standing = marked([tuple(row.values()) for row in await premises.blackouts_everywhere()])
            with telling.gathered():
                await deed(actor=member.caller_id, reason="")
            diff = await difference()
            found = Outlook(by_day(diff), await hits_of(diff), standing)
            raise Undone
    except Undone:
        return found


async def carry_out(member: StaffMember, deed: Deed, *, reason: str, seen: str) -> None:
    """Do what was looked at; slots follow hall by hall, so that bookings never wait for all of them.

    Raises OutlookChanged if meanwhile something was changed, or it would hit other appointments than seen.
    """
    if (await outlook(member, deed)).mark != seen:
        raise OutlookChanged
    await deed(actor=member.caller_id, reason=reason)


async def difference(calendar: WorkCalendar | None = None) -> ScheduleDiff:
    """What applying the present schedules of all halls would change, perhaps under another calendar."""
    whole = ScheduleDiff()
    async for diff in schedule.previews(await BookingRules.all().order_by("hall_id"), calendar):
        whole.added.extend(diff.added)
        whole.changed.extend(diff.changed)
    return whole


def check_may(member: StaffMember) -> None:
    """Raises NotAllowed for anybody but the system's administrator."""
    if not staff.may(member, StaffRole.SYSTEM_ADMIN, None):
        raise NotAllowed
