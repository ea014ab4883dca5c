"""The desk of hall managers: their halls, each with what it is made of, and what waits for them."""

from collections.abc import Mapping
from typing import Any, Final

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed
from app.console.halls.typed import degrees
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.appointments import appeals, conflicts, rule_changes
from app.domain.halls import furnishing, posts, premises, queries
from app.domain.halls.errors import HallCodeTaken, HallNotFound, RegionNotFound
from app.domain.halls.furnishing import DoorPlate
from app.domain.halls.listings import HALLS
from app.kit.listings import Asked
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery

ADMIN: Final = frozenset({StaffRole.SYSTEM_ADMIN})
_FEW: Final = 12
"""So many halls stand on the first page; more are looked up in the table."""


def more_pages() -> Desk:
    """Further pages of this desk, declared beside it."""
    return Desk("/halls", name="halls", roles=frozenset(posts.MANAGERS))


routes = more_pages()


async def within_reach(member: StaffMember) -> Mapping[str, object]:
    """Whoever manages some halls sees those."""
    return {"reach": await posts.reach(member)}


HALL_TABLE = Table(
    name="halls",
    listing=HALLS,
    columns=(
        Column(
            "name", lambda row: row["name"], order="name", link=lambda row: f"{routes.prefix}/{row['id']}"
        ),
        Column("code", lambda row: row["code"]),
        Column("region", lambda row: row["region_name"], order="region"),
        Column("address", lambda row: row["address"]),
        Column("phone", lambda row: row["phone"]),
        Column("counters", lambda row: row["counters"]),
        Column("state", lambda row: "open" if row["is_active"] else "closed", words="halls.state"),
    ),
    filters=(
        Filter("name", fields.Text(max=80, metadata={"description": "名称中的字"})),
        Filter("region", fields.Code(max=12, metadata={"description": "行政区划代码"})),
        Filter(
            "is_active",
            fields.Choice(["open", "closed"], metadata={"description": "是否开放"}),
            choices=("open", "closed"),
            words="halls.state",
            asked=lambda said: said == "open",
        ),
    ),
    narrowed=within_reach,
    order="region",
)


@routes.get("/", query=AskAfterDeed)
async def show_desk(call: Call) -> object:
    """大厅管理：本岗位的大厅与待办"""
    asked = Asked(await within_reach(call.caller), "region", limit=_FEW)
    found = await HALLS.page(asked)
    return site.page(
        call.request,
        "halls.html",
        member=call.caller,
        halls=found.rows,
        has_more=found.following is not None,
        conflicts=await conflicts.count_open(call.caller),
        appeals=await appeals.count_open(call.caller),
        is_admin=may_everywhere(call.caller),
        done=call.query["done"],
    )


def may_everywhere(member: StaffMember) -> bool:
    """Whether a member administers the whole system: halls are founded and notices loaded by nobody else."""
    return any(post.role in ADMIN for post in member.posts)


@routes.get("/<hall_id:int>", query=AskAfterDeed, errors=(HallNotFound,))
async def show_hall(call: Call) -> object:
    """一个大厅：窗口、业务、开放时间、特殊安排与规则"""
    hall = await posts.hall_of(call.caller, call.path["hall_id"])
    return site.page(
        call.request,
        "halls_one.html",
        member=call.caller,
        hall=hall,
        made_of=await premises.premises_of(hall.id),
        rules=await rule_changes.rules_of(hall.id),
        rule_names=rule_changes.NAMES,
        done=call.query["done"],
    )


@routes.get("/everywhere", query=AskAfterDeed, roles=ADMIN)
async def show_everywhere(call: Call) -> object:
    """全部大厅统一的停约安排"""
    return site.page(
        call.request,
        "halls_everywhere.html",
        member=call.caller,
        blackouts=await premises.blackouts_everywhere(),
        done=call.query["done"],
    )


class FoundHall(Form):
    code = fields.Code(max=24, required=True, metadata={"description": "大厅代码"})
    region = fields.Code(max=12, required=True, metadata={"description": "行政区划代码"})
    name = fields.Text(min=2, max=80, required=True, metadata={"description": "名称"})
    address = fields.Text(min=2, max=200, required=True, metadata={"description": "地址"})
    phone = fields.Text(min=5, max=20, required=True, metadata={"description": "电话"})
    latitude = degrees(90, required=True, metadata={"description": "纬度（WGS-84）"})
    longitude = degrees(180, required=True, metadata={"description": "经度（WGS-84）"})


def plate_of(said: Mapping[str, Any]) -> DoorPlate:
    """What a form says of a hall."""
    return DoorPlate(said["name"], said["address"], said["phone"], said["latitude"], said["longitude"])


@routes.get("/new", query=PageQuery, roles=ADMIN)
async def ask_hall(call: Call) -> object:
    """新设大厅"""
    return await _founding(call, Shown())


@routes.post("/new", body=FoundHall, roles=ADMIN, errors=(RegionNotFound, HallCodeTaken), shows_faults=True)
async def found_hall(call: Call) -> object:
    """新设大厅"""
    said = call.body
    return await deeds.done(
        call,
        "founded",
        lambda: furnishing.found_hall(call.caller, said["code"], said["region"], plate_of(said)),
        lambda hall_id: f"{routes.prefix}/{hall_id}",
        _founding,
    )


async def _founding(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "halls_new.html",
        member=call.caller,
        typed=shown.typed,
        refusal=shown.refusal,
        names=list(FoundHall().fields),
    )


async def business_choices() -> list[tuple[str, str]]:
    """Every business as a choice of a form."""
    return [(one.code, one.name) for one in await queries.businesses()]


tables.serve(routes, "/list", HALL_TABLE, "大厅列表")
