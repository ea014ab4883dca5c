"""The desk of supervision: what was wrong with steps of cases, and what is late."""

from typing import Any

from app.console import tables
from app.console.doors import Desk
from app.console.exchange.calls import after, midnight
from app.console.site import PREFIX, site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import listings, posts
from app.domain.cases.models import UNDECIDED, FindingKind, SpecialState
from app.kit import clock
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery

_KINDS = tuple(kind.value for kind in FindingKind)
_STATES = tuple(state.value for state in UNDECIDED if state.value not in ("supplement", "suspended"))

routes = Desk("/findings", name="findings", roles=frozenset({StaffRole.SUPERVISOR}))


async def _reach(member: StaffMember) -> dict[str, object]:
    regions = await posts.reach(member, StaffRole.SUPERVISOR)
    return {"reach": None if regions is None else list(regions)}


async def _late_in_reach(member: StaffMember) -> dict[str, object]:
    return {**await _reach(member), "before": clock.now()}


async def _overdue_in_reach(member: StaffMember) -> dict[str, object]:
    return {**await _reach(member), "state": SpecialState.OVERDUE.value}


def _case(row: Any) -> str:
    return f"{PREFIX}/lookups/cases/{row['case_number']}"


def _late(row: Any) -> str:
    return f"{PREFIX}/lookups/cases/{row['number']}"


FINDING_TABLE = Table(
    name="findings",
    listing=listings.FINDINGS,
    columns=(
        Column("recorded", lambda row: row["recorded_at"], order="recorded"),
        Column("kind", lambda row: row["kind"], words="finding"),
        Column("case", lambda row: row["case_number"], link=_case),
        Column("item", lambda row: row["item_name"]),
        Column("office", lambda row: row["office"]),
        Column("who", lambda row: row["who"].partition(":")[0], words="findings.who"),
        Column("at", lambda row: row["at"]),
        Column("text", lambda row: row["text"]),
    ),
    filters=(
        Filter("since", fields.Day(metadata={"description": "自哪天"}), asked=midnight),
        Filter("until", fields.Day(metadata={"description": "至哪天"}), asked=after),
        Filter(
            "kind",
            fields.Choice(list(_KINDS), metadata={"description": "线索"}),
            choices=_KINDS,
            words="finding",
        ),
        Filter("case", fields.Text(max=64, metadata={"description": "办件编号"})),
    ),
    narrowed=_reach,
    order="recorded",
    is_descending=True,
)

LATE_CASE_TABLE = Table(
    name="late_cases",
    listing=listings.LATE_CASES,
    columns=(
        Column("number", lambda row: row["number"], link=_late),
        Column("item", lambda row: row["item_name"]),
        Column("office", lambda row: row["office"]),
        Column("state", lambda row: row["state"], words="case_state"),
        Column("due", lambda row: row["due_at"], order="due"),
        Column("submitted", lambda row: row["submitted_at"]),
    ),
    filters=(
        Filter(
            "state",
            fields.Choice(list(_STATES), metadata={"description": "状态"}),
            choices=_STATES,
            words="case_state",
        ),
        Filter("office", fields.Text(max=80, metadata={"description": "经办单位开头"})),
    ),
    narrowed=_late_in_reach,
    order="due",
)  # fmt: skip

LATE_SPECIAL_TABLE = Table(
    name="late_specials",
    listing=listings.SPECIALS,
    columns=(
        Column("case", lambda row: row["case_number"], link=_case),
        Column("item", lambda row: row["item_name"]),
        Column("office", lambda row: row["office"]),
        Column("kind", lambda row: row["kind"], words="special"),
        Column("approver", lambda row: row["approver"]),
        Column("due", lambda row: row["due_at"], order="due"),
    ),
    filters=(Filter("case", fields.Text(max=64, metadata={"description": "办件编号"})),),
    narrowed=_overdue_in_reach,
    order="due",
)


@routes.get("/", query=PageQuery)
async def show_findings(call: Call) -> object:
    """监察：线索与逾期"""
    return site.page(call.request, "findings.html", member=call.caller)


tables.serve(routes, "/records", FINDING_TABLE, "监察线索")
tables.serve(routes, "/late-cases", LATE_CASE_TABLE, "超期未办结的办件")
tables.serve(routes, "/late-specials", LATE_SPECIAL_TABLE, "超时未结束的特别程序")
