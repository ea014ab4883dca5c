"""The desk of objections: what people say is wrong in shared data, and what its department answered."""

from typing import Any

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import AskAfterDeed, Reason
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.accounts.staff import StaffMember
from app.domain.sharing import listings, objections
from app.domain.sharing.models import ObjectionState
from app.kit import clock
from app.kit.web import Call, fields
from app.kit.web.pages import Form

_STATES = tuple(state.value for state in ObjectionState)
_VERDICTS = ("mended", "kept")
_ANSWERERS = frozenset(objections.ANSWERERS)

routes = Desk("/objections", name="objections", roles=frozenset(objections.READERS))


class Answer(Form):
    verdict = fields.Choice(list(_VERDICTS), required=True, metadata={"description": "已更正或核实无误"})
    words = fields.Text(
        required=True, max=objections.LONGEST_ANSWER, lines=True, metadata={"description": "核实结果"}
    )


async def _readers_only(member: StaffMember) -> dict[str, object]:
    objections.check_may_read(member)
    return {}


def _state(row: Any) -> str:
    is_late = row["state"] == ObjectionState.OPEN and row["due_on"] < clock.today()
    return "overdue" if is_late else str(row["state"])


OBJECTION_TABLE = Table(
    name="objections",
    listing=listings.OBJECTIONS,
    columns=(
        Column("id", lambda row: row["id"], link=lambda row: f"{routes.prefix}/{row['id']}"),
        Column("library", lambda row: row["library"], words="library"),
        Column("department", lambda row: row["department"]),
        Column("due", lambda row: row["due_on"], order="due"),
        Column("state", _state, words="objections.state"),
        Column("created", lambda row: row["created_at"], order="created"),
        Column("answered", lambda row: row["answered_at"]),
    ),
    filters=(
        Filter(
            "state",
            fields.Choice(list(_STATES), metadata={"description": "状态"}),
            choices=_STATES,
            words="objections.state",
        ),
        Filter("department", fields.Text(max=100, metadata={"description": "数源部门开头"})),
        Filter(
            "overdue",
            fields.Choice(["yes"], metadata={"description": "只看逾期"}),
            choices=("yes",),
            words="yes_no",
            asked=lambda _: clock.today(),
        ),
    ),
    narrowed=_readers_only,
    order="due",
)

tables.serve(routes, "/", OBJECTION_TABLE, "数据异议")


@routes.get("/<id:int>", query=AskAfterDeed)
async def show_one(call: Call) -> object:
    """一件数据异议"""
    return await _one(call, Shown(done=call.query["done"]))


@routes.post("/<id:int>/claim", body=Reason, roles=_ANSWERERS, shows_faults=True)
async def show_claim(call: Call) -> object:
    """查看异议全文；查看会记入审计"""
    id_ = call.path["id"]
    shown = await deeds.attempt(
        call, "claim", lambda: objections.claim(call.caller, id_, call.body["reason"])
    )
    return await _one(call, shown if shown.refusal is not None else Shown(given=shown.given))


@routes.post("/<id:int>/answer", body=Answer, roles=_ANSWERERS, shows_faults=True)
async def answer(call: Call) -> object:
    """登记核实结果，告知办事人"""
    said = call.body
    return await deeds.done(
        call,
        "answer",
        lambda: objections.answer(
            call.caller, call.path["id"], is_mended=said["verdict"] == "mended", words=said["words"]
        ),
        f"{routes.prefix}/{call.path['id']}",
        _one,
    )


async def _one(call: Call, shown: Shown) -> object:
    return site.page(
        call.request,
        "objection_one.html",
        refusal=shown.refusal,
        member=call.caller,
        one=await objections.one(call.caller, call.path["id"]),
        claim=shown.given,
        verdicts=_VERDICTS,
        shown=shown,
        may_answer=objections.may_answer(call.caller),
    )
