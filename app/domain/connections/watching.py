"""Who may watch the exchange: its health, the log of what was asked of others, and the alarms it rang."""

from collections.abc import Sequence
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.gateways.exchange import health
from app.gateways.exchange.health import Health, Traffic
from app.kit.errors import NotAllowed

WATCHERS: Final = (
    StaffRole.EXCHANGE_OPERATOR,
    StaffRole.SECURITY_ADMIN,
    StaffRole.SYSTEM_ADMIN,
    StaffRole.AUDITOR,
    StaffRole.SUPERVISOR,
)


def check_may_watch(member: StaffMember) -> None:
    """Raises NotAllowed: the exchange belongs to no hall, so a post for one does not reach it."""
    if not any(staff.may(member, role, None) for role in WATCHERS):
        raise NotAllowed


async def upstreams(member: StaffMember) -> Sequence[Health]:
    """How each outside system is doing. Raises NotAllowed."""
    check_may_watch(member)
    return await health.each()


async def traffic(member: StaffMember, days: int) -> Sequence[Traffic]:
    """How much was asked of each outside system lately, and in vain. Raises NotAllowed."""
    check_may_watch(member)
    return await health.traffic(days)
