"""The desk of connections: the census of systems, how far each is connected, and who is late."""

from collections.abc import Mapping
from typing import Any, Final

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.connections import census, desk, history, listings, ratios, rules
from app.domain.connections.models import ConnectionCategory, ConnectionState, Network
from app.domain.connections.rules import SystemFacts
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery

CHANGERS = frozenset({StaffRole.SYSTEM_ADMIN})
CATEGORIES = tuple(str(one.value) for one in ConnectionCategory)
_STATES = tuple(one.value for one in ConnectionState)
_NETWORKS = tuple(one.value for one in Network)
SYSTEM = "/<id:int>"
# The domain names what a step lacks as the columns of a census file do.
NAMES: Final[Mapping[str, str]] = {
    "文号": "document", "期限": "due_on", "下次跟进": "next_check_on", "说明": "note", "费用": "cost",
    "录入方式": "entry_path", "主管部门": "department", "系统名称": "name", "承建厂商": "vendor",
    "数据库": "database", "接口": "interface", "事项编码": "items", "事项数": "uncoded",
}  # fmt: skip

READERS = frozenset({StaffRole.SYSTEM_ADMIN, StaffRole.SUPERVISOR})

routes = Desk("/connections", name="connections", roles=READERS)


class NewSystem(Form):
    department = fields.Text(required=True, max=80, metadata={"description": "主管部门"})
    name = fields.Text(required=True, max=100, metadata={"description": "系统名称"})
    network = fields.Choice(list(_NETWORKS), required=True, metadata={"description": "所在网络"})
    vendor = fields.Text(max=80, load_default="", metadata={"description": "承建厂商"})
    database = fields.Text(max=80, load_default="", metadata={"description": "数据库"})
    interface = fields.Text(max=200, load_default="", metadata={"description": "接口"})
    items = fields.Text(max=10_000, lines=True, load_default="", metadata={"description": "事项编码"})
    uncoded = fields.whole(0, rules.MOST_ITEMS, load_default=0, metadata={"description": "无编码的事项数"})


async def readers_only(member: StaffMember) -> dict[str, object]:
    """The census belongs to no hall: a post for one does not reach it."""
    history.check_may_read(member)
    return {}


def yes_no(is_so: object) -> str:
    """A fact as a code with words."""
    return "yes" if is_so else "no"


def late_filter() -> Filter:
    """Only what is overdue, or only what is in time."""
    reads = fields.Choice(["yes", "no"], metadata={"description": "是否逾期"})
    return Filter("late", reads, choices=("yes", "no"), words="yes_no")


CONNECTION_TABLE = Table(
    name="connections",
    listing=listings.SYSTEMS,
    columns=(
        Column("name", lambda row: row["name"], link=lambda row: f"{routes.prefix}/{row['id']}"),
        Column("department", lambda row: row["department"], order="department"),
        Column("items", lambda row: row["items"]),
        Column("category", lambda row: row["category"], words="category"),
        Column("state", lambda row: row["state"], words="connection_state"),
        Column("due", lambda row: row["due_on"], order="due"),
        Column("late", lambda row: yes_no(row["is_overdue"]), words="yes_no"),
        Column("network", lambda row: yes_no(row["has_network"]), words="yes_no"),
        Column("data", lambda row: yes_no(row["has_data"]), words="yes_no"),
        Column("business", lambda row: yes_no(row["has_business"]), words="yes_no"),
    ),
    filters=(
        Filter("department", fields.Text(max=80, metadata={"description": "主管部门开头"})),
        Filter(
            "category",
            fields.Choice(list(CATEGORIES), metadata={"description": "对接类别"}),
            choices=CATEGORIES,
            words="category",
            asked=int,
        ),
        Filter(
            "state",
            fields.Choice(list(_STATES), metadata={"description": "状态"}),
            choices=_STATES,
            words="connection_state",
        ),
        late_filter(),
    ),
    narrowed=readers_only,
    order="due",
)

tables.serve(routes, "/", CONNECTION_TABLE, "普查与对接", title="connections.html")


@routes.get("/ratios", query=PageQuery)
async def show_ratios(call: Call) -> object:
    """对接率"""
    rows = await ratios.by_department(call.caller)
    return site.page(call.request, "ratios.html", member=call.caller, rows=rows)


@routes.get("/new", query=PageQuery, roles=CHANGERS)
async def show_new(call: Call) -> object:
    """登记系统"""
    return await _new(call, Shown())


@routes.post("/new", body=NewSystem, roles=CHANGERS, shows_faults=True)
async def register(call: Call) -> object:
    """登记系统"""
    return await deeds.done(
        call,
        "register",
        lambda: census.register(call.caller, _facts(call.body)),
        lambda id_: f"{routes.prefix}/{id_}",
        _new,
        names=NAMES,
    )


@routes.get(SYSTEM, query=AskAfterDeed)
async def showshow(call: Call) -> object:
    """一个系统：普查信息、对接进度、流水"""
    return await show(call, Shown(done=call.query["done"]))


def _facts(said: Mapping[str, Any]) -> SystemFacts:
    return SystemFacts(
        department=said["department"],
        name=said["name"],
        network=Network(said["network"]),
        vendor=said["vendor"] or None,
        database=said["database"] or None,
        interface=said["interface"] or None,
        item_codes=tuple(dict.fromkeys(said["items"].replace("、", " ").replace("，", " ").split())),
        uncoded_items=said["uncoded"],
    )


async def show(call: Call, shown: Shown) -> object:
    """The page of a system, with what came of a form."""
    found = await desk.whole(call.caller, call.path["id"])
    return site.page(
        call.request,
        "connection_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=found,
        steps=rules.open_steps(found.connection.state, found.connection.category),
        shown=shown,
        may_change=staff.may(call.caller, StaffRole.SYSTEM_ADMIN, None),
    )


async def _new(call: Call, shown: Shown) -> object:
    return site.page(
        call.request, "connection_new.html", refusal=shown.refusal, member=call.caller,
        networks=_NETWORKS, shown=shown,
    )  # fmt: skip
