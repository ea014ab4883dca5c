"""逾期: which connections and duties are past their day, seen in every list and announced once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from prometheus_client import Counter

from app.domain.accounts.staff import StaffMember
from app.domain.connections import history
from app.domain.connections.models import ConnectionCategory, ConnectionState, DutyState
from app.kit import audit, clock, db, outbox
from app.kit.metrics import REGISTRY
from app.kit.outbox import Event

log = logging.getLogger("weiban.connections")

OVERDUE: Final = "connections_overdue"
"""The event: ``{systems: [id], duties: [id]}``, those that were not overdue the day before."""

ANNOUNCED: Final = Counter(
    "weiban_connections_overdue", "Connections and sharing duties announced as overdue.", ("what",),
    registry=REGISTRY,
)  # fmt: skip

LATE_CONNECTION: Final = (
    "(c.due_on < $1 AND ((c.category IN (1, 2) AND c.state IN ('classified', 'integrating', 'testing'))"
    " OR (c.category = 3 AND c.state IN ('classified', 'quoted')))"
    " OR (c.category IN (4, 5) AND c.next_check_on < $1))"
)
"""Not live, not funded, or not asked after, with the day ($1) after the last one in time."""
# The day itself is still in time. A supplier whose refusal stands owes nothing.
LATE_DUTY: Final = (
    "(d.due_on < $1 AND d.state <> 'serving'"
    " AND NOT EXISTS (SELECT 1 FROM share_refusal r WHERE r.duty_id = d.id AND r.is_upheld))"
)

_LATE: Final = f"""
SELECT 'connection' AS kind, s.id, s.department, s.name, c.category, c.state,
    coalesce(c.next_check_on, c.due_on) AS due_on
FROM connection c JOIN system_census s ON s.id = c.system_id WHERE {LATE_CONNECTION}
UNION ALL
SELECT 'duty', d.id, d.supplier, d.data, NULL, d.state, d.due_on FROM share_duty d WHERE {LATE_DUTY}
ORDER BY due_on, kind, id
"""  # noqa: S608  Words of ours.

_MARK: Final = f"""
UPDATE connection c SET overdue_since = $1, last_seq = last_seq + 1
WHERE overdue_since IS NULL AND {LATE_CONNECTION} RETURNING id, system_id, last_seq, state
"""  # noqa: S608
_NOTE: Final = """
INSERT INTO connection_event (connection_id, seq, kind, state, actor, at)
SELECT id, seq, 'overdue', state, $4, $5
FROM unnest($1::bigint[], $2::smallint[], $3::varchar[]) AS t (id, seq, state)
"""
_UNMARK: Final = (
    "UPDATE connection c SET overdue_since = NULL"  # noqa: S608
    f" WHERE overdue_since IS NOT NULL AND ({LATE_CONNECTION}) IS NOT TRUE"
)
_MARK_DUTIES: Final = (
    "UPDATE share_duty d SET state = 'overdue'"  # noqa: S608
    f" WHERE d.state IN ('listed', 'opened') AND {LATE_DUTY} RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Late:
    """A connection (``id`` is its system's) or a duty that is past its day."""

    is_duty: bool
    id: int
    department: str
    name: str
    category: ConnectionCategory | None
    state: ConnectionState | DutyState
    due_on: date
    days: int
    """How many days the day is past."""


async def listed(member: StaffMember) -> list[Late]:
    """What is overdue today, the longest first, whether announced or not. Raises NotAllowed."""
    history.check_may_read(member)
    today = clock.today()
    return [
        Late(
            is_duty=row["kind"] == "duty",
            id=row["id"],
            department=row["department"],
            name=row["name"],
            category=ConnectionCategory(row["category"]) if row["category"] else None,
            state=DutyState(row["state"]) if row["kind"] == "duty" else ConnectionState(row["state"]),
            due_on=row["due_on"],
            days=(today - row["due_on"]).days,
        )
        for row in await db.fetch(_LATE, today)
    ]


async def mark() -> int:
    """Note what has become overdue, and announce it; answers how many. For every day, and as often as one
    likes: what was announced is not announced again unless it was in time in between.
    """
    today, now = clock.today(), clock.now()
    async with db.transaction():
        await db.execute(_UNMARK, today)
        marked = await db.fetch(_MARK, today)
        columns = [[row[name] for row in marked] for name in ("id", "last_seq", "state")]
        await db.execute(_NOTE, *columns, audit.SYSTEM, now)
        duties = [row["id"] for row in await db.fetch(_MARK_DUTIES, today)]
        systems = [row["system_id"] for row in marked]
        if systems or duties:
            await outbox.emit(OVERDUE, {"systems": systems, "duties": duties})
            await history.tell(
                audit.SYSTEM, "connections.overdue", "connection", systems=systems, duties=duties
            )
    return len(systems) + len(duties)


async def announce(events: Sequence[Event]) -> None:
    """Tell those who watch: a line in the log and a count; the lists show it by themselves."""
    for event in events:
        systems, duties = event.payload["systems"], event.payload["duties"]
        ANNOUNCED.labels("connection").inc(len(systems))
        ANNOUNCED.labels("duty").inc(len(duties))
        log.warning("overdue since today: connections of systems %s, sharing duties %s", systems, duties)
