"""Pages of halls, which anyone may read: find one, see its free times."""

from app.domain.appointments import house_rules
from app.domain.appointments.errors import HallNotBookable
from app.domain.halls import queries
from app.domain.halls.errors import HallNotFound
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PUBLIC, PageQuery
from app.public_account.h5 import openings
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")


class FindHalls(PageQuery):
    q = fields.Text(max=60, load_default="", metadata={"description": "名称、地址或拼音"})


class AskHall(PageQuery):
    business = fields.Code(max=24, load_default=None, metadata={"description": "业务类别代码"})


@routes.get("/halls", caller=ANYONE, limit=Limit.READING, query=FindHalls, produces=HTML)
async def find_halls(call: Call) -> object:
    """查找大厅"""
    words = call.query["q"]
    found = await queries.find_halls(q=words or None)
    return site.page(call.request, "halls.html", keep=PUBLIC, halls=found.items, q=words)


@routes.get(
    "/halls/<hall_id:int>",
    caller=ANYONE,
    limit=Limit.READING,
    query=AskHall,
    produces=HTML,
    errors=(HallNotFound,),
)
async def show_hall(call: Call) -> object:
    """一个大厅和它的可约时段"""
    detail = await queries.hall_detail(call.path["hall_id"])
    offered = detail.facts.businesses if await _takes_bookings(detail.facts.id) else []
    wanted = call.query["business"]
    chosen = next((one for one in offered if one.code == wanted), offered[0] if offered else None)
    return site.page(
        call.request,
        "hall.html",
        keep=PUBLIC,
        hall=detail,
        businesses=offered,
        chosen=chosen,
        days=await openings.of_business(detail.facts.id, chosen.code) if chosen else [],
    )


async def _takes_bookings(hall_id: int) -> bool:
    try:
        await house_rules.of_hall(hall_id)
    except HallNotBookable:
        return False
    return True
