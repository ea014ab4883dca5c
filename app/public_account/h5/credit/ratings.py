"""Pages of credit ratings 纳税缴费信用: of the enterprise acted for in detail, and the public A list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from sanic import HTTPResponse

from app.domain.accounts.errors import EnterpriseNotBound
from app.domain.credit_appeals import queries as appeals
from app.domain.credit_appeals import texts
from app.domain.credit_appeals.models import OPEN
from app.domain.credit_ratings import a_list, queries, repairs, rules, what_if
from app.domain.credit_ratings.errors import AListNotPublished, RatingNotFound
from app.domain.credit_ratings.queries import OwnRatings, RatedYear
from app.domain.credit_ratings.repairs import Prospect
from app.domain.credit_ratings.rule_sets import FIRST_YEAR, NEVER_A_WORDS, RuleSet, rule_set_of
from app.domain.credit_ratings.rules import Window
from app.gateways.exchange import Deduction, ExchangeDown, NotConnected
from app.kit import clock
from app.kit.cursors import BadCursor
from app.kit.errors import Fault
from app.kit.web import ANYONE, H5_CITIZEN, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, PUBLIC, PageQuery
from app.public_account.h5.pages import PREFIX, site

routes = Routes(f"{PREFIX}/credit", tag="网页")

LAST_YEAR: Final = 2100
UPSTREAM: Final = (NotConnected, ExchangeDown)

_LONGEST_CURSOR: Final = 1200  # It holds a name of two hundred signs of up to four bytes.
_YEARS_OFFERED: Final = 5


class AskRating(PageQuery):
    year = fields.whole(FIRST_YEAR, LAST_YEAR, metadata={"description": "评价年度；省略时为最近一次"})


class FindAList(PageQuery):
    year = fields.whole(FIRST_YEAR, LAST_YEAR, metadata={"description": "评价年度；省略时为最近公布的一年"})
    q = fields.Text(max=60, load_default="", metadata={"description": "企业名称或代码，从开头匹配"})
    cursor = fields.Code(max=_LONGEST_CURSOR, load_default=None, metadata={"description": "从哪里接着看"})


@dataclass(frozen=True, slots=True)
class ShownDeduction:
    """A deduction with its number in the list and the days until which a correction still helps."""

    line: int
    told: Deduction
    windows: Sequence[Window]


@dataclass(frozen=True, slots=True)
class ShownYear:
    """A year's rating as the pages read it; the last two are of the newest year alone."""

    rating: RatedYear
    law: RuleSet
    status: str
    effects: Sequence[str]
    never_a: Sequence[str]
    direct_d: Sequence[tuple[str, date | None]]
    deductions: Sequence[ShownDeduction]
    overall: Prospect | None
    direct_repair: Prospect | None
    may_review: bool

    @property
    def may_repair(self) -> bool:
        """Whether a correction of some deduction still brings points."""
        return any(one.windows for one in self.deductions)


@routes.get(
    "",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskRating,
    produces=HTML,
    errors=(EnterpriseNotBound, RatingNotFound, *UPSTREAM),
)
async def show(call: Call) -> object:
    """当前企业的信用：级别、得分、扣分明细、能否修复、历年变化"""
    enterprise_id = call.caller.enterprise_id
    if enterprise_id is None:
        return without_enterprise(call)
    own = await queries.own(call.caller.person_id, enterprise_id)
    asked: int | None = call.query.get("year")
    year = await shown_year(own, own.of(asked)) if own.years or asked else None
    return site.page(
        call.request,
        "credit.html",
        own=own,
        year=year,
        appeals=[
            (one, texts.grounds(one))
            for one in await appeals.of_enterprise(call.caller.person_id, enterprise_id)
        ],
        open_states=OPEN,
    )


@routes.get(
    "/a-list",
    caller=ANYONE,
    limit=Limit.READING,
    query=FindAList,
    produces=HTML,
    errors=(AListNotPublished, BadCursor, ExchangeDown),
    shows_faults=True,
)
async def show_a_list(call: Call) -> object:
    """A 级纳税人公布名单，按年度和名称或代码查"""
    newest = rules.newest_released(clock.today())
    year, q = call.query.get("year") or newest, call.query.get("q", "")
    found = None
    refusal: Fault | None = call.wrong
    if refusal is None:
        try:
            found = await a_list.page(year, q, call.query["cursor"])
        except (AListNotPublished, ExchangeDown) as fault:
            refusal = fault
    # Whoever names no year asked for nothing that is not there: the newest is only not published yet.
    is_early = isinstance(refusal, AListNotPublished) and not call.typed
    return site.page(
        call.request,
        "a_list.html",
        status=200 if is_early else None,
        keep=PUBLIC,
        found=found,
        refusal=refusal,
        year=year,
        q=q,
        years=range(newest, max(newest - _YEARS_OFFERED, FIRST_YEAR - 1), -1),
        older=urlencode({"year": year, "q": q, "cursor": found.next}) if found and found.next else None,
    )


def without_enterprise(call: Call, refusal: Fault | None = None) -> HTTPResponse:
    """A rating is an enterprise's: whoever acts for none is shown the way to choose one."""
    return site.page(call.request, "credit_without.html", refusal=refusal)


async def shown_year(own: OwnRatings, rating: RatedYear) -> ShownYear:
    """A rating with what can still be done about it; what is asked for just now goes before its status."""
    today = clock.today()
    is_newest = rating.year == own.years[0].year
    under_way = await appeals.under_way(own.enterprise_id)
    overall, direct = (None, None)
    if is_newest and rating.has_details:
        overall, direct = await _prospects(own.enterprise_id, rating, today)
    return ShownYear(
        rating=rating,
        law=rule_set_of(rating.year),
        status=under_way.get(rating.year, rating.status).value,
        effects=repairs.effects(rating),
        never_a=[NEVER_A_WORDS[fact] for fact in rating.never_a],
        direct_d=[(repairs.words_of(cause), cause.corrected_on) for cause in rating.direct_d],
        deductions=shown_deductions(rating, today),
        overall=overall,
        direct_repair=direct,
        may_review=is_newest and today <= rules.review_until(rating.year),
    )


def shown_deductions(rating: RatedYear, today: date) -> Sequence[ShownDeduction]:
    """The deductions of a year, with the windows that are still open."""
    return [
        ShownDeduction(
            line, one, [window for window in what_if.windows(one, rating.year) if window.until >= today]
        )
        for line, one in enumerate(rating.deductions, start=1)
    ]


async def _prospects(enterprise_id: UUID, newest: RatedYear, today: date) -> tuple[Prospect, Prospect | None]:
    restored: Mapping[date, Decimal] = await appeals.restored(enterprise_id, newest.year)
    direct = repairs.direct_d(newest, today) if repairs.is_direct_d(newest) else None
    return repairs.overall(newest, today, restored), direct
