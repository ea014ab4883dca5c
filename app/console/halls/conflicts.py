"""Open conflicts before the hall's manager: another seat or none, and its person is told."""

from typing import Any

from app.console import deeds, tables
from app.console.deeds import Shown
from app.console.halls.bookings import who
from app.console.halls.desk import more_pages, within_reach
from app.console.site import site
from app.console.tables import Column, Filter, Table
from app.domain.appointments import conflicts, manager_lists
from app.domain.appointments.errors import ConflictNotFound, NotActive, SlotFull
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery

routes = more_pages()

CONFLICT_TABLE = Table(
    name="conflicts",
    listing=manager_lists.CONFLICTS,
    columns=(
        Column(
            "number", lambda row: row["number"], link=lambda row: f"{routes.prefix}/conflicts/{row['id']}"
        ),
        Column("hall", lambda row: row["hall_name"]),
        Column("business", lambda row: row["business_name"]),
        Column("who", who),
        Column("starts_at", lambda row: row["starts_at"], order="starts_at"),
        Column("reason", lambda row: row["reason"]),
        Column("created_at", lambda row: row["created_at"], order="created_at"),
    ),
    filters=(Filter("hall", fields.Text(max=80, metadata={"description": "大厅名称中的字"})),),
    narrowed=within_reach,
    order="starts_at",
)


class Settle(Form):
    slot = fields.whole(
        0, fields.LARGEST_ID, required=True, metadata={"description": "改到哪个时段，0 为取消预约"}
    )


@routes.get("/conflicts/<conflict_id:int>", query=PageQuery, errors=(ConflictNotFound,))
async def show_conflict(call: Call) -> object:
    """一条排班冲突：改到哪个时段，或取消"""
    return await _conflict(call, Shown())


@routes.post(
    "/conflicts/<conflict_id:int>",
    body=Settle,
    errors=(ConflictNotFound, SlotFull, NotActive),
    shows_faults=True,
)
async def settle_conflict(call: Call) -> object:
    """解决冲突：改到另一时段或由大厅取消，并告知本人"""
    conflict_id = call.path["conflict_id"]

    async def act() -> None:
        if slot_id := call.body["slot"]:
            await conflicts.settle_by_move(call.caller, conflict_id, slot_id)
        else:
            await conflicts.settle_by_cancelling(call.caller, conflict_id)

    return await deeds.done(call, "settled", act, f"{routes.prefix}/", _conflict)


async def _conflict(call: Call, shown: Shown) -> Any:
    found = await conflicts.conflict_of(call.caller, call.path["conflict_id"])
    return site.page(
        call.request,
        "halls_conflict.html",
        member=call.caller,
        conflict=found,
        who=who(found),
        seats=await conflicts.seats_for(found),
        refusal=shown.refusal,
    )


tables.serve(routes, "/conflicts", CONFLICT_TABLE, "待解决的排班冲突")
