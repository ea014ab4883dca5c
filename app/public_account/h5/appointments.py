"""Pages of booking: a slot, one's appointments, one of them with its pass, cancelling."""

import secrets
from typing import Any

from sanic import HTTPResponse

from app.domain.appointments import (
    booking,
    check_in_codes,
    errors,
    house_rules,
    offers,
    passes,
    queries,
    rules,
)
from app.domain.appointments.allocator import SeatRequest
from app.domain.appointments.models import Appointment, AppointmentStatus
from app.domain.appointments.offers import Offer
from app.gateways.wechat import WeChatDown
from app.kit import clock, qr
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PRIVATE, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5 import openings
from app.public_account.h5.pages import PREFIX, site
from app.public_account.h5.sign_in import CHANNEL
from config import menus

routes = Routes(PREFIX, tag="网页")

_SHOWN = 10
_REFUSALS = tuple(dict.fromkeys(rules.REFUSALS.values()))


class AskSlot(PageQuery):
    business = fields.Code(required=True, max=24, metadata={"description": "业务类别代码"})


class BookSlot(Schema):
    business = fields.Code(required=True, max=24, metadata={"description": "业务类别代码"})
    key = fields.Code(required=True, max=43, metadata={"description": "页面给的幂等键"})


class AskAppointment(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class Cancel(Schema):
    """A form with nothing but its CSRF token."""


@routes.get("/", caller=H5_CITIZEN, limit=Limit.READING, query=PageQuery, produces=HTML)
async def show_home(call: Call) -> object:
    """我的预约和已开通的功能"""
    rows, _ = await queries.own_page(call.caller.person_id, before=None, limit=_SHOWN, is_active=True)
    coming = sorted(rows, key=lambda row: row.starts_at)
    offered = menus.current()
    return site.page(
        call.request,
        "home.html",
        appointments=[await _shown(row) for row in coming],
        categories=[
            (category.name, [one for one in offered.shown(category.code) if one.is_open])
            for category in offered.categories
        ],
    )


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
    errors=_REFUSALS,
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
    except _REFUSALS as refusal:
        offer = await offers.offer(wanted.slot_id, wanted.business_id)
        return await _slot_page(call, offer, refusal)
    return to(f"{PREFIX}/appointments/{made.id}", {"done": "booked"})


@routes.get(
    "/appointments/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskAppointment,
    produces=HTML,
    errors=(errors.AppointmentNotFound,),
)
async def show_appointment(call: Call) -> object:
    """一个预约：状态、签到码、取消"""
    return await _appointment_page(call, await _own(call), done=call.query["done"])


@routes.post(
    "/appointments/<id:uuid>/cancel",
    caller=H5_CITIZEN,
    limit=Limit.BOOKING,
    body=Cancel,
    produces=HTML,
    errors=(errors.AppointmentNotFound, errors.NotActive, errors.CancelTooLate),
)
async def cancel(call: Call) -> object:
    """取消预约"""
    try:
        cancelled = await booking.cancel(call.path["id"], call.caller.person_id)
    except (errors.NotActive, errors.CancelTooLate) as refusal:
        return await _appointment_page(call, await _own(call), refusal=refusal)
    return to(f"{PREFIX}/appointments/{cancelled.id}", {"done": "cancelled"})


@routes.get(
    "/appointments/<id:uuid>/code",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces="image/*",
    errors=(errors.AppointmentNotFound, errors.NotActive, WeChatDown),
)
async def show_code(call: Call) -> object:
    """打开小程序签到页的小程序码"""
    code = await check_in_codes.check_in_code(await _own(call))
    return HTTPResponse(code.body, content_type=code.media_type, headers={"cache-control": PRIVATE})


async def _own(call: Call) -> Appointment:
    return await queries.own(call.path["id"], call.caller.person_id)


async def _slot_page(call: Call, offer: Offer, refusal: Fault | None) -> HTTPResponse:
    """The slot, and where it cannot be had, what can be had instead."""
    others = (
        await openings.of_business(offer.hall.id, offer.business_id)
        if refusal or not offer.is_bookable
        else []
    )
    return site.page(
        call.request,
        "slot.html",
        status=refusal.status if refusal else 200,
        offer=offer,
        refusal=refusal,
        days=others,
        key=secrets.token_urlsafe(16),
        is_for_enterprise=call.caller.enterprise_id is not None,
    )


async def _appointment_page(
    call: Call, found: Appointment, *, done: str = "", refusal: Fault | None = None
) -> HTTPResponse:
    now = clock.now()
    is_booked = found.status is AppointmentStatus.BOOKED and now < found.ends_at
    return site.page(
        call.request,
        "appointment.html",
        status=refusal.status if refusal else 200,
        appointment=await _shown(found),
        done=done,
        refusal=refusal,
        code=qr.inline(passes.issue(found.id, now)[0]) if is_booked else None,
    )


async def _shown(appointment: Appointment) -> dict[str, Any]:
    """An appointment as the templates read it."""
    house = await house_rules.of_hall(appointment.hall_id)
    return {
        "id": appointment.id,
        "number": appointment.number,
        "state": appointment.status.words,
        "is_active": rules.is_active(appointment.status),
        "hall": house.hall,
        "business": await house_rules.business_name(appointment.business_id),
        "starts_at": appointment.starts_at,
        "ends_at": appointment.ends_at,
        "check_in_from": rules.check_in_opens(appointment.starts_at, house.rules.early_check_in_minutes),
        "cancel_until": rules.cancel_deadline(appointment.starts_at, house.rules.cancel_minutes),
        "may_cancel": (
            appointment.status is AppointmentStatus.BOOKED
            and clock.now() <= rules.cancel_deadline(appointment.starts_at, house.rules.cancel_minutes)
        ),
    }
