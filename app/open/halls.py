"""Halls as busy as they are right now, by region; and one hall with its year."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.domain.appointments import busyness
from app.domain.figures import published
from app.domain.halls import queries
from app.domain.halls.errors import HallNotFound
from app.kit import clock
from app.kit.cursors import LONGEST, BadCursor
from app.kit.errors import Fault
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PageQuery, prints
from app.open.regions import Shown, shown
from app.open.site import LIVE, PREFIX, site

routes = Routes(PREFIX, tag="公开")


class FindHalls(PageQuery):
    q = fields.Text(max=60, load_default="", metadata={"description": "名称、地址或拼音"})
    region = fields.Code(max=12, load_default=None, metadata={"description": "区划代码，含其下各级"})
    cursor = fields.Code(max=LONGEST, load_default=None, metadata={"description": "从哪里接着看"})


@routes.get(
    "",
    caller=ANYONE,
    limit=Limit.READING,
    query=FindHalls,
    produces=HTML,
    errors=(BadCursor,),
    shows_faults=True,
)
async def start(call: Call) -> object:
    """首页：各大厅当前等候、今天余号和是否办公"""
    if call.wrong is not None:
        nobody = await _told("", None, None, refusal=call.wrong, typed=call.typed.get("q", ""))
        return site.page(call.request, "start.html", **nobody)
    asked = call.query
    return await prints.page(
        site, call.request, "start.html", LIVE, lambda: _told(asked["q"], asked["region"], asked["cursor"])
    )


@routes.get(
    "/halls/<hall_id:int>",
    caller=ANYONE,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(HallNotFound,),
)
async def show_hall(call: Call) -> object:
    """一个大厅：当前情况和近一年的统计"""
    return await prints.page(site, call.request, "hall.html", LIVE, lambda: _hall(call.path["hall_id"]))


async def _told(
    words: str,
    region: str | None,
    cursor: str | None,
    *,
    refusal: Fault | None = None,
    typed: str | None = None,
) -> Mapping[str, Any]:
    found = await queries.find_halls(q=words or None, region=region, cursor=cursor)
    ids = [hall.id for hall in found.items]
    busy, open_now, place = await asyncio.gather(busyness.at_halls(ids), queries.open_now(ids), shown(region))
    kept = _kept(words, place)
    return {
        "as_of": clock.now(),
        "halls": list(zip(found.items, busy, strict=True)),
        "open_now": open_now,
        "place": place,
        "q": words if typed is None else typed,
        "refusal": refusal,
        "more": urlencode({**kept, "cursor": found.next}) if found.next else None,
        "is_first": cursor is None,
    }


async def _hall(hall_id: int) -> Mapping[str, Any]:
    detail = await queries.hall_detail(hall_id)
    [busy] = await busyness.at_halls([hall_id])
    return {
        "as_of": clock.now(),
        "hall": detail,
        "busyness": busy,
        "months": await published.months_of_hall(hall_id),
    }


def _kept(words: str, place: Shown) -> Mapping[str, str]:
    """What was asked for, to be asked again together with something else."""
    said = {"q": words, "region": place.code or ""}
    return {name: value for name, value in said.items() if value}
