"""The board of free seats: a heat map of the days to come, hall by hall or hour by hour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sanic import Request

from app.console.figures.bookings import weekday_of
from app.console.figures.desk import HALLS, more_pages
from app.console.figures.sheets import Ask, Board, Said, Sheet, Shown, Value, serve
from app.console.site import site
from app.domain.figures import free_seats, periods, readers, rules
from app.domain.figures.free_seats import Hour
from app.kit import clock
from app.kit.web import Call, fields

routes = more_pages()

LENGTHS: Final = (7, 14)

_Place = int | date


class AskSeats(Ask):
    days = fields.whole(1, max(LENGTHS), metadata={"description": "今后多少天，含今天"})
    hall = fields.whole(1, fields.LARGEST_ID, metadata={"description": "大厅"})


async def _gather(call: Call, said: Said) -> Shown:
    days, hall_id = said.get("days", LENGTHS[0]), said.get("hall")
    names = await readers.halls_of(call.caller)
    hall_ids = await readers.halls_asked(call.caller, hall_id)
    hours = await free_seats.ahead(days, hall_ids)
    sheets = [_by_hour(call.request, hours)]
    if hall_id is None and len(names) > 1:
        sheets.insert(0, _by_hall(call.request, hours, names, days))
    offered, free = sum(one.offered for one in hours), sum(one.free for one in hours)
    numbers: list[tuple[str, Value]] = [
        ("figures.offered", offered),
        ("figures.free", free),
        ("figures.free_share", rules.percent(free, offered)),
    ]
    told = {"days": days, "halls": list(names.items()), "hall": hall_id, "lengths": LENGTHS}
    return Shown(sheets, numbers, told)


def _by_hour(request: Request, hours: Sequence[Hour]) -> Sheet:
    """A day a row, an hour a column."""
    days = sorted({one.day for one in hours})
    columns: dict[_Place, str] = {hour: f"{hour:02}:00" for hour in sorted({one.hour for one in hours})}
    heads = [f"{day:%m-%d} {weekday_of(request, day.isoweekday())}" for day in days]
    seats = _gathered(hours, lambda one: one.day, lambda one: one.hour)
    return _map(request, "free_by_hour", seats, dict(zip(days, heads, strict=True)), columns)


def _by_hall(request: Request, hours: Sequence[Hour], names: Mapping[int, str], days: int) -> Sheet:
    """A hall a row, a day a column; a hall without seats has a row, too."""
    first = clock.today()
    ahead = [first + periods.DAY * place for place in range(days)]
    seats = _gathered(hours, lambda one: one.hall_id, lambda one: one.day)
    sheet = _map(request, "free_by_hall", seats, names, {day: f"{day:%m-%d}" for day in ahead})
    return replace(sheet, links=[f"{routes.prefix}/seats?days={days}&hall={hall_id}" for hall_id in names])


def _gathered(
    hours: Sequence[Hour], row: Callable[[Hour], _Place], column: Callable[[Hour], _Place]
) -> Mapping[tuple[_Place, _Place], tuple[int, int]]:
    """Free and offered seats by row and column."""
    seats: dict[tuple[_Place, _Place], tuple[int, int]] = {}
    for one in hours:
        free, offered = seats.get((row(one), column(one)), (0, 0))
        seats[row(one), column(one)] = free + one.free, offered + one.offered
    return seats


def _map(
    request: Request,
    name: str,
    seats: Mapping[tuple[_Place, _Place], tuple[int, int]],
    rows: Mapping[Any, str],
    columns: Mapping[Any, str],
) -> Sheet:
    """Free seats in rows and columns; at the end of a row how many are free of how many offered."""
    told: list[list[Value]] = []
    warmth: list[list[Decimal | None]] = []
    for row, head in rows.items():
        cells = [seats.get((row, column)) for column in columns]
        free, offered = (sum(one[place] for one in cells if one is not None) for place in (0, 1))
        shown: list[Value] = [None if one is None else one[0] for one in cells]
        told.append([head, *shown, free, offered, rules.percent(free, offered)])
        warmth.append([None if one is None else rules.percent(*one) for one in cells])
    heads = [site.said(request, f"figures.{name}.head"), *columns.values()]
    heads += [site.said(request, f"figures.{word}") for word in ("free", "offered", "free_share")]
    return Sheet(name, heads, told, plot="heat", drawn=range(1, len(columns) + 1), warmth=warmth)


BOARD: Final = Board(
    "seats", AskSeats, _gather, ("free_by_hall", "free_by_hour"), "figures_seats.html", HALLS
)
serve(routes, BOARD, "空余号源")
