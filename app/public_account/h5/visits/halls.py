"""Pages of halls, which anyone may read: find one by words, region or nearness, see its free times."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from app.domain.appointments import busyness, house_rules
from app.domain.appointments.errors import HallNotBookable
from app.domain.halls import queries, schedules
from app.domain.halls.errors import HallNotFound
from app.domain.halls.queries import Position, RegionFacts
from app.domain.halls.regions import lineage
from app.kit import clock
from app.kit.cursors import LONGEST, BadCursor
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PageQuery, prints
from app.kit.web.pages.prints import Freshness
from app.public_account.h5.pages import PREFIX, site
from app.public_account.h5.visits import openings
from app.public_account.h5.visits.openings import Day

routes = Routes(PREFIX, tag="网页")

_LIVE: Final = Freshness(kept_s=2)
"""On a morning of booking everybody looks at the same halls; a seat taken shows two seconds later."""


class FindHalls(PageQuery):
    q = fields.Text(max=60, load_default="", metadata={"description": "名称、地址或拼音"})
    region = fields.Code(max=12, load_default=None, metadata={"description": "区划代码，含其下各级"})
    near = fields.Place(
        load_default=None, metadata={"description": "从这里由近到远：纬度,经度（WGS-84）；不保存"}
    )
    cursor = fields.Code(max=LONGEST, load_default=None, metadata={"description": "从哪里接着看"})


class AskHall(PageQuery):
    business = fields.Code(max=24, load_default=None, metadata={"description": "业务类别代码"})


@routes.get("/halls", caller=ANYONE, limit=Limit.READING, query=FindHalls, produces=HTML, errors=(BadCursor,))
async def find_halls(call: Call) -> object:
    """按地区、距离、名称或拼音查找大厅"""
    asked = call.query
    if asked["near"]:
        # Where somebody is stays nowhere, not even for seconds.
        near = call.request.args.get("near", "")
        return site.page(call.request, "halls.html", **await _found(asked, near))
    return await prints.page(site, call.request, "halls.html", _LIVE, lambda: _found(asked, ""))


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
    hall_id, wanted = call.path["hall_id"], call.query["business"]
    return await prints.page(site, call.request, "hall.html", _LIVE, lambda: _hall(hall_id, wanted))


async def _found(asked: Mapping[str, Any], near: str) -> Mapping[str, Any]:
    words, region = asked["q"], asked["region"]
    found = await queries.find_halls(
        q=words or None,
        region=region,
        near=Position(*asked["near"]) if near else None,
        cursor=asked["cursor"],
    )
    busy, regions = await asyncio.gather(
        busyness.at_halls([hall.id for hall in found.items]), _regions(region)
    )
    kept = _kept(words, region, near)
    return {
        "halls": list(zip(found.items, busy, strict=True)),
        "more": urlencode({**kept, "cursor": found.next}) if found.next else None,
        "q": words,
        "kept": kept,
        "regions": regions,
        "is_near": bool(near),
    }


async def _hall(hall_id: int, wanted: str | None) -> Mapping[str, Any]:
    detail = await queries.hall_detail(hall_id)
    house = await _rules_of(hall_id)
    offered = detail.facts.businesses if house else []
    chosen = next((one for one in offered if one.code == wanted), offered[0] if offered else None)
    days: list[Day] = await openings.of_business(hall_id, chosen.code) if chosen else []
    [busy] = await busyness.at_halls([hall_id])
    return {
        "hall": detail,
        "house": house,
        "busyness": busy,
        "week": await _week(hall_id),
        "businesses": offered,
        "chosen": chosen,
        "days": days,
    }


def _kept(words: str, region: str | None, near: str) -> Mapping[str, str]:
    """What was asked for, to be asked again together with something else."""
    said = {"q": words, "region": region or "", "near": near}
    return {name: value for name, value in said.items() if value}


async def _regions(chosen: str | None) -> Mapping[str, Sequence[RegionFacts]]:
    """The way down to the region chosen, and those below it that have halls.

    Where there is nothing to choose, as in the one province that has any, the way goes on by itself.
    """
    above = await queries.regions_of(lineage(chosen)) if chosen else []
    below = await queries.regions_with_halls(chosen)
    while len(below) == 1 and below[0].has_children:
        above.append(below[0])
        below = await queries.regions_with_halls(below[0].code)
    return {"above": above, "below": below}


async def _week(hall_id: int) -> Sequence[tuple[object, Sequence[object]]]:
    """When the hall is open on the coming days, today first."""
    schedule, calendar = await schedules.schedule_of(hall_id), await schedules.load_calendar()
    coming = [clock.today() + timedelta(days=ahead) for ahead in range(openings.DAYS)]
    return [(day, schedule.spans(day, calendar)) for day in coming]


async def _rules_of(hall_id: int) -> object | None:
    """The rules of booking here; none where the hall takes no bookings."""
    try:
        return (await house_rules.of_hall(hall_id)).rules
    except HallNotBookable:
        return None
