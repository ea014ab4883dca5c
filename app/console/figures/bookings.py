"""The board of bookings: what they came to, by day, hall, weekday and hour."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sanic import Request

from app.console.figures.desk import HALLS, more_pages
from app.console.figures.sheets import Ask, Board, Said, Sheet, Shown, Value, serve
from app.console.site import site
from app.domain.figures import outcomes, periods, readers
from app.domain.figures.errors import BadPeriod
from app.domain.figures.outcomes import Outcomes
from app.domain.figures.periods import DAY, Period
from app.domain.figures.queries import By
from app.kit import clock
from app.kit.web import Call, fields

routes = more_pages()

LENGTHS: Final = (7, 30, 90)
_USUAL: Final = 30
_DAYS_SHOWN: Final = 92
"""A longer period is shown month by month."""
_COLUMNS: Final = ("booked", "done", "no_show", "cancelled", "cancelled_by_hall", "open", "no_show_rate")
_DRAWN: Final = (2, 3, 4, 5, 6)
_LINE: Final = 7


class AskBookings(Ask):
    days = fields.whole(1, periods.LONGEST, metadata={"description": "最近多少天，含今天"})
    since = fields.Day(metadata={"description": "自哪天"})
    until = fields.Day(metadata={"description": "至哪天"})
    hall = fields.whole(1, fields.LARGEST_ID, metadata={"description": "大厅"})


async def _gather(call: Call, said: Said) -> Shown:
    period, request = _period(said), call.request
    names = await readers.halls_of(call.caller)
    hall_ids = await readers.halls_asked(call.caller, said.get("hall"))
    [total] = (await outcomes.told_apart(period=period, hall_ids=hall_ids)).values() or [Outcomes()]
    sheets = [await _by_time(request, period, hall_ids)]
    if said.get("hall") is None and len(names) > 1:
        sheets.append(await _by_hall(call, period, hall_ids, names))
    sheets += [await _by_weekday(request, period, hall_ids), await _by_hour(request, period, hall_ids)]
    numbers = [(f"figures.{name}", getattr(total, name)) for name in _COLUMNS]
    told = {
        "period": period,
        "halls": list(names.items()),
        "hall": said.get("hall"),
        "lengths": LENGTHS,
    }
    return Shown(sheets, numbers, told)


def _period(said: Said) -> Period:
    """The days asked for: some from one day to another, else the last so many."""
    today = clock.today()
    since, until = said.get("since"), said.get("until")
    if since is None and until is None:
        return periods.last_days(today, said.get("days", _USUAL))
    last: date = until or max(since or today, today)
    try:
        return periods.asked_for(since or last - DAY * (_USUAL - 1), last)
    except BadPeriod as wrong:
        wrong.understood = {name: value for name, value in said.items() if name == "hall"}
        raise


async def _by_time(request: Request, period: Period, hall_ids: Sequence[int] | None) -> Sheet:
    """Day by day, also days without bookings, or month by month."""
    if period.days > _DAYS_SHOWN:
        months = await outcomes.told_apart(By.MONTH, period=period, hall_ids=hall_ids)
        return _sheet(request, "by_month", ((f"{month:%Y-%m}", one) for (month,), one in months.items()))
    found = await outcomes.told_apart(By.DAY, period=period, hall_ids=hall_ids)
    days: Iterable[date] = (period.since + DAY * place for place in range(period.days))
    return _sheet(request, "by_day", ((day.isoformat(), found.get((day,), Outcomes())) for day in days))


async def _by_hall(
    call: Call, period: Period, hall_ids: Sequence[int] | None, names: Mapping[int, str]
) -> Sheet:
    """Hall by hall, the busiest first; each leads to its own board."""
    found = await outcomes.told_apart(By.HALL, period=period, hall_ids=hall_ids)
    each = [(hall_id, found.get((hall_id,), Outcomes())) for hall_id in names]
    busiest = sorted(each, key=lambda one: (-one[1].booked, one[0]))
    asked = f"since={period.since}&until={period.until}"
    return _sheet(
        call.request,
        "by_hall",
        ((names[hall_id], one) for hall_id, one in busiest),
        plot="bars",
        links=[f"{routes.prefix}/bookings?{asked}&hall={hall_id}" for hall_id, _ in busiest],
    )


async def _by_weekday(request: Request, period: Period, hall_ids: Sequence[int] | None) -> Sheet:
    found = await outcomes.told_apart(By.WEEKDAY, period=period, hall_ids=hall_ids)
    rows = ((weekday_of(request, day), one) for (day,), one in found.items())
    return _sheet(request, "by_weekday", rows)


def weekday_of(request: Request, number: object) -> str:
    """The name of a day of the week, of which Monday is 1."""
    return site.said(request, "figures.weekday", name=site.said(request, f"weekday.{number}"))


async def _by_hour(request: Request, period: Period, hall_ids: Sequence[int] | None) -> Sheet:
    found = await outcomes.told_apart(By.HOUR, period=period, hall_ids=hall_ids)
    return _sheet(request, "by_hour", ((f"{hour:02}:00", one) for (hour,), one in found.items()))


def _sheet(
    request: Request,
    name: str,
    rows: Iterable[tuple[str, Outcomes]],
    *,
    plot: str = "stacked",
    links: Sequence[str] = (),
) -> Sheet:
    heads = [site.said(request, f"figures.{name}.head")]
    heads += [site.said(request, f"figures.{column}") for column in _COLUMNS]
    told: list[list[Value]] = [[head, *(getattr(one, name) for name in _COLUMNS)] for head, one in rows]
    return Sheet(name, heads, told, plot=plot, drawn=_DRAWN, line=_LINE, links=links)


BOARD: Final[Any] = Board(
    "bookings",
    AskBookings,
    _gather,
    ("by_day", "by_month", "by_hall", "by_weekday", "by_hour"),
    "figures_bookings.html",
    HALLS,
)
serve(routes, BOARD, "预约统计")
