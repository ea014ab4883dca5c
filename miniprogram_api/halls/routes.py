"""Routes of halls."""

from dataclasses import asdict

from app.domain.appointments import house_rules
from app.domain.appointments.errors import HallNotBookable
from app.domain.halls import queries
from app.domain.halls.errors import HallNotFound
from app.domain.halls.queries import Position
from app.kit.cursors import BadCursor
from app.kit.web import ANYONE, Call, Limit, Routes
from miniprogram_api.caching import kept, rendered, reply_public
from miniprogram_api.halls.schemas import FindHalls, HallDetailView, HallPage

routes = Routes("/api/v1", tag="大厅")

_FRESH_S = 60


@routes.get(
    "/halls",
    caller=ANYONE,
    limit=Limit.READING,
    query=FindHalls,
    answer=HallPage,
    errors=(BadCursor,),
)
async def find_halls(call: Call) -> object:
    """按地区、距离、名称或拼音查找大厅"""
    place = call.query.pop("near", None)
    found = await queries.find_halls(near=Position(*place) if place else None, **call.query)
    body = rendered(HallPage, found)
    return reply_public(call, body, fresh_s=_FRESH_S)


@routes.get(
    "/halls/<hall_id:int>",
    caller=ANYONE,
    limit=Limit.READING,
    answer=HallDetailView,
    errors=(HallNotFound,),
)
async def show_hall(call: Call) -> object:
    """查看一个大厅"""
    hall_id = call.path["hall_id"]
    body = await kept(f"hall:{hall_id}", _FRESH_S, HallDetailView, lambda: _detail(hall_id))
    return reply_public(call, body, fresh_s=_FRESH_S)


async def _detail(hall_id: int) -> object:
    detail = await queries.hall_detail(hall_id)
    return {
        **asdict(detail.facts),
        "region_path": detail.region_path,
        "today": detail.today,
        "hours_today": [
            {"opens_at": f"{opens:%H:%M}", "closes_at": f"{closes:%H:%M}"}
            for opens, closes in detail.hours_today
        ],
        "is_open_now": detail.is_open_now,
        "counters": detail.counters,
        "booking": await _booking(detail.facts.id),
    }


async def _booking(hall_id: int) -> object | None:
    """The rules of booking here; none where the hall takes no bookings."""
    try:
        return (await house_rules.of_hall(hall_id)).rules
    except HallNotBookable:
        return None
