"""Pages of moving an appointment to another time of the same hall; its number stays."""

from app.domain.appointments import booking, errors, offers, queries
from app.domain.appointments.models import Appointment
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, site
from app.public_account.h5.visits import openings
from app.public_account.h5.visits import shown as visits
from app.public_account.h5.visits.booking import REFUSALS

routes = Routes(PREFIX, tag="网页")

_REFUSALS: tuple[type[Fault], ...] = (errors.NotActive, errors.CancelTooLate, errors.SameSlot, *REFUSALS)


@routes.get(
    "/appointments/<id:uuid>/move",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(errors.AppointmentNotFound,),
)
async def choose_time(call: Call) -> object:
    """改约：选一个新的时段"""
    return await _times_page(call, await _own(call))


@routes.get(
    "/appointments/<id:uuid>/move/<slot_id:int>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(
        errors.AppointmentNotFound,
        errors.SlotNotFound,
        errors.OtherBusiness,
        errors.HallNotBookable,
    ),
)
async def confirm_time(call: Call) -> object:
    """改约：确认从哪个时段改到哪个时段"""
    found = await _own(call)
    offer = await offers.offer(call.path["slot_id"], found.business_id)
    return site.page(call.request, "move_to.html", appointment=await visits.shown(found), offer=offer)


@routes.post(
    "/appointments/<id:uuid>/move/<slot_id:int>",
    caller=H5_CITIZEN,
    limit=Limit.BOOKING,
    body=Nothing,
    produces=HTML,
    errors=(errors.AppointmentNotFound, *_REFUSALS),
)
async def move(call: Call) -> object:
    """改约到另一个时段，预约号不变"""
    try:
        moved = await booking.reschedule(
            call.path["id"], call.caller.person_id, call.path["slot_id"], call.caller.level
        )
    except _REFUSALS as refusal:
        return await _times_page(call, await _own(call), refusal)
    return to(f"{PREFIX}/appointments/{moved.id}", {"done": "moved"})


async def _own(call: Call) -> Appointment:
    return await queries.own(call.path["id"], call.caller.person_id)


async def _times_page(call: Call, found: Appointment, refusal: Fault | None = None) -> object:
    """The free times to choose from; none where the appointment can no longer be moved."""
    appointment = await visits.shown(found)
    days = await openings.of_business(found.hall_id, found.business_id) if appointment["may_change"] else []
    return site.page(
        call.request,
        "move.html",
        appointment=appointment,
        days=openings.without(days, found.slot_id),
        refusal=refusal,
    )
