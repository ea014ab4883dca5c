"""Loading what opening times are reckoned from: the work calendar and the schedules of halls."""

import time
from collections.abc import Iterable
from typing import Any

from app.domain.halls.calendar import CalendarDay, WorkCalendar
from app.domain.halls.errors import HallNotFound
from app.domain.halls.models import DayKind, DayStatus, HalfDay
from app.domain.halls.opening import BlackoutRule, CounterFacts, HallSchedule, SpecialDay, WeeklyHours
from app.kit import db

_CALENDAR_LIFE_S = 60

_calendar: WorkCalendar | None = None
_loaded_at = 0.0


async def load_calendar() -> WorkCalendar:
    """The work calendar, read anew at most once a minute; another process's change is seen by then."""
    global _calendar, _loaded_at
    if _calendar is None or time.monotonic() - _loaded_at > _CALENDAR_LIFE_S:
        asked_at = time.monotonic()
        rows = await db.fetch('SELECT "on", kind, status, name FROM work_calendar')
        _calendar = WorkCalendar(
            CalendarDay(row["on"], DayKind(row["kind"]), DayStatus(row["status"]), row["name"])
            for row in rows
        )
        _loaded_at = asked_at
    return _calendar


def forget_calendar() -> None:
    """Have the next question read the calendar from the database."""
    global _calendar
    _calendar = None


async def load_schedule(hall_ids: Iterable[int] | None = None) -> dict[int, HallSchedule]:
    """The schedules of these halls, or of all; six queries however many there are."""
    halls = await db.fetch(
        "SELECT id, is_active FROM hall WHERE $1::bigint[] IS NULL OR id = ANY($1)",
        None if hall_ids is None else list(hall_ids),
    )
    ids = [hall["id"] for hall in halls]
    hours = await _by_hall(
        "SELECT hall_id, weekday, opens_at, closes_at, valid_from, valid_to FROM opening_hours"
        " WHERE hall_id = ANY($1)",
        ids,
    )
    special = await _by_hall(
        'SELECT hall_id, "on", is_closed, opens_at, closes_at, reason FROM hall_exception'
        " WHERE hall_id = ANY($1)",
        ids,
    )
    blackouts = await _by_hall(
        'SELECT hall_id, business_id, "on", is_first_workday, day_of_month, half, reason FROM blackout'
        " WHERE hall_id = ANY($1) OR hall_id IS NULL",
        ids,
    )
    counters = await _by_hall(
        "SELECT hall_id, c.id, number, is_integrated, array_remove(array_agg(s.business_id), NULL) AS skills"
        " FROM counter c LEFT JOIN counter_skill s ON s.counter_id = c.id"
        " WHERE hall_id = ANY($1) AND is_active GROUP BY c.id ORDER BY number",
        ids,
    )
    businesses = await _by_hall(
        "SELECT hall_id, b.code, coalesce(h.handling_minutes, b.handling_minutes) AS minutes"
        " FROM hall_business h JOIN business b ON b.code = h.business_id"
        " WHERE hall_id = ANY($1) AND h.is_active ORDER BY b.position, b.code",
        ids,
    )
    everywhere = blackouts.get(None, [])
    return {
        hall["id"]: HallSchedule(
            hall_id=hall["id"],
            is_active=hall["is_active"],
            hours=[WeeklyHours(*row.values()) for row in hours.get(hall["id"], [])],
            special_days=[_special_day(row) for row in special.get(hall["id"], [])],
            blackouts=[_blackout(row) for row in (*everywhere, *blackouts.get(hall["id"], []))],
            counters=[
                CounterFacts(row["id"], row["number"], row["is_integrated"], frozenset(row["skills"]))
                for row in counters.get(hall["id"], [])
            ],
            minutes={row["code"]: row["minutes"] for row in businesses.get(hall["id"], [])},
        )
        for hall in halls
    }


async def schedule_of(hall_id: int) -> HallSchedule:
    """The schedule of one hall; raises :class:`HallNotFound`."""
    found = await load_schedule([hall_id])
    if hall_id not in found:
        raise HallNotFound
    return found[hall_id]


async def _by_hall(sql: str, ids: list[int]) -> dict[int | None, list[Any]]:
    """Rows grouped by their ``hall_id``, which leaves the row."""
    grouped: dict[int | None, list[Any]] = {}
    for row in await db.fetch(sql, ids):
        facts = dict(row)
        grouped.setdefault(facts.pop("hall_id"), []).append(facts)
    return grouped


def _special_day(row: dict[str, Any]) -> SpecialDay:
    hours = None if row["is_closed"] else (row["opens_at"], row["closes_at"])
    return SpecialDay(row["on"], hours, row["reason"])


def _blackout(row: dict[str, Any]) -> BlackoutRule:
    return BlackoutRule(
        business=row["business_id"],
        on=row["on"],
        is_first_workday=row["is_first_workday"],
        day_of_month=row["day_of_month"],
        half=HalfDay(row["half"]) if row["half"] else None,
        reason=row["reason"],
    )
