"""What a census changes: the systems it tells of as they were known before, beside what they are after it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.connections.census_files import Line
from app.domain.connections.models import ConnectionCategory, Network
from app.domain.connections.rules import SystemFacts
from app.kit import db

_KNOWN: Final = """
SELECT s.department, s.name, s.network, s.vendor, s.database, s.interface, s.uncoded_items,
    ARRAY(SELECT i.item_code FROM census_item i WHERE i.system_id = s.id ORDER BY i.item_code) AS items,
    c.category, c.document_number, c.due_on, c.next_check_on
FROM unnest($1::varchar[], $2::varchar[]) AS t (department, name)
JOIN system_census s ON s.department = t.department AND s.name = t.name
LEFT JOIN LATERAL (
    SELECT k.category, e.document_number, k.due_on, k.next_check_on FROM connection k
    LEFT JOIN connection_event e ON e.connection_id = k.id AND e.seq = k.category_seq
    WHERE k.system_id = s.id ORDER BY k.id DESC LIMIT 1) c ON true
"""

Known = Mapping[tuple[str, str], Mapping[str, str]]
"""Each system by its department and name: what is known of it, by the titles of a census file."""


@dataclass(frozen=True, slots=True)
class SystemChange:
    """A system that comes or changes: the titles of its columns with what they held and what they will."""

    row: int
    department: str
    name: str
    is_new: bool
    columns: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a census would change; ``mark`` tells whether it is still the same."""

    changes: Sequence[SystemChange]
    unchanged: int = 0

    @property
    def new(self) -> int:
        """How many systems were not known before."""
        return sum(one.is_new for one in self.changes)

    @property
    def mark(self) -> str:
        return hashlib.sha256(repr(self.changes).encode()).hexdigest()[:32]


async def known(systems: Sequence[SystemFacts]) -> Known:
    """What is known of these systems; those that nobody knows are left out."""
    departments, names = [one.department for one in systems], [one.name for one in systems]
    rows = await db.fetch(_KNOWN, departments, names)
    return {(row["department"], row["name"]): _told(row) for row in rows}


def compared(lines: Sequence[Line], before: Known, after: Known) -> Outlook:
    """What came or changed between the two, in the order of the file."""
    changes = []
    for line in lines:
        key = line.facts.department, line.facts.name
        was, now = before.get(key, {}), after[key]
        columns = {
            title: (was.get(title, ""), text) for title, text in now.items() if text != was.get(title, "")
        }
        if columns:
            changes.append(SystemChange(line.row, *key, key not in before, columns))
    return Outlook(changes, unchanged=len(lines) - len(changes))


def _told(row: Any) -> Mapping[str, str]:
    category = ConnectionCategory(row["category"]).words if row["category"] else ""
    return {
        "所在网络": Network(row["network"]).words,
        "承建厂商": row["vendor"] or "",
        "数据库": row["database"] or "",
        "接口": row["interface"] or "",
        "事项编码": "、".join(row["items"]),
        "事项数": str(len(row["items"]) + row["uncoded_items"]),
        "对接类别": category,
        "文号": row["document_number"] or "",
        "期限": str(row["due_on"] or ""),
        "下次跟进": str(row["next_check_on"] or ""),
    }
