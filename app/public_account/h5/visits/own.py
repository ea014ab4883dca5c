"""Pages of one's appointments: the coming and the past ones, one with its pass, cancelling, appeals."""

import asyncio
from uuid import UUID

from sanic import HTTPResponse

from app.domain.accounts.errors import TextNotAllowed
from app.domain.appointments import (
    appeals,
    booking,
    calendar_files,
    check_in_codes,
    errors,
    penalties,
    queries,
    rules,
)
from app.domain.appointments.models import Appointment
from app.gateways.wechat import WeChatDown
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PRIVATE, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, site
from app.public_account.h5.visits import shown as visits
from notifications import prompts
from notifications.prompts import Moment

routes = Routes(PREFIX, tag="网页")

_MOST_COMING, _PAST = 50, 10
_APPEALS = (errors.BanNotFound, errors.AppealOpen, TextNotAllowed)


class AskAppointments(PageQuery):
    cursor = fields.UUID(metadata={"description": "过去的预约从哪一个之后"})
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class AskAppointment(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


class AppealBan(Schema):
    text = fields.Text(required=True, min=5, max=500, lines=True, metadata={"description": "申诉理由"})


@routes.get("/appointments", caller=H5_CITIZEN, limit=Limit.READING, query=AskAppointments, produces=HTML)
async def show_appointments(call: Call) -> object:
    """我的预约：待办理的和过去的"""
    return await _list_page(call, done=call.query["done"])


@routes.post(
    "/appointments/appeal",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=AppealBan,
    produces=HTML,
    errors=_APPEALS,
    shows_faults=True,
)
async def appeal(call: Call) -> object:
    """对预约限制提出申诉"""
    if call.wrong is not None:
        return await _list_page(call, refusal=call.wrong)
    try:
        await penalties.appeal(call.caller.person_id, _subject(call), call.body["text"])
    except _APPEALS as refusal:
        return await _list_page(call, refusal=refusal)
    return to(f"{PREFIX}/appointments", {"done": "appealed"})


@routes.get(
    "/appointments/<id:uuid>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskAppointment,
    produces=HTML,
    errors=(errors.AppointmentNotFound,),
)
async def show_appointment(call: Call) -> object:
    """一个预约：状态、签到码、日历、改约、取消"""
    return await _appointment_page(call, await _own(call), done=call.query["done"])


@routes.post(
    "/appointments/<id:uuid>/cancel",
    caller=H5_CITIZEN,
    limit=Limit.BOOKING,
    body=Nothing,
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


@routes.get(
    "/appointments/<id:uuid>/calendar.ics",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces="text/calendar",
    errors=(errors.AppointmentNotFound,),
)
async def save_to_calendar(call: Call) -> object:
    """下载日历文件"""
    found = await _own(call)
    return HTTPResponse(
        await calendar_files.calendar_file(found),
        content_type=calendar_files.MEDIA_TYPE,
        headers={
            "content-disposition": f'attachment; filename="{calendar_files.file_name(found.id)}"',
            "cache-control": PRIVATE,
        },
    )


async def _own(call: Call) -> Appointment:
    return await queries.own(call.path["id"], call.caller.person_id)


def _subject(call: Call) -> UUID:
    return rules.subject_of(call.caller.person_id, call.caller.enterprise_id)


async def _list_page(call: Call, *, done: str = "", refusal: Fault | None = None) -> HTTPResponse:
    person_id, cursor = call.caller.person_id, call.query.get("cursor")
    (coming, _), (past, following), standing, appealed = await asyncio.gather(
        queries.own_page(person_id, before=None, limit=_MOST_COMING, is_active=True),
        queries.own_page(person_id, before=cursor, limit=_PAST, is_active=False),
        queries.standing(_subject(call)),
        appeals.own(person_id),
    )
    return site.page(
        call.request,
        "appointments.html",
        coming=[await visits.shown(one) for one in sorted(coming, key=lambda one: one.starts_at)],
        past=[await visits.shown(one) for one in past],
        is_further=cursor is not None,
        following=following,
        ban=standing["ban"],
        strikes=len(standing["strikes"]),
        appeals=appealed,
        done=done,
        refusal=refusal,
        typed=call.typed,
    )


async def _appointment_page(
    call: Call, found: Appointment, *, done: str = "", refusal: Fault | None = None
) -> HTTPResponse:
    needs_way = done == "booked" and await prompts.needs_way(call.caller.person_id, Moment.BOOKING)
    return site.page(
        call.request,
        "appointment.html",
        appointment=await visits.shown(found),
        done=done,
        refusal=refusal,
        code=visits.pass_of(found),
        needs_way=needs_way,
    )
