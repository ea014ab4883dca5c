"""The board of routes: which pages and interfaces of the server are slow, over all its processes."""

import math
from decimal import Decimal
from typing import Final

from app.console.figures.desk import SPEED, more_pages
from app.console.figures.sheets import Ask, Board, Said, Sheet, Shown, Value, serve
from app.console.site import site
from app.domain.figures import rules
from app.kit.metrics import REQUEST_BOUNDS_S
from app.kit.web import Call, route_times
from app.kit.web.route_times import RouteTimes

routes = more_pages()

_SHARES: Final = (0.5, 0.95, 0.99)
_COLUMNS: Final = ("route", "count", "mean", "median", "p95", "p99", "faults", "fault_share")
_MEAN: Final = 2


async def _gather(call: Call, _: Said) -> Shown:
    gathered = await route_times.gathered()
    heads = [site.said(call.request, f"figures.speed.{column}") for column in _COLUMNS]
    slowest = gathered.routes if gathered is not None else []
    none = site.said(call.request, "figures.speed.none")
    above = site.said(call.request, "figures.speed.above", bound=_milliseconds(REQUEST_BOUNDS_S[-1]))
    rows = [_row(one, none, above) for one in slowest]
    sheet = Sheet("by_route", heads, rows, plot="bars", drawn=[_MEAN])
    return Shown([sheet], told={"gathered": gathered})


def _row(times: RouteTimes, none: str, above: str) -> list[Value]:
    """Percentiles are bounds: so many milliseconds or fewer."""
    name = f"{times.method} {times.route}" if times.route != "none" else none
    bounds = [times.percentile(share) for share in _SHARES]
    told: list[Value] = [above if math.isinf(bound) else _milliseconds(bound) for bound in bounds]
    share = rules.percent(times.faults, times.count)
    return [name, times.count, _milliseconds(times.mean), *told, times.faults, share]


def _milliseconds(seconds: float) -> Decimal:
    told = (Decimal(seconds) * 1000).quantize(Decimal("0.1"))
    return told.to_integral_value() if told == told.to_integral_value() else told


BOARD: Final = Board("speed", Ask, _gather, ("by_route",), "figures_speed.html", SPEED)
serve(routes, BOARD, "各接口响应时间")
