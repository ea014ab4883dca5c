"""Pages of guides 办事指南, which anyone may read."""

from app.domain.catalogue import queries
from app.domain.catalogue.errors import GuideNotFound
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PUBLIC, PageQuery
from app.public_account.h5.pages import PREFIX, site

routes = Routes(PREFIX, tag="网页")

_SHOWN = 20


class FindGuides(PageQuery):
    q = fields.Text(max=100, load_default="", metadata={"description": "要办的事"})


@routes.get("/guides", caller=ANYONE, limit=Limit.READING, query=FindGuides, produces=HTML)
async def find_guides(call: Call) -> object:
    """查找办事指南"""
    words = call.query["q"]
    hits = await queries.search(words, limit=_SHOWN) if words else []
    return site.page(call.request, "guides.html", keep=PUBLIC, hits=hits, q=words)


@routes.get(
    "/guides/<guide_id:int>",
    caller=ANYONE,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(GuideNotFound,),
)
async def show_guide(call: Call) -> object:
    """一篇办事指南"""
    found = await queries.guide(call.path["guide_id"])
    return site.page(call.request, "guide.html", keep=PUBLIC, guide=found)
