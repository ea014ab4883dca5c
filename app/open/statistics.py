"""Figures of months: appointments and cases beside the same month a year before, and hall by hall."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from app.domain.figures import published
from app.kit import clock
from app.kit.cursors import LONGEST, BadCursor
from app.kit.errors import InvalidInput
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PageQuery, prints
from app.open.regions import shown
from app.open.site import MONTHLY, PREFIX, site

routes = Routes(PREFIX, tag="公开")

_COUNTY: Final = 3
"""Figures of cases are told down to counties."""


class AskFigures(PageQuery):
    region = fields.Code(max=6, load_default=None, metadata={"description": "区划代码，到县一级"})
    month = fields.Day(load_default=None, metadata={"description": "各大厅看哪个月：该月 1 日"})
    cursor = fields.Code(max=LONGEST, load_default=None, metadata={"description": "从哪里接着看"})


@routes.get(
    "/statistics",
    caller=ANYONE,
    limit=Limit.READING,
    query=AskFigures,
    produces=HTML,
    errors=(BadCursor,),
    shows_faults=True,
)
async def show(call: Call) -> object:
    """服务统计：近一年每月的预约与办件，同比，各大厅"""
    asked, refusal = call.query, call.wrong
    told = published.told_months(clock.today())
    if refusal is None and asked["month"] not in (None, *told):
        refusal = InvalidInput(fields={"month": [f"请从最近 {len(told)} 个月中选择"]})
    if refusal is not None:
        page = await _told(None, told[1], None, refusal=refusal)
        return site.page(call.request, "statistics.html", **page)
    return await prints.page(
        site,
        call.request,
        "statistics.html",
        MONTHLY,
        lambda: _told(asked["region"], asked["month"] or told[1], asked["cursor"]),
    )


async def _told(
    region: str | None, month: date, cursor: str | None, *, refusal: InvalidInput | None = None
) -> Mapping[str, Any]:
    months, halls, place = await asyncio.gather(
        published.months(region),
        published.hall_by_hall(month, region, cursor),
        shown(region, deepest=_COUNTY),
    )
    kept = {"month": month.isoformat(), **({"region": region} if region else {})}
    return {
        "months": months,
        "month": month,
        "halls": halls.items,
        "more": urlencode({**kept, "cursor": halls.next}) if halls.next else None,
        "is_first": cursor is None,
        "place": place,
        "refusal": refusal,
    }
