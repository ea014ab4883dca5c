"""What every step of a notice shares: its row held, its place asked for, its history written."""

from dataclasses import dataclass

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.notices.errors import NoticeNotFound
from app.domain.notices.models import Notice, NoticeEvent, NoticeState, NoticeVersion
from app.kit import audit, clock
from app.kit.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class District:
    """A region as a place of staff; no hall has the number 0."""

    region_id: str
    id: int = 0


async def locked(notice_id: int) -> Notice:
    """The notice, held until the transaction ends. Raises NoticeNotFound."""
    is_id = 0 < notice_id < 2**63
    found = await Notice.filter(id=notice_id).select_for_update().get_or_none() if is_id else None
    if found is None:
        raise NoticeNotFound
    return found


async def current_version(notice: Notice) -> NoticeVersion:
    """The words of a notice as they are now."""
    return await NoticeVersion.get(notice_id=notice.id, version=notice.version)


def check_may(member: StaffMember, role: StaffRole, region_code: str | None) -> None:
    """Raises NotAllowed unless the member has this role for the region; without one, everywhere."""
    if not staff.may(member, role, place_of(region_code)):
        raise NotAllowed


def place_of(region_code: str | None) -> District | None:
    """Where a notice belongs; ``None`` for one that no district bounds."""
    return District(region_code) if region_code else None


async def move(notice: Notice, state: NoticeState) -> None:
    """Write the notice as it is now, in its new state."""
    notice.state = state
    await notice.save()


async def tell(notice: Notice, what: str, actor: str, *, reason: str | None = None) -> None:
    """Append a step to the history and to the audit log; the last deed of its transaction."""
    await NoticeEvent.create(
        notice_id=notice.id,
        version=notice.version,
        kind=what,
        actor=actor,
        reason=reason,
        at=clock.now(),
    )
    await audit.record(
        actor, f"notice.{what}", f"notice:{notice.id}", detail={"version": notice.version}, reason=reason
    )
