"""What everybody may read of figures: month by month, each beside the same month a year before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.domain.figures import small_numbers
from app.domain.figures.small_numbers import Count, Share
from app.kit import clock, cursors, db

MONTHS: Final = 12
"""So many months are told, besides the one that is not over."""
PAGE: Final = 20

_HALLS: Final = "published-halls"

_OF_HALLS: Final = """
SELECT m.month, sum(m.booked)::int AS booked, sum(m.served)::int AS served, sum(m.no_shows)::int AS no_shows
FROM hall_month m JOIN hall h ON h.id = m.hall_id
WHERE m.month >= $1 AND ($2::text IS NULL OR starts_with(h.region_id, $2)) GROUP BY 1
"""
_OF_HALL: Final = """
SELECT month, booked, served, no_shows FROM hall_month WHERE hall_id = $2 AND month >= $1
"""
_OF_CASES: Final = """
SELECT date_trunc('month', day)::date AS month, sum(accepted)::int AS accepted, sum(decided)::int AS decided,
    sum(on_time)::int AS on_time, sum(late)::int AS late
FROM case_figure WHERE day >= $1 AND ($2::text IS NULL OR starts_with(region, $2)) GROUP BY 1
"""
_HALL_BY_HALL: Final = """
SELECT h.id, h.name, coalesce(m.booked, 0) AS booked, coalesce(m.served, 0) AS served,
    coalesce(m.no_shows, 0) AS no_shows,
    b.booked AS booked_before, b.served AS served_before, b.no_shows AS no_shows_before
FROM hall h
LEFT JOIN hall_month m ON m.hall_id = h.id AND m.month = $1
LEFT JOIN hall_month b ON b.hall_id = h.id AND b.month = $2
WHERE h.is_active AND h.id > $4 AND ($3::text IS NULL OR starts_with(h.region_id, $3))
ORDER BY h.id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Visits:
    """Appointments as they are told; ``no_show_rate`` is 未到场 of 未到场 and 已办结 together."""

    booked: Count
    served: Count
    no_show_rate: Share | None


@dataclass(frozen=True, slots=True)
class CaseWork:
    """Cases as they are told; ``on_time_rate`` is of the decisions whose due day is known."""

    accepted: Count
    decided: Count
    on_time_rate: Share | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month as it is told; of one that is not over no change in a year is told."""

    month: date
    is_over: bool
    visits: Visits
    cases: CaseWork | None


@dataclass(frozen=True, slots=True)
class HallLine:
    """One hall in the list of a month."""

    hall_id: int
    name: str
    visits: Visits


@dataclass(frozen=True, slots=True)
class HallLines:
    """Some halls, and where the next ones begin."""

    items: Sequence[HallLine]
    next: str | None


async def months(region: str | None = None) -> Sequence[Month]:
    """All halls and authorities of a region, month by month, the newest first."""
    told = told_months(clock.today())
    since = a_year_before(told[-1])
    halls = {row["month"]: row for row in await db.fetch(_OF_HALLS, since, region)}
    cases = {row["month"]: row for row in await db.fetch(_OF_CASES, since, region)}
    return [
        Month(month, month != told[0], _visits(halls, month, told[0]), _cases(cases, month, told[0]))
        for month in told
    ]


async def months_of_hall(hall_id: int) -> Sequence[Month]:
    """One hall month by month, the newest first; cases belong to no hall."""
    told = told_months(clock.today())
    halls = {row["month"]: row for row in await db.fetch(_OF_HALL, a_year_before(told[-1]), hall_id)}
    return [Month(month, month != told[0], _visits(halls, month, told[0]), None) for month in told]


async def hall_by_hall(month: date, region: str | None = None, cursor: str | None = None) -> HallLines:
    """The halls of a region in one month. Raises BadCursor."""
    after = cursors.read(_HALLS, cursor)[0] if cursor else 0
    rows = await db.fetch(_HALL_BY_HALL, month, a_year_before(month), region, after, PAGE + 1)
    is_over = month != told_months(clock.today())[0]
    items = [
        HallLine(row["id"], row["name"], _told(row, _before(row) if is_over else None)) for row in rows[:PAGE]
    ]
    return HallLines(items, cursors.written(_HALLS, items[-1].hall_id) if len(rows) > PAGE else None)


def told_months(today: date) -> Sequence[date]:
    """The first days of the months that are told: this one, and the year before it."""
    this = today.year * 12 + today.month - 1
    return [date((this - ago) // 12, (this - ago) % 12 + 1, 1) for ago in range(MONTHS + 1)]


def a_year_before(month: date) -> date:
    """The same month a year before."""
    return month.replace(year=month.year - 1)


def _visits(halls: Mapping[date, Any], month: date, current: date) -> Visits:
    now = halls.get(month, {"booked": 0, "served": 0, "no_shows": 0})
    return _told(now, halls.get(a_year_before(month)) if month != current else None)


def _told(now: Mapping[str, int], before: Mapping[str, int] | None) -> Visits:
    earlier = small_numbers.share(before["no_shows"], before["served"]) if before else None
    return Visits(
        booked=small_numbers.count(now["booked"], before["booked"] if before else None),
        served=small_numbers.count(now["served"], before["served"] if before else None),
        no_show_rate=small_numbers.share(now["no_shows"], now["served"], earlier),
    )


def _before(row: Mapping[str, Any]) -> Mapping[str, int] | None:
    if row["booked_before"] is None:
        return None
    return {name: row[f"{name}_before"] for name in ("booked", "served", "no_shows")}


def _cases(cases: Mapping[date, Any], month: date, current: date) -> CaseWork:
    now = cases.get(month, {"accepted": 0, "decided": 0, "on_time": 0, "late": 0})
    before = cases.get(a_year_before(month)) if month != current else None
    earlier = small_numbers.share(before["on_time"], before["late"]) if before else None
    return CaseWork(
        accepted=small_numbers.count(now["accepted"], before["accepted"] if before else None),
        decided=small_numbers.count(now["decided"], before["decided"] if before else None),
        on_time_rate=small_numbers.share(now["on_time"], now["late"], earlier),
    )
