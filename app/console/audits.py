"""The auditor's desk: what everybody did, and whether the record of it is whole."""

from datetime import date, datetime, time, timedelta
from typing import Any

from app.console import tables
from app.console.doors import Desk
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.models import StaffRole
from app.domain.accounts.records import RECORDS
from app.domain.accounts.staff import StaffMember
from app.kit import audit
from app.kit.clock import SHANGHAI
from app.kit.web import Call, fields
from app.kit.web.pages import Nothing, PageQuery

routes = Desk("/audit", name="audit", roles=frozenset({StaffRole.AUDITOR}))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def after(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


def _who(row: Any) -> str:
    return f"{row['display_name']}（{row['username']}）" if row["username"] else row["actor"]


async def _everything(_: StaffMember) -> dict[str, object]:
    """The auditor reads the whole log: that is the office (GB/T 22239-2019, three powers apart)."""
    return {}


RECORD_TABLE = Table(
    name="records",
    listing=RECORDS,
    columns=(
        Column("id", lambda row: row["id"]),
        Column("at", lambda row: row["at"], order="at"),
        Column("actor", _who),
        Column("action", lambda row: row["action"]),
        Column("target", lambda row: row["target"]),
        Column("reason", lambda row: row["reason"]),
        Column("detail", lambda row: row["detail"]),
    ),
    filters=(
        Filter("since", fields.Day(metadata={"description": "自哪天"}), asked=midnight),
        Filter("until", fields.Day(metadata={"description": "至哪天"}), asked=after),
        Filter("actor", fields.Text(max=80, metadata={"description": "操作人"})),
        Filter("action", fields.Text(max=80, metadata={"description": "动作"})),
        Filter("target", fields.Text(max=120, metadata={"description": "对象"})),
    ),
    narrowed=_everything,
    order="at",
    is_descending=True,
)


@routes.get("/", query=PageQuery)
async def show_audit(call: Call) -> object:
    """审计：查日志、验完整"""
    return site.page(call.request, "audit.html", member=call.caller, whole=None, broken=None)


@routes.post("/verify", body=Nothing)
async def verify(call: Call) -> object:
    """逐条验证审计日志的哈希链"""
    whole = broken = None
    try:
        whole = await audit.verify()
    except audit.ChainBroken as fault:
        broken = fault.entry_id
    return site.page(call.request, "audit.html", member=call.caller, whole=whole, broken=broken)


tables.serve(routes, "/records", RECORD_TABLE, "审计日志")
