"""Special procedures at a desk: one post asks for them, another approves, then they run and end."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, Reason
from app.console.site import PREFIX, site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.cases import listings, paper_desk, posts, specials
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import Special
from app.domain.cases.models import LimitUnit, SpecialKind, SpecialState
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing, PageQuery

_KINDS = tuple(kind.value for kind in SpecialKind)
_UNITS = tuple(unit.value for unit in LimitUnit)
_OPEN = tuple(one.value for one in (
    SpecialState.APPLIED, SpecialState.APPROVED, SpecialState.RUNNING, SpecialState.OVERDUE
))  # fmt: skip
_SPECIAL = "/<id:int>"
_CLERKS, _MANAGERS = frozenset({StaffRole.CLERK}), frozenset({StaffRole.HALL_MANAGER})

routes = Desk("/specials", name="specials", roles=_CLERKS | _MANAGERS)


class Ask(Form):
    number = fields.Text(required=True, max=64, metadata={"description": "办件编号"})
    kind = fields.Choice(list(_KINDS), required=True, metadata={"description": "种类"})
    approver = fields.Text(required=True, max=80, metadata={"description": "批准人的岗位"})
    amount = fields.whole(1, 3660, load_default=None, metadata={"description": "所需时间"})
    unit = fields.Choice(list(_UNITS), load_default="working_day", metadata={"description": "单位"})
    reason = fields.Text(max=500, lines=True, load_default="", metadata={"description": "事由"})


async def _reach(member: StaffMember) -> dict[str, object]:
    """Where a clerk or a manager has special procedures to do with."""
    reached: set[str] = set()
    for role in (one for one in routes.roles if staff.holds(member, one)):
        regions = await posts.reach(member, role)
        if regions is None:
            return {"reach": None}
        reached.update(regions)
    return {"reach": sorted(reached)}


def _place(row: Any) -> str:
    return f"{routes.prefix}/{row['id']}"


def _case(row: Any) -> str:
    return f"{PREFIX}/lookups/cases/{row['case_number']}"


SPECIAL_TABLE = Table(
    name="specials",
    listing=listings.SPECIALS,
    columns=(
        Column("kind", lambda row: row["kind"], words="special", link=_place),
        Column("state", lambda row: row["state"], words="special_state"),
        Column("case", lambda row: row["case_number"], link=_case),
        Column("item", lambda row: row["item_name"]),
        Column("office", lambda row: row["office"]),
        Column("approver", lambda row: row["approver"]),
        Column("applied", lambda row: row["applied_at"], order="applied"),
        Column("due", lambda row: row["due_at"], order="due"),
    ),
    filters=(
        Filter(
            "state",
            fields.Choice(list(_OPEN), metadata={"description": "状态"}),
            choices=_OPEN,
            words="special_state",
        ),
        Filter(
            "kind",
            fields.Choice(list(_KINDS), metadata={"description": "种类"}),
            choices=_KINDS,
            words="special",
        ),
        Filter("case", fields.Text(max=64, metadata={"description": "办件编号"})),
    ),
    narrowed=_reach,
    order="applied",
)  # fmt: skip

tables.serve(routes, "/", SPECIAL_TABLE, "未结束的特别程序", title="specials.html")


@routes.get("/new", query=PageQuery, roles=_CLERKS)
async def show_new(call: Call) -> object:
    """申请特别程序"""
    return await _new(call, Shown())


@routes.post("/new", body=Ask, roles=_CLERKS, shows_faults=True)
async def apply(call: Call) -> object:
    """申请特别程序"""
    said = call.body

    async def act() -> int:
        limit = TimeLimit(said["amount"], LimitUnit(said["unit"])) if said["amount"] else None
        asked = Special(SpecialKind(said["kind"]), said["approver"], limit, said["reason"])
        return await specials.apply(call.caller, said["number"], asked)

    return await deeds.done(call, "apply", act, lambda id_: f"{routes.prefix}/{id_}", _new)


@routes.get(_SPECIAL, query=AskAfterDeed)
async def show_one(call: Call) -> object:
    """一个特别程序"""
    return await _one(call, Shown(done=call.query["done"]))


def _told(deed: str, summary: str, act: Callable[..., Awaitable[None]], roles: frozenset[StaffRole]) -> None:
    """A step that is done with words: the notice, the result or the reason."""

    async def do(call: Call) -> object:
        return await _do(call, deed, lambda: act(call.caller, call.path["id"], call.body["reason"]))

    do.__doc__ = summary
    routes.post(f"{_SPECIAL}/{deed}", body=Reason, roles=roles, shows_faults=True)(do)


_told("approve", "批准，并写明告知申请人的内容", specials.approve, _MANAGERS)
_told("refuse", "不予批准", specials.refuse, _MANAGERS)
_told("finish", "结束：恢复计时", specials.finish, _CLERKS)
_told("cancel", "取消；已开始的立即恢复计时", specials.cancel, _CLERKS | _MANAGERS)


@routes.post(f"{_SPECIAL}/begin", body=Nothing, roles=_CLERKS, shows_faults=True)
async def begin(call: Call) -> object:
    """开始：停止计时并告知申请人"""
    return await _do(call, "begin", lambda: specials.begin(call.caller, call.path["id"]))


async def _do(call: Call, deed: str, act: Callable[[], Awaitable[object]]) -> object:
    return await deeds.done(call, deed, act, f"{routes.prefix}/{call.path['id']}", _one)


async def _one(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "special_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=await paper_desk.special(call.caller, call.path["id"]),
        shown=shown,
        is_clerk=staff.holds(call.caller, StaffRole.CLERK),
        is_manager=staff.holds(call.caller, StaffRole.HALL_MANAGER),
    )


async def _new(call: Call, shown: Shown) -> object:
    return site.page(
        call.request, "special_new.html", refusal=shown.refusal, member=call.caller,
        kinds=_KINDS, units=_UNITS, shown=shown,
    )  # fmt: skip
