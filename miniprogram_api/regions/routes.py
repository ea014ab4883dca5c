"""The route of administrative regions."""

from app.domain.halls import queries
from app.domain.halls.errors import RegionNotFound
from app.kit.web import ANYONE, Call, Limit, Routes
from miniprogram_api.caching import kept, reply_public
from miniprogram_api.regions.schemas import ListRegions, RegionList

routes = Routes("/api/v1", tag="大厅")

_FRESH_S = 3600


@routes.get(
    "/regions",
    caller=ANYONE,
    limit=Limit.READING,
    query=ListRegions,
    answer=RegionList,
    errors=(RegionNotFound,),
)
async def list_regions(call: Call) -> object:
    """逐级列出行政区划"""
    parent = call.query.get("parent")

    async def ask() -> object:
        return {"items": await queries.regions_under(parent), "next": None}

    body = await kept(f"regions:{parent or ''}", _FRESH_S, RegionList, ask)
    return reply_public(call, body, fresh_s=_FRESH_S)
