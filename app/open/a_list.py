"""A 级纳税人名单, as the law has it published, by year and by the beginning of a name or number."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from app.domain.credit_ratings import a_list, rules
from app.domain.credit_ratings.errors import AListNotPublished
from app.domain.credit_ratings.rule_sets import FIRST_YEAR
from app.gateways.exchange import ExchangeDown
from app.kit import clock
from app.kit.cursors import LONGEST, BadCursor
from app.kit.errors import Fault
from app.kit.web import ANYONE, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PageQuery, prints
from app.open.site import LISTED, PREFIX, site

routes = Routes(PREFIX, tag="公开")

_LAST_YEAR: Final = 2100
_YEARS_OFFERED: Final = 5


class FindAList(PageQuery):
    year = fields.whole(FIRST_YEAR, _LAST_YEAR, metadata={"description": "评价年度；省略时为最近公布的一年"})
    q = fields.Text(max=60, load_default="", metadata={"description": "企业名称或识别号，从开头匹配"})
    cursor = fields.Code(max=LONGEST, load_default=None, metadata={"description": "从哪里接着看"})


@routes.get(
    "/a-list",
    caller=ANYONE,
    limit=Limit.READING,
    query=FindAList,
    produces=HTML,
    errors=(AListNotPublished, BadCursor, ExchangeDown),
    shows_faults=True,
)
async def show(call: Call) -> object:
    """A 级纳税人名单"""
    newest = rules.newest_released(clock.today())
    year, q = call.query.get("year") or newest, call.query.get("q", "")
    refusal: Fault | None = call.wrong
    if refusal is None:
        try:
            return await prints.page(
                site,
                call.request,
                "a_list.html",
                LISTED,
                lambda: _told(newest, year, q, call.query["cursor"]),
            )
        except (AListNotPublished, ExchangeDown) as fault:
            refusal = fault
    typed = call.typed.get("q", q)
    # Whoever names no year asked for nothing that is not there: the newest is only not published yet.
    is_early = isinstance(refusal, AListNotPublished) and not call.typed
    return site.page(
        call.request,
        "a_list.html",
        status=200 if is_early else None,
        **_form(newest, year, typed),
        refusal=refusal,
    )


async def _told(newest: int, year: int, q: str, cursor: str | None) -> Mapping[str, Any]:
    found = await a_list.page(year, q, cursor)
    more = urlencode({"year": year, "q": q, "cursor": found.next}) if found.next else None
    return {**_form(newest, year, q), "found": found, "more": more, "refusal": None}


def _form(newest: int, year: int, q: str) -> Mapping[str, Any]:
    recent = range(newest, max(newest - _YEARS_OFFERED, FIRST_YEAR - 1), -1)
    offered = sorted({*recent, year}, reverse=True)
    return {"years": offered, "year": year, "q": q, "found": None, "more": None}
