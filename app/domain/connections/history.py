"""What every deed here shares: who may, the connection held, its step written and its history kept."""

from dataclasses import dataclass

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.connections.errors import NotConnecting
from app.domain.connections.models import (
    Connection,
    ConnectionCategory,
    ConnectionEvent,
    ConnectionState,
)
from app.kit import audit, clock
from app.kit.audit import Plain
from app.kit.errors import NotAllowed

_READERS = (StaffRole.SYSTEM_ADMIN, StaffRole.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Words:
    """What a step is told with; ``category`` only where a class is decided."""

    category: ConnectionCategory | None = None
    document_number: str | None = None
    note: str | None = None


def check_may_change(member: StaffMember) -> None:
    """Raises NotAllowed: the census and the duties are kept by the administrators of the whole place."""
    if not staff.may(member, StaffRole.SYSTEM_ADMIN, None):
        raise NotAllowed


def check_may_read(member: StaffMember) -> None:
    """Supervision reads what administrators keep. Raises NotAllowed."""
    if not any(staff.may(member, role, None) for role in _READERS):
        raise NotAllowed


async def locked(system_id: int) -> Connection:
    """The connection of a system under way, held until the transaction ends. Raises NotConnecting."""
    is_id = 0 < system_id < 2**63
    under_way = Connection.filter(system_id=system_id).exclude(state=ConnectionState.OFFLINE)
    found = await under_way.select_for_update().get_or_none() if is_id else None
    if found is None:
        raise NotConnecting
    return found


async def write(
    connection: Connection, kind: str, words: Words, actor: str, state: ConnectionState | None = None
) -> None:
    """Append the event, then write the row as it is now: its class refers to the event that decided it."""
    connection.last_seq += 1
    connection.state = state or connection.state
    await ConnectionEvent.create(
        connection_id=connection.id,
        seq=connection.last_seq,
        kind=kind,
        state=connection.state,
        category=words.category,
        document_number=words.document_number,
        note=words.note,
        actor=actor,
        at=clock.now(),
    )
    if words.category is not None:
        connection.category, connection.category_seq = words.category, connection.last_seq
    await connection.save()


async def tell(actor: str, what: str, target: str, *, reason: str | None = None, **detail: Plain) -> None:
    """Write the deed to the audit log; the last deed of its transaction."""
    await audit.record(actor, what, target, detail=detail, reason=reason)
