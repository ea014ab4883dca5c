"""Filling the work calendar: published years, provisional years, and the State Council's notices.

国务院办公厅关于部分节假日安排的通知 settles a year, usually in November before it. Until then the
year is PROVISIONAL: weekends and the holidays of fixed date rest (全国年节及纪念日放假办法, 2025).
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.halls import notice_texts, schedules
from app.domain.halls.calendar import CalendarDay, usual_kind
from app.domain.halls.errors import BadNotice
from app.domain.halls.models import DayKind, DayStatus
from app.kit import audit, clock, db, outbox

FIRST_YEAR = 2024
YEARS_AHEAD = 2
PUBLISHED = "chinese-calendar"
BY_RULE = "全国年节及纪念日放假办法"

STATUTORY = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
"""Every year's notice arranges these seven; a file without one of them is not a whole notice."""

_FIXED = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
_KINDS = {
    "workday": DayKind.WORKDAY,
    "restday": DayKind.RESTDAY,
    "上班": DayKind.WORKDAY,
    "放假": DayKind.RESTDAY,
}


@dataclass(frozen=True, slots=True)
class LoadedNotice:
    """What a notice did: the year it settled and the days that work now and rested before, or the reverse."""

    year: int
    changed_days: tuple[date, ...]


async def fill_calendar() -> tuple[date, ...]:
    """Make every year from 2024 to two years ahead stand in the table; answers the days that changed.

    What a notice has settled stays; a provisional year becomes official once the library knows it.
    """
    days = [
        day
        for year in range(FIRST_YEAR, clock.today().year + YEARS_AHEAD + 1)
        for day in (published_year(year) or provisional_year(year))
    ]
    return await _write(days, settles=False, actor=audit.SYSTEM, source=PUBLISHED)


async def load_notice(text: str, *, source: str, actor: str = audit.SYSTEM) -> LoadedNotice:
    """Settle a year by its notice, or by the CSV ``date,kind,name`` of it (``restday`` or ``workday``).

    All other days of that year become official too, as their weekday says. ``source`` names the
    document. Raises :class:`BadNotice` and changes nothing if the file is not a whole notice.
    """
    year, days = settled_days(text)
    return LoadedNotice(year, await _write(days, settles=True, actor=actor, source=source))


def settled_days(text: str) -> tuple[int, list[CalendarDay]]:
    """The year a notice settles, and every day it says something of. Raises :class:`BadNotice`."""
    special = read_notice(text)
    year = max(special).year
    days = [special.get(on) or CalendarDay(on, usual_kind(on), DayStatus.OFFICIAL) for on in days_of(year)]
    return year, [*days, *(day for on, day in special.items() if on.year != year)]


def read_notice(text: str) -> dict[date, CalendarDay]:
    """The days a notice names, checked, be it the text itself or a list of days.

    Raises :class:`BadNotice` naming each wrong line.
    """
    if not notice_texts.is_text(text):
        return _whole(_listed(text))
    return _whole(notice_texts.read(text))


def _whole(found: dict[date, CalendarDay]) -> dict[date, CalendarDay]:
    faults = _missing_holidays(found)
    if faults:
        raise BadNotice(fields=faults)
    return found


def _listed(text: str) -> dict[date, CalendarDay]:
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if not {"date", "kind", "name"} <= set(reader.fieldnames or ()):
        raise BadNotice(fields={"第 1 行": ["请粘贴通知全文，或首行为 date,kind,name 的清单"]})
    found: dict[date, CalendarDay] = {}
    faults: dict[str, list[str]] = {}
    for line in reader:
        try:
            on = date.fromisoformat((line["date"] or "").strip())
            kind = _KINDS[(line["kind"] or "").strip()]
        except (ValueError, KeyError):
            faults[f"第 {reader.line_num} 行"] = [
                "日期应如 2027-01-01，类别应为 restday（放假）或 workday（上班）"
            ]
            continue
        if on in found:
            faults[f"第 {reader.line_num} 行"] = ["日期重复"]
        found[on] = CalendarDay(on, kind, DayStatus.OFFICIAL, (line["name"] or "").strip()[:40] or None)
    if faults:
        raise BadNotice(fields=faults)
    return found


def published_year(year: int) -> list[CalendarDay]:
    """The days of a year the library knows; none for a year it does not."""
    # A server that never fills the calendar need not hold the library.
    import chinese_calendar

    try:
        details = [(on, *chinese_calendar.get_holiday_detail(on)) for on in days_of(year)]
    except NotImplementedError:
        return []
    chinese = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
    return [
        CalendarDay(
            on,
            DayKind.RESTDAY if rests else DayKind.WORKDAY,
            DayStatus.OFFICIAL,
            chinese.get(name) if name else None,
        )
        for on, rests, name in details
    ]


def provisional_year(year: int) -> list[CalendarDay]:
    """A year by rule alone: weekends and holidays of fixed date rest, nothing is invented for the others."""
    return [
        CalendarDay(
            on,
            DayKind.RESTDAY if (on.month, on.day) in _FIXED else usual_kind(on),
            DayStatus.PROVISIONAL,
            _FIXED.get((on.month, on.day)),
        )
        for on in days_of(year)
    ]


def days_of(year: int) -> list[date]:
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days)]


def _missing_holidays(found: Mapping[date, CalendarDay]) -> dict[str, list[str]]:
    year = max(found).year if found else None
    names = " ".join(
        day.name or "" for day in found.values() if day.on.year == year and day.kind is DayKind.RESTDAY
    )
    missing = [holiday for holiday in STATUTORY if holiday not in names]
    return {"name": [f"通知不完整，缺少：{'、'.join(missing)}"]} if missing else {}


async def _write(days: Iterable[CalendarDay], *, settles: bool, actor: str, source: str) -> tuple[date, ...]:
    """Write days; a settling source overrules an official day, another one only a provisional day."""
    rows = [
        (
            day.on,
            day.kind.value,
            day.status.value,
            source if day.status is DayStatus.OFFICIAL else BY_RULE,
            day.name,
        )
        for day in days
    ]
    async with db.transaction():
        before = {row["on"]: row["kind"] for row in await db.fetch('SELECT "on", kind FROM work_calendar')}
        written = await db.fetch(
            'INSERT INTO work_calendar AS known ("on", kind, status, source, name)'
            " SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[])"
            ' ON CONFLICT ("on") DO UPDATE SET kind = excluded.kind, status = excluded.status,'
            " source = excluded.source, name = excluded.name"
            " WHERE ($6 OR (known.status, excluded.status) = ('provisional', 'official'))"
            " AND (known.kind, known.status, known.name)"
            " IS DISTINCT FROM (excluded.kind, excluded.status, excluded.name)"
            ' RETURNING known."on", known.kind',
            *(list(column) for column in zip(*rows, strict=True)),
            settles,
        )
        changed = tuple(
            sorted(row["on"] for row in written if before.get(row["on"], row["kind"]) != row["kind"])
        )
        if any(row["on"] in before for row in written):
            names = [day.isoformat() for day in changed]
            await outbox.emit("work_calendar_changed", {"changed_days": names})
            await audit.record(
                actor,
                "work_calendar_changed",
                "work_calendar",
                detail={"source": source, "changed_days": names},
            )
    schedules.forget_calendar()
    return changed
