"""Who stands at the counter, masked, and one field of it in clear for whoever may and says why."""

from uuid import UUID

from sanic import HTTPResponse

from app.console import deeds
from app.console.counter.board import address, routes
from app.console.deeds import Shown
from app.console.site import site
from app.domain.accounts.disclosure import PersonalField
from app.domain.appointments import counter
from app.kit.errors import NotAllowed, NotFound, TooOften
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery

__all__ = ["routes"]


class Unmask(Form):
    field = fields.Choice(
        [one.value for one in PersonalField], required=True, metadata={"description": "查看哪一项"}
    )
    reason = fields.Text(min=5, max=500, required=True, metadata={"description": "理由"})


@routes.get("/<hall_id:int>/appointments/<id:uuid>", query=PageQuery, errors=(NotFound,))
async def show_card(call: Call) -> object:
    """办事人信息（脱敏）和这个预约的经过"""
    return await _card(call, Shown())


@routes.post(
    "/<hall_id:int>/appointments/<id:uuid>/unmask",
    body=Unmask,
    errors=(NotFound, NotAllowed, TooOften),
    shows_faults=True,
)
async def unmask(call: Call) -> object:
    """查看一项完整信息，只显示这一次，记入审计"""
    said = call.body

    async def act() -> tuple[PersonalField, str]:
        field = PersonalField(said["field"])
        return field, await counter.unmask(
            call.caller, call.path["hall_id"], call.path["id"], field, said["reason"]
        )

    return await _card(call, await deeds.attempt(call, "unmask", act))


async def _card(call: Call, shown: Shown) -> HTTPResponse:
    hall_id: int = call.path["hall_id"]
    appointment_id: UUID = call.path["id"]
    return site.page(
        call.request,
        "counter_card.html",
        member=call.caller,
        desk=routes,
        card=await counter.card(call.caller, hall_id, appointment_id),
        fields=[one.value for one in PersonalField],
        address=address(hall_id),
        refusal=shown.refusal,
        typed=shown.typed,
        shown=shown.given,
    )
