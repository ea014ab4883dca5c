"""What staff can ask: the systems with their connections, one of them whole, and the list of duties."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.accounts.staff import StaffMember
from app.domain.connections import history, overdue
from app.domain.connections.errors import DutyNotFound, SystemNotFound
from app.domain.connections.models import (
    CensusItem,
    CensusSystem,
    Connection,
    ConnectionCategory,
    ConnectionEvent,
    ConnectionState,
    DutyState,
    DutyTerms,
)
from app.kit import clock, db

_SYSTEMS = f"""
SELECT s.id, s.department, s.name, c.state, c.category, coalesce(c.next_check_on, c.due_on) AS due_on,
    c.has_network, c.has_data, c.has_business, coalesce({overdue.LATE_CONNECTION}, false) AS is_overdue,
    s.uncoded_items + (SELECT count(*) FROM census_item i WHERE i.system_id = s.id) AS items
FROM system_census s JOIN LATERAL (
    SELECT * FROM connection WHERE system_id = s.id ORDER BY id DESC LIMIT 1) c ON true
WHERE s.id > $2 AND ($3::varchar IS NULL OR s.department = $3)
ORDER BY s.id LIMIT $4
"""  # noqa: S608  Words of ours.
_DUTIES = f"""
SELECT d.id, d.supplier, d.data, d.due_on, d.terms, d.condition, d.state, {overdue.LATE_DUTY} AS is_overdue,
    r.legal_basis, r.escalated_to, r.is_upheld
FROM share_duty d LEFT JOIN LATERAL (
    SELECT * FROM share_refusal WHERE duty_id = d.id ORDER BY id DESC LIMIT 1) r ON true
WHERE d.id > $2 AND ($3::varchar IS NULL OR d.supplier = $3)
ORDER BY d.id LIMIT $4
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """A system as staff see it listed; ``due_on`` is its deadline, or the day of its next check."""

    id: int
    department: str
    name: str
    items: int
    state: ConnectionState
    category: ConnectionCategory | None
    due_on: date | None
    has_network: bool
    has_data: bool
    has_business: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class SystemView:
    """A system whole: what the census found, its newest connection, and how that came so far."""

    system: CensusSystem
    item_codes: Sequence[str]
    connection: Connection
    events: Sequence[ConnectionEvent]


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """A duty as staff see it listed, with its newest refusal; ``is_upheld`` is null until that is decided."""

    id: int
    supplier: str
    data: str
    due_on: date
    terms: DutyTerms
    condition: str | None
    state: DutyState
    is_overdue: bool
    legal_basis: str | None
    escalated_to: str | None
    is_upheld: bool | None


async def duty(member: StaffMember, duty_id: int) -> DutyEntry:
    """One duty with its newest refusal. Raises NotAllowed or DutyNotFound."""
    found = await duties(member, after=duty_id - 1, limit=1) if 0 < duty_id < 2**63 else []
    if not found or found[0].id != duty_id:
        raise DutyNotFound
    return found[0]


async def systems(
    member: StaffMember, *, department: str | None = None, after: int = 0, limit: int = 100
) -> list[SystemEntry]:
    """Systems by number, those after one. Raises NotAllowed."""
    history.check_may_read(member)
    return [
        SystemEntry(
            **{
                **row,
                "state": ConnectionState(row["state"]),
                "category": ConnectionCategory(row["category"]) if row["category"] else None,
            }
        )
        for row in await db.fetch(_SYSTEMS, clock.today(), after, department, limit)
    ]


async def whole(member: StaffMember, system_id: int) -> SystemView:
    """One system with the history of its newest connection. Raises NotAllowed or SystemNotFound."""
    history.check_may_read(member)
    found = await CensusSystem.get_or_none(id=system_id) if 0 < system_id < 2**63 else None
    connection = await Connection.filter(system_id=system_id).order_by("-id").first() if found else None
    if found is None or connection is None:
        raise SystemNotFound
    items = await CensusItem.filter(system_id=system_id).order_by("item_code")
    events = await ConnectionEvent.filter(connection_id=connection.id).order_by("seq")
    return SystemView(found, [one.item_code for one in items], connection, events)


async def duties(
    member: StaffMember, *, supplier: str | None = None, after: int = 0, limit: int = 100
) -> list[DutyEntry]:
    """Duties by number, those after one. Raises NotAllowed."""
    history.check_may_read(member)
    return [
        DutyEntry(**{**row, "terms": DutyTerms(row["terms"]), "state": DutyState(row["state"])})
        for row in await db.fetch(_DUTIES, clock.today(), after, supplier, limit)
    ]
