"""Groups of roles as the doors of the desks name them."""

from collections.abc import Mapping

from app.domain.accounts.models import StaffRole

EVERYONE = frozenset(StaffRole)
AUDITOR = frozenset({StaffRole.AUDITOR})
HALL_MANAGER = frozenset({StaffRole.HALL_MANAGER})
COUNTER = HALL_MANAGER | {StaffRole.CLERK}
PUBLISHER = frozenset({StaffRole.PUBLISHER})
REVIEWER = frozenset({StaffRole.REVIEWER})
PUBLISHING = PUBLISHER | REVIEWER
CAMPAIGN_EXPORTERS = PUBLISHING | AUDITOR
CAMPAIGN_READERS = CAMPAIGN_EXPORTERS | {StaffRole.SUPERVISOR}
CLERK = frozenset({StaffRole.CLERK})
SUPERVISOR = frozenset({StaffRole.SUPERVISOR})
SECURITY = frozenset({StaffRole.SECURITY_ADMIN})
SYSTEM = frozenset({StaffRole.SYSTEM_ADMIN})
ADMINISTRATORS = SECURITY | SYSTEM | AUDITOR
CASE_READERS = CLERK | HALL_MANAGER | SUPERVISOR
RATING_READERS = HALL_MANAGER | SUPERVISOR
EXCHANGE = SECURITY | {StaffRole.EXCHANGE_OPERATOR}
EXCHANGE_WATCHERS = EXCHANGE | SYSTEM | AUDITOR | SUPERVISOR
CENSUS_READERS = SYSTEM | SUPERVISOR
OBJECTION_ANSWERERS = SYSTEM | {StaffRole.EXCHANGE_OPERATOR}
OBJECTION_READERS = OBJECTION_ANSWERERS | SUPERVISOR
HALL_KEEPERS = SYSTEM | HALL_MANAGER
HALL_FIGURE_READERS = HALL_KEEPERS | SUPERVISOR
FUNNEL_READERS = PUBLISHING | SUPERVISOR | SYSTEM
CALL_COUNTERS = OBJECTION_READERS
FIGURE_READERS = HALL_FIGURE_READERS | FUNNEL_READERS | CALL_COUNTERS


def table(path: str, roles: frozenset[StaffRole]) -> Mapping[tuple[str, str], frozenset[StaffRole]]:
    """A table and its two exports."""
    stem = f"{path}all" if path.endswith("/") else path
    return {("GET", one): roles for one in (path, f"{stem}.csv", f"{stem}.xlsx")}
