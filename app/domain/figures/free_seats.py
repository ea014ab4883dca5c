"""Which seats are still free in the days to come: what a heat map shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.domain.figures import periods, rules
from app.domain.figures.periods import Period, midnight
from app.kit import clock, db

# Business by business, so that the key of slots leads to the days asked for and reads no others.
_AHEAD: Final = """
SELECT s.hall_id, s."on" AS day, extract(hour FROM s.starts_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
    sum(s.capacity - s.booked - s.held)::int AS free, sum(s.capacity)::int AS offered
FROM hall h JOIN hall_business b ON b.hall_id = h.id AND b.is_active
JOIN slot s ON s.hall_id = b.hall_id AND s.business_id = b.business_id
    AND s.starts_at >= $1 AND s.starts_at < $2 AND s.is_open AND s.bookable_until > $3
WHERE h.is_active {of_halls}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Hour:
    """The seats offered online in one hour of one day at one hall, and how many of them are free."""

    hall_id: int
    day: date
    hour: int
    free: int
    offered: int

    @property
    def share(self) -> Decimal | None:
        """How much of what is offered is free, in per cent."""
        return rules.percent(self.free, self.offered)


async def ahead(days: int, hall_ids: Sequence[int] | None = None) -> Sequence[Hour]:
    """The hours of so many days from today on in which anything can still be booked, now or later."""
    statement, values = said(periods.next_days(clock.today(), days), hall_ids)
    return [Hour(**row) for row in await db.fetch(statement, *values)]


def said(period: Period, hall_ids: Sequence[int] | None) -> tuple[str, list[object]]:
    """The statement and its values."""
    values: list[object] = [midnight(period.since), midnight(period.after), clock.now()]
    if hall_ids is None:
        return _AHEAD.format(of_halls=""), values
    return _AHEAD.format(of_halls="AND h.id = ANY ($4::bigint[])"), [*values, list(hall_ids)]
