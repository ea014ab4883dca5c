"""Reads figures: days that were counted from their table, the rest from the appointments themselves."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.figures.periods import DAY, Period, midnight
from app.kit import db


class By(StrEnum):
    """What figures may be told apart by, as SQL of their columns."""

    HALL = "hall_id"
    DAY = "day"
    MONTH = "date_trunc('month', day)::date"
    WEEKDAY = "extract(isodow FROM day)::int"
    HOUR = "hour"
    OUTCOME = "outcome"


Key = tuple[object, ...]

# Hall by hall, so that the index of a hall's appointments by time leads to the days that nobody counted yet.
_FIGURES: Final = """
SELECT hall_id, day, hour, outcome, number FROM appointment_figure WHERE day >= $1 AND day < $2 {counted}
UNION ALL
SELECT h.id, local::date, extract(hour FROM local)::smallint, a.status, 1
FROM hall h JOIN appointment a ON a.hall_id = h.id AND a.starts_at >= $3 AND a.starts_at < $4
CROSS JOIN LATERAL (SELECT a.starts_at AT TIME ZONE 'Asia/Shanghai' AS local) l {live}
"""


async def counted(*by: By, period: Period, hall_ids: Sequence[int] | None = None) -> Mapping[Key, int]:
    """How many appointments begin in a period; the keys hold a value of each of ``by``, in their order.

    ``hall_ids`` of ``None`` stands for every hall. Days that are not counted yet, today for one, are read
    from the appointments as they are now.
    """
    last: date | None = await db.fetch_value("SELECT max(day) FROM appointment_figure")
    statement, values = said(by, period, last, hall_ids)
    return {tuple(row.values())[:-1]: row["number"] for row in await db.fetch(statement, *values)}


def said(
    by: Sequence[By], period: Period, last: date | None, hall_ids: Sequence[int] | None
) -> tuple[str, list[object]]:
    """The statement and its values; ``last`` is the last day that was counted.

    The table is asked for no later day, and the appointments for no other.
    """
    live_from = period.since if last is None else min(max(last + DAY, period.since), period.after)
    values: list[object] = [period.since, live_from, midnight(live_from), midnight(period.after)]
    if hall_ids is not None:
        values.append(list(hall_ids))
    figures = _FIGURES.format(
        counted="" if hall_ids is None else "AND hall_id = ANY ($5::bigint[])",
        live="" if hall_ids is None else "WHERE h.id = ANY ($5::bigint[])",
    )
    columns = "".join(f"{one} AS by_{number}, " for number, one in enumerate(by))
    told_apart = ", ".join(str(number) for number in range(1, len(by) + 1))
    grouped = f" GROUP BY {told_apart} ORDER BY {told_apart}" if by else ""
    # Every part of it is said here; what somebody asked for comes as a value.
    statement = f"SELECT {columns}coalesce(sum(number), 0)::int AS number FROM ({figures}) f{grouped}"  # noqa: S608
    return statement, values
