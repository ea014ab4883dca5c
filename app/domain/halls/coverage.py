"""The alarm for a business that a hall offers and nobody there can take (窗口技能缺口)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.halls.schedules import load_schedule
from app.kit import db


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """A business offered without a counter that takes it."""

    hall_id: int
    hall_name: str
    business: str
    business_name: str


async def coverage_gaps(hall_ids: Sequence[int] | None = None) -> list[CoverageGap]:
    """What active halls, these or all, offer and no active counter of theirs takes."""
    schedules = await load_schedule(hall_ids)
    missing = [
        (one.hall_id, business)
        for one in schedules.values()
        if one.is_active
        for business in one.businesses
        if not one.counter_count(business)
    ]
    rows = await db.fetch(
        "SELECT h.id, h.name, b.code, b.name FROM unnest($1::bigint[], $2::text[]) AS gap(hall, offered)"
        " JOIN hall h ON h.id = hall JOIN business b ON b.code = offered ORDER BY h.id, b.position",
        [hall for hall, _ in missing],
        [business for _, business in missing],
    )
    return [CoverageGap(*row) for row in rows]
