"""Pages of booking a seat: what a slot offers, and taking it."""

import secrets

from sanic import HTTPResponse

from app.domain.appointments import booking, errors, offers, rules
from app.domain.appointments.allocator import SeatRequest
from app.domain.appointments.offers import Offer
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.entry.sign_in import CHANNEL
from app.public_account.h5.pages import PREFIX, site
from app.public_account.h5.visits import openings

routes = Routes(PREFIX, tag="网页")

REFUSALS = tuple(dict.fromkeys(rules.REFUSALS.values()))


class AskSlot(PageQuery):
    business = fields.Code(required=True, max=24, metadata={"description": "业务类别代码"})


class BookSlot(Schema):
    business = fields.Code(required=True, max=24, metadata={"description": "业务类别代码"})
    key = fields.Code(required=True, max=43, metadata={"description": "页面给的幂等键"})


@routes.get(
    "/slots/<slot_id:int>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskSlot,
    produces=HTML,
    errors=(errors.SlotNotFound, errors.OtherBusiness, errors.HallNotBookable),
)
async def show_slot(call: Call) -> object:
    """确认预约：时间、地点、剩余名额"""
    offer = await offers.offer(call.path["slot_id"], call.query["business"])
    return await _slot_page(call, offer, None)


@routes.post(
    "/slots/<slot_id:int>",
    caller=H5_CITIZEN,
    limit=Limit.BOOKING,
    body=BookSlot,
    produces=HTML,
    errors=REFUSALS,
)
async def book(call: Call) -> object:
    """提交预约；重复提交只约一次"""
    wanted = SeatRequest(
        slot_id=call.path["slot_id"],
        business_id=call.body["business"],
        person_id=call.caller.person_id,
        level=call.caller.level,
        enterprise_id=call.caller.enterprise_id,
        items=(),
        channel=CHANNEL,
        request_key=f"h5:{call.body['key']}",
    )
    try:
        made = await booking.book(wanted)
    except REFUSALS as refusal:
        offer = await offers.offer(wanted.slot_id, wanted.business_id)
        return await _slot_page(call, offer, refusal)
    return to(f"{PREFIX}/appointments/{made.id}", {"done": "booked"})


async def _slot_page(call: Call, offer: Offer, refusal: Fault | None) -> HTTPResponse:
    """The slot, and where it cannot be had, what can be had instead."""
    is_offered = offer.is_bookable and refusal is None
    return site.page(
        call.request,
        "slot.html",
        offer=offer,
        refusal=refusal,
        days=[] if is_offered else await openings.of_business(offer.hall.id, offer.business_id),
        key=secrets.token_urlsafe(16),
        is_for_enterprise=call.caller.enterprise_id is not None,
    )
