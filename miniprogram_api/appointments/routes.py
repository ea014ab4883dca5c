"""Routes of availability, holds, appointments and a person's booking standing."""

from typing import Any
from uuid import UUID

from sanic import HTTPResponse

from app.domain.accounts import sessions
from app.domain.accounts.errors import EnterpriseNotBound, TextNotAllowed
from app.domain.appointments import (
    attendance,
    booking,
    calendar_files,
    errors,
    passes,
    penalties,
    queries,
)
from app.domain.appointments.allocator import SeatRequest
from app.domain.appointments.queries import AvailabilityQuestion
from app.domain.appointments.rules import REFUSALS, subject_of
from app.kit import clock
from app.kit.web import ANYONE, CITIZEN, Call, Limit, Routes, reply_with_etag
from miniprogram_api.appointments import schemas, views
from miniprogram_api.appointments.availability import availability

routes = Routes("/api/v1", tag="预约")

_BOOKING_ERRORS = tuple(dict.fromkeys(REFUSALS.values()))
_CHANGE_ERRORS = (errors.AppointmentNotFound, errors.NotActive, errors.CancelTooLate)


@routes.get(
    "/halls/<hall_id:int>/availability",
    caller=ANYONE,
    limit=Limit.READING,
    query=schemas.AskAvailability,
    answer=schemas.AvailabilityView,
    errors=(errors.HallNotBookable,),
)
async def show_availability(call: Call) -> object:
    """查询大厅某项业务的可约时段"""
    asked = call.query
    question = AvailabilityQuestion(
        call.path["hall_id"], asked["business"], asked.get("first") or clock.today(), asked["days"]
    )
    found = await availability(question)
    if not found.has_slots:
        await queries.check_is_offered(question.hall_id, question.business_id)
    return reply_with_etag(call.request, found.body, found.tag)


@routes.post(
    "/appointments",
    caller=CITIZEN,
    limit=Limit.BOOKING,
    body=schemas.BookAppointment,
    answer=schemas.AppointmentView,
    status=201,
    idempotent=True,
    errors=(*_BOOKING_ERRORS, EnterpriseNotBound),
)
async def book(call: Call) -> object:
    """预约办理"""
    wanted = call.body
    request = SeatRequest(
        slot_id=wanted["slot_id"],
        business_id=wanted["business"],
        person_id=call.caller.person_id,
        level=call.caller.level,
        enterprise_id=await _enterprise(call),
        items=tuple(wanted["items"]),
        channel="MP",
        request_key=call.key,
        hold_id=wanted.get("hold_id"),
    )
    return await views.view(await booking.book(request))


@routes.post(
    "/appointments/holds",
    caller=CITIZEN,
    limit=Limit.BOOKING,
    body=schemas.HoldSeat,
    answer=schemas.HoldView,
    status=201,
    errors=(*_BOOKING_ERRORS, errors.TooManyHolds),
)
async def hold(call: Call) -> object:
    """保留一个名额五分钟"""
    slot_id = call.body["slot_id"]
    hold_id, expires_at = await booking.hold(
        slot_id, call.body["business"], call.caller.person_id, call.caller.level
    )
    return {"id": hold_id, "slot_id": slot_id, "expires_at": expires_at}


@routes.delete(
    "/appointments/holds/<hold_id:uuid>",
    caller=CITIZEN,
    limit=Limit.WRITING,
    status=204,
    errors=(errors.HoldNotFound,),
)
async def release_hold(call: Call) -> object:
    """放弃保留的名额"""
    await booking.release(call.path["hold_id"], call.caller.person_id)
    return None


@routes.get(
    "/appointments",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.ListAppointments,
    answer=schemas.AppointmentPage,
)
async def list_appointments(call: Call) -> object:
    """我的预约"""
    rows, following = await queries.own_page(
        call.caller.person_id,
        before=call.query.get("cursor"),
        limit=call.query["limit"],
        is_active=call.query.get("active"),
    )
    return {"items": [await views.view(row) for row in rows], "next": str(following) if following else None}


@routes.get(
    "/appointments/<id:uuid>",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.AppointmentView,
    errors=(errors.AppointmentNotFound,),
)
async def show_appointment(call: Call) -> object:
    """查看一个预约"""
    return await views.view(await queries.own(call.path["id"], call.caller.person_id))


@routes.post(
    "/appointments/<id:uuid>/cancel",
    caller=CITIZEN,
    limit=Limit.BOOKING,
    answer=schemas.AppointmentView,
    errors=_CHANGE_ERRORS,
)
async def cancel(call: Call) -> object:
    """取消预约"""
    return await views.view(await booking.cancel(call.path["id"], call.caller.person_id))


@routes.post(
    "/appointments/<id:uuid>/reschedule",
    caller=CITIZEN,
    limit=Limit.BOOKING,
    body=schemas.RescheduleAppointment,
    answer=schemas.AppointmentView,
    errors=(*_CHANGE_ERRORS, *_BOOKING_ERRORS, errors.SameSlot),
)
async def reschedule(call: Call) -> object:
    """改约到另一个时段，预约号不变"""
    moved = await booking.reschedule(
        call.path["id"], call.caller.person_id, call.body["slot_id"], call.caller.level
    )
    return await views.view(moved)


@routes.get(
    "/appointments/<id:uuid>/pass",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.PassView,
    errors=(errors.AppointmentNotFound, errors.NotActive),
)
async def show_pass(call: Call) -> object:
    """取得签到码，五分钟内有效"""
    token, expires_at = await _pass(call)
    return {"token": token, "expires_at": expires_at}


@routes.get(
    "/appointments/<id:uuid>/pass.svg",
    caller=CITIZEN,
    limit=Limit.READING,
    produces="image/svg+xml",
    errors=(errors.AppointmentNotFound, errors.NotActive),
)
async def show_pass_image(call: Call) -> object:
    """签到二维码图片，五分钟内有效"""
    token, _ = await _pass(call)
    return HTTPResponse(
        views.qr_image(token), content_type="image/svg+xml", headers={"cache-control": "no-store"}
    )


@routes.post(
    "/appointments/<id:uuid>/check-in",
    caller=CITIZEN,
    limit=Limit.BOOKING,
    body=schemas.CheckIn,
    answer=schemas.AppointmentView,
    errors=(
        errors.AppointmentNotFound,
        errors.NotActive,
        errors.CheckInNotOpen,
        errors.CheckInOver,
        errors.BadPass,
    ),
)
async def check_in(call: Call) -> object:
    """签到"""
    return await views.view(
        await attendance.check_in(call.path["id"], call.caller.person_id, call.body["token"])
    )


@routes.get(
    "/appointments/<id:uuid>/calendar.ics",
    caller=CITIZEN,
    limit=Limit.READING,
    produces="text/calendar",
    errors=(errors.AppointmentNotFound,),
)
async def show_calendar_file(call: Call) -> object:
    """下载日历文件"""
    found = await queries.own(call.path["id"], call.caller.person_id)
    name = calendar_files.file_name(found.id)
    return HTTPResponse(
        await calendar_files.calendar_file(found),
        content_type=calendar_files.MEDIA_TYPE,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@routes.get("/me/booking-standing", caller=CITIZEN, limit=Limit.READING, answer=schemas.StandingView)
async def show_standing(call: Call) -> object:
    """我的爽约、取消记录和预约限制"""
    return await queries.standing(subject_of(call.caller.person_id, call.caller.enterprise_id))


@routes.post(
    "/me/booking-appeals",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.AppealBan,
    answer=schemas.AppealView,
    status=201,
    errors=(errors.BanNotFound, errors.AppealOpen, TextNotAllowed),
)
async def appeal(call: Call) -> object:
    """对预约限制提出申诉"""
    subject_id = subject_of(call.caller.person_id, call.caller.enterprise_id)
    return await penalties.appeal(call.caller.person_id, subject_id, call.body["text"])


async def _pass(call: Call) -> tuple[str, Any]:
    found = await queries.own(call.path["id"], call.caller.person_id)
    attendance.check_may_get_pass(found)
    return passes.issue(found.id, clock.now())


async def _enterprise(call: Call) -> UUID | None:
    """Whom a booking is for: as said, or else as the person is signed in."""
    if "enterprise_id" not in call.body:
        chosen: UUID | None = call.caller.enterprise_id
        return chosen
    wanted: UUID | None = call.body["enterprise_id"]
    if wanted is not None and wanted != call.caller.enterprise_id:
        await sessions.check_acts_for(call.caller.person_id, wanted)
    return wanted
