"""对接率: how many of a department's items are served by connected systems, and how far 三通 reaches."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.domain.accounts.staff import StaffMember
from app.domain.connections import history
from app.kit import db

# An item that several systems serve counts once, by the best of them; what is offline connects nothing.
# Items without codes are known by their number only, so those of each system are its own.
_COVERAGE: Final = """
WITH served AS (
    SELECT s.department, s.id, 'code ' || i.item_code AS item, 1 AS weight
    FROM census_item i JOIN system_census s ON s.id = i.system_id
    UNION ALL
    SELECT department, id, 'system ' || id, uncoded_items FROM system_census WHERE uncoded_items > 0
), once AS (
    SELECT v.department, v.item, max(v.weight) AS weight, min(c.category) AS best,
        bool_or(c.has_network) AS network, bool_or(c.has_data) AS data, bool_or(c.has_business) AS business,
        bool_or(c.has_network AND c.has_data AND c.has_business) AS through
    FROM served v LEFT JOIN connection c ON c.system_id = v.id AND c.state <> 'offline'
    GROUP BY GROUPING SETS ((v.department, v.item), (v.item))
)
SELECT department, sum(weight) AS items,
    coalesce(sum(weight) FILTER (WHERE best <= 2), 0) AS agreed,
    coalesce(sum(weight) FILTER (WHERE best = 3), 0) AS cost_open,
    coalesce(sum(weight) FILTER (WHERE network), 0) AS network,
    coalesce(sum(weight) FILTER (WHERE data), 0) AS data,
    coalesce(sum(weight) FILTER (WHERE business), 0) AS business,
    coalesce(sum(weight) FILTER (WHERE through), 0) AS through
FROM once GROUP BY department ORDER BY department NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The items of a department, or of all (``None``), by class and tick; every number counts items.

    ``agreed`` are those of classes ① and ②, ``cost_open`` those whose best system is of class ③;
    ``through`` those with all three ticks.
    """

    department: str | None
    items: int
    agreed: int
    cost_open: int
    network: int
    data: int
    business: int
    through: int

    @property
    def ratio(self) -> Decimal:
        """事项比率 of classes ① and ②, in per cent with one decimal."""
        return self.percent(self.agreed)

    @property
    def ratio_with_cost_open(self) -> Decimal:
        """The same with class ③, as it will be once its costs are settled."""
        return self.percent(self.agreed + self.cost_open)

    def percent(self, part: int) -> Decimal:
        """A part of the items in per cent, rounded half up to one decimal; 0 of none."""
        if not self.items:
            return Decimal("0.0")
        return (Decimal(100 * part) / self.items).quantize(Decimal("0.1"), ROUND_HALF_UP)


async def by_department(member: StaffMember) -> list[Coverage]:
    """Each department by name, then all together; nothing without a census. Raises NotAllowed."""
    history.check_may_read(member)
    return [Coverage(**row) for row in await db.fetch(_COVERAGE)]
