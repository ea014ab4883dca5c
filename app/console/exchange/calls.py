"""The desk of the exchange: how outside systems are doing, what was asked of them, which alarms rang."""

from datetime import date, datetime, time, timedelta
from typing import Any

from app.console import tables
from app.console.doors import Desk
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.staff import StaffMember
from app.domain.connections import watching
from app.gateways.exchange import listings
from app.gateways.exchange.alarms import Alarm
from app.gateways.exchange.purposes import Purpose, Source
from app.kit.clock import SHANGHAI
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery

SOURCES = tuple(source.value for source in Source)
_ALARMS = tuple(alarm.value for alarm in Alarm)
_PURPOSES = tuple(purpose.value for purpose in Purpose)

routes = Desk("/exchange", name="exchange", roles=frozenset(watching.WATCHERS))


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def after(day: date) -> datetime:
    """When it is over."""
    return midnight(day + timedelta(days=1))


async def _watchers_only(member: StaffMember) -> dict[str, object]:
    watching.check_may_watch(member)
    return {}


def _since() -> Filter:
    return Filter("since", fields.Day(metadata={"description": "自哪天"}), asked=midnight)


def _until() -> Filter:
    return Filter("until", fields.Day(metadata={"description": "至哪天"}), asked=after)


def _source() -> Filter:
    reads = fields.Choice(list(SOURCES), metadata={"description": "外部系统"})
    return Filter("source", reads, choices=SOURCES, words="source")


def _asker(row: Any) -> str:
    return "person" if row["is_by_person"] else "house"


CALL_TABLE = Table(
    name="calls",
    listing=listings.CALLS,
    columns=(
        Column("at", lambda row: row["at"], order="at"),
        Column("source", lambda row: row["source"], words="source"),
        Column("purpose", lambda row: row["purpose"]),
        Column("fields", lambda row: row["fields_asked"]),
        Column("asker", _asker, words="calls.asker"),
        Column("cause", lambda row: row["cause"]),
        Column("outcome", lambda row: row["outcome"], words="calls.outcome"),
        Column("duration", lambda row: row["duration_ms"]),
        Column("attempts", lambda row: row["attempts"]),
        Column("hops", lambda row: row["hops"]),
        Column("request", lambda row: row["request_id"]),
    ),
    filters=(
        _since(),
        _until(),
        _source(),
        Filter(
            "purpose",
            fields.Choice(list(_PURPOSES), metadata={"description": "用途"}),
            choices=_PURPOSES,
        ),
        Filter(
            "outcome",
            fields.Choice(list(listings.OUTCOMES), metadata={"description": "结果"}),
            choices=listings.OUTCOMES,
            words="calls.outcome",
        ),
        Filter("request", fields.Text(max=32, metadata={"description": "请求编号"})),
    ),
    narrowed=_watchers_only,
    order="at",
    is_descending=True,
)

ALARM_TABLE = Table(
    name="alarms",
    listing=listings.ALARMS,
    columns=(
        Column("at", lambda row: row["at"], order="at"),
        Column("source", lambda row: row["source"], words="source"),
        Column("kind", lambda row: row["kind"], words="alarms.kind"),
        Column("detail", lambda row: row["detail"]),
        Column("request", lambda row: row["request_id"]),
    ),
    filters=(
        _since(),
        _until(),
        _source(),
        Filter(
            "kind",
            fields.Choice(list(_ALARMS), metadata={"description": "告警"}),
            choices=_ALARMS,
            words="alarms.kind",
        ),
    ),
    narrowed=_watchers_only,
    order="at",
    is_descending=True,
)


@routes.get("/", query=PageQuery)
async def show_exchange(call: Call) -> object:
    """外部系统运行情况"""
    upstreams = await watching.upstreams(call.caller)
    return site.page(call.request, "exchange.html", member=call.caller, upstreams=upstreams)


tables.serve(routes, "/calls", CALL_TABLE, "共享调用日志")
tables.serve(routes, "/alarms", ALARM_TABLE, "共享告警")
