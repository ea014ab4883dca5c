"""The board of outside systems: how much they were asked, how often in vain, how long they took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sanic import Request

from app.console.figures.desk import UPSTREAMS, more_pages
from app.console.figures.sheets import Ask, Board, Said, Sheet, Shown, Value, serve
from app.console.site import site
from app.domain.connections import watching
from app.domain.figures import rules
from app.gateways.exchange.health import Traffic
from app.gateways.exchange.purposes import Source
from app.kit.clock import SHANGHAI
from app.kit.web import Call, fields

routes = more_pages()

LENGTHS: Final = (1, 7, 30)
_COLUMNS: Final = ("calls", "troubled", "trouble_share", "median_ms", "p95_ms")


class AskUpstreams(Ask):
    days = fields.Choice([str(days) for days in LENGTHS], metadata={"description": "最近多少天，含今天"})


async def _gather(call: Call, said: Said) -> Shown:
    days = int(said.get("days", LENGTHS[0]))
    traffic = await watching.traffic(call.caller, days)
    sheets = [
        _by_source(call.request, [one for one in traffic if one.since is None]),
        _by_time(call.request, [one for one in traffic if one.since is not None], days),
    ]
    return Shown(sheets, told={"days": days, "lengths": LENGTHS})


def _by_source(request: Request, traffic: Sequence[Traffic]) -> Sheet:
    heads = [site.said(request, f"figures.upstream.{name}") for name in ("source", *_COLUMNS)]
    rows: list[list[Value]] = [
        [
            site.said(request, f"source.{one.source.value}"),
            one.calls,
            one.troubled,
            rules.percent(one.troubled, one.calls),
            one.median_ms,
            one.p95_ms,
        ]
        for one in sorted(traffic, key=lambda one: list(Source).index(one.source))
    ]
    return Sheet("by_source", heads, rows)


def _by_time(request: Request, traffic: Sequence[Traffic], days: int) -> Sheet:
    """Calls of each system side by side, and what share of all of them was in vain."""
    written = "%H:%M" if days == 1 else "%Y-%m-%d"
    times = sorted({one.since for one in traffic if one.since is not None})
    told = {(one.since, one.source): one for one in traffic}
    rows: list[list[Value]] = [_row(told, at, at.astimezone(SHANGHAI).strftime(written)) for at in times]
    name = "by_call_hour" if days == 1 else "by_call_day"
    heads = [site.said(request, f"figures.{name}.head")]
    heads += [site.said(request, f"source.{source.value}") for source in Source]
    heads += [site.said(request, f"figures.upstream.{word}") for word in ("troubled", "trouble_share")]
    last = len(heads) - 1
    return Sheet(name, heads, rows, plot="stacked", drawn=range(1, last - 1), line=last)


def _row(told: dict[tuple[datetime | None, Source], Traffic], at: datetime, head: str) -> list[Value]:
    ours = [told.get((at, source)) for source in Source]
    troubled = sum(one.troubled for one in ours if one is not None)
    calls = [one.calls if one is not None else 0 for one in ours]
    return [head, *calls, troubled, rules.percent(troubled, sum(calls))]


BOARD: Final = Board(
    "upstreams",
    AskUpstreams,
    _gather,
    ("by_source", "by_call_hour", "by_call_day"),
    "figures_days.html",
    UPSTREAMS,
)
serve(routes, BOARD, "外部系统调用统计")
