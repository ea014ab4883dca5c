"""Sharing duties: which department supplies which data by when, who is late, and who refuses by which law."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.exchange.connections import CHANGERS, READERS, late_filter, readers_only, yes_no
from app.console.forms import AskAfterDeed
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.connections import desk, duties, listings
from app.domain.connections.models import DutyState, DutyTerms
from app.domain.connections.rules import DutyFacts
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing, PageQuery

_STATES = tuple(one.value for one in DutyState)
_DUTY = "/<id:int>"

routes = Desk("/connections/duties", name="duties", roles=READERS)

_NAMES: Final[Mapping[str, str]] = {
    "数源部门": "supplier", "数据项": "data", "清单文号": "document",
    "共享条件": "condition", "文号": "document",
    "法律依据": "law", "理由": "reason", "协调机关": "office",
}  # fmt: skip


class NewDuty(Form):
    supplier = fields.Text(required=True, max=80, metadata={"description": "数源部门"})
    data = fields.Text(required=True, max=100, metadata={"description": "数据项"})
    due_on = fields.Day(required=True, metadata={"description": "开通期限"})
    condition = fields.Text(max=200, load_default=None, metadata={"description": "共享条件；空为无条件"})
    document = fields.Text(required=True, max=80, metadata={"description": "清单文号"})


class Refusal(Form):
    law = fields.Text(load_default="", max=200, metadata={"description": "法律依据"})
    reason = fields.Text(load_default="", max=500, metadata={"description": "理由"})
    office = fields.Text(load_default="", max=80, metadata={"description": "协调机关"})


class Verdict(Form):
    verdict = fields.Choice(["upheld", "overruled"], required=True, metadata={"description": "裁定"})
    document = fields.Text(load_default="", max=80, metadata={"description": "文号"})


def _refusal(row: Any) -> str | None:
    if row["refusal_id"] is None:
        return None
    return {None: "open", True: "upheld", False: "overruled"}[row["is_upheld"]]


DUTY_TABLE = Table(
    name="duties",
    listing=listings.DUTIES,
    columns=(
        Column("data", lambda row: row["data"], link=lambda row: f"{routes.prefix}/{row['id']}"),
        Column("supplier", lambda row: row["supplier"], order="supplier"),
        Column("due", lambda row: row["due_on"], order="due"),
        Column("terms", lambda row: row["terms"], words="terms"),
        Column("condition", lambda row: row["condition"]),
        Column("state", lambda row: row["state"], words="duty_state"),
        Column("late", lambda row: yes_no(row["is_overdue"]), words="yes_no"),
        Column("refusal", _refusal, words="refusal"),
        Column("document", lambda row: row["document_number"]),
    ),
    filters=(
        Filter("supplier", fields.Text(max=80, metadata={"description": "数源部门开头"})),
        Filter(
            "state",
            fields.Choice(list(_STATES), metadata={"description": "状态"}),
            choices=_STATES,
            words="duty_state",
        ),
        late_filter(),
    ),
    narrowed=readers_only,
    order="due",
)

tables.serve(routes, "/", DUTY_TABLE, "共享责任清单", title="duties.html")


@routes.get("/new", query=PageQuery, roles=CHANGERS)
async def show_new(call: Call) -> object:
    """登记共享责任"""
    return await _new(call, Shown())


@routes.post("/new", body=NewDuty, roles=CHANGERS, shows_faults=True)
async def add(call: Call) -> object:
    """登记共享责任"""
    said = call.body

    async def act() -> int:
        terms = DutyTerms.CONDITIONAL if said["condition"] else DutyTerms.UNCONDITIONAL
        facts = DutyFacts(
            said["supplier"], said["data"], said["due_on"], terms, said["document"], said["condition"]
        )
        return await duties.add(call.caller, facts)

    return await deeds.done(call, "add", act, lambda id_: f"{routes.prefix}/{id_}", _new, names=_NAMES)


@routes.get(_DUTY, query=AskAfterDeed)
async def show_one(call: Call) -> object:
    """一项共享责任"""
    return await _one(call, Shown(done=call.query["done"]))


@routes.post(f"{_DUTY}/open", body=Nothing, roles=CHANGERS, shows_faults=True)
async def open_(call: Call) -> object:
    """登记已开通"""
    return await _do(call, "open", lambda: duties.open_(call.caller, call.path["id"]))


@routes.post(f"{_DUTY}/serve", body=Nothing, roles=CHANGERS, shows_faults=True)
async def serve(call: Call) -> object:
    """登记已共享"""
    return await _do(call, "serve", lambda: duties.serve(call.caller, call.path["id"]))


@routes.post(f"{_DUTY}/refuse", body=Refusal, roles=CHANGERS, shows_faults=True)
async def refuse(call: Call) -> object:
    """登记不予共享意见"""
    said = call.body
    return await _do(
        call,
        "refuse",
        lambda: duties.refuse(
            call.caller,
            call.path["id"],
            legal_basis=said["law"],
            reason=said["reason"],
            escalated_to=said["office"],
        ),
    )


@routes.post(f"{_DUTY}/decide", body=Verdict, roles=CHANGERS, shows_faults=True)
async def decide(call: Call) -> object:
    """登记裁定"""
    said = call.body
    return await _do(
        call,
        "decide",
        lambda: duties.decide(
            call.caller,
            call.path["id"],
            is_upheld=said["verdict"] == "upheld",
            document_number=said["document"],
        ),
    )


async def _do(call: Call, deed: str, act: Callable[[], Awaitable[object]]) -> object:
    return await deeds.done(call, deed, act, f"{routes.prefix}/{call.path['id']}", _one, names=_NAMES)


async def _one(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "duty_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=await desk.duty(call.caller, call.path["id"]),
        verdicts=("upheld", "overruled"),
        shown=shown,
        may_change=staff.may(call.caller, StaffRole.SYSTEM_ADMIN, None),
    )


async def _new(call: Call, shown: Shown) -> object:
    return site.page(call.request, "duty_new.html", refusal=shown.refusal, member=call.caller, shown=shown)
