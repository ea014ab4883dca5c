"""Routes of credit ratings: one's own in detail, the public A list, the calculator and applications."""

from typing import Final
from uuid import UUID

from app.domain.accounts.errors import EnterpriseNotBound, TextNotAllowed
from app.domain.credit_appeals import applying
from app.domain.credit_appeals import errors as appeal_errors
from app.domain.credit_appeals import queries as appeals
from app.domain.credit_appeals.applying import Application
from app.domain.credit_ratings import a_list, queries, what_if
from app.domain.credit_ratings.errors import AListNotPublished, RatingNotFound, WhatIfInvalid
from app.domain.credit_ratings.what_if import Supposition
from app.gateways.exchange import ExchangeDown, NotConnected
from app.kit.cursors import BadCursor
from app.kit.errors import InvalidInput
from app.kit.web import ANYONE, CITIZEN, Call, Limit, Routes
from miniprogram_api import caching
from miniprogram_api.credit_ratings import schemas, views

routes = Routes("/api/v1", tag="纳税信用")

_A_LIST_FRESH_S: Final = 300
_UPSTREAM: Final = (NotConnected, ExchangeDown)


@routes.get(
    "/credit-ratings",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.OfEnterprise,
    answer=schemas.CreditRatingsView,
    errors=(EnterpriseNotBound, *_UPSTREAM),
)
async def show_ratings(call: Call) -> object:
    """所办税企业历年的纳税缴费信用：级别、得分、扣分明细、能否修复"""
    own = await queries.own(call.caller.person_id, _enterprise(call, call.query))
    newest = own.years[0].year if own.years else None
    restored = await appeals.restored(own.enterprise_id, newest) if newest else {}
    return views.ratings(own, await appeals.under_way(own.enterprise_id), restored)


@routes.get(
    "/credit-ratings/a-list",
    caller=ANYONE,
    limit=Limit.READING,
    query=schemas.FindAList,
    answer=schemas.AListPage,
    errors=(AListNotPublished, BadCursor, ExchangeDown),
)
async def show_a_list(call: Call) -> object:
    """A 级纳税人公布名单，按年度和名称或代码查"""
    year, q, cursor = call.query["year"], call.query["q"], call.query.get("cursor")

    async def ask() -> object:
        return await a_list.page(year, q, cursor)

    key = f"credit-a-list:{year}:{cursor or ''}:{q}"
    body = await caching.kept(key, _A_LIST_FRESH_S, schemas.AListPage, ask)
    return caching.reply_public(call, body, fresh_s=_A_LIST_FRESH_S)


@routes.post(
    "/credit-ratings/what-if",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.WhatIf,
    answer=schemas.WhatIfOutcomeView,
    errors=(EnterpriseNotBound, RatingNotFound, WhatIfInvalid, *_UPSTREAM),
)
async def reckon(call: Call) -> object:
    """测算：如在某日前纠正，得分和级别会怎样"""
    said = call.body
    own = await queries.own(call.caller.person_id, _enterprise(call, said))
    rating = own.of(said.get("year"))
    supposed = Supposition(
        corrections={one["line"]: one["on"] for one in said["corrections"]},
        overall_on=said.get("overall_on"),
        direct_d_on=said.get("direct_d_on"),
        breaches=said["breaches"],
        restored=await appeals.restored(own.enterprise_id, rating.year),
    )
    return what_if.reckon(rating, supposed)


@routes.post(
    "/credit-ratings/appeals",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.ApplyAboutRating,
    answer=schemas.CreditAppliedView,
    status=201,
    idempotent=True,
    errors=(
        EnterpriseNotBound,
        RatingNotFound,
        TextNotAllowed,
        appeal_errors.WrongRole,
        appeal_errors.AlreadyApplied,
        appeal_errors.AppealTooLate,
        appeal_errors.NothingToRepair,
        appeal_errors.RepairNotOpen,
        appeal_errors.AppealInvalid,
        *_UPSTREAM,
    ),
)
async def apply(call: Call) -> object:
    """申请复核或修复，15 个工作日内答复"""
    said = call.body
    asked = Application(said["kind"], said["reason"], said.get("year"), tuple(said["lines"]))
    applied = await applying.apply(call.caller, _enterprise(call, said), asked)
    return {**views.appeal(applied.appeal), "query_code": applied.query_code}


@routes.get(
    "/credit-ratings/appeals",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.OfEnterprise,
    answer=schemas.AppealPage,
    errors=(EnterpriseNotBound,),
)
async def list_appeals(call: Call) -> object:
    """企业的复核和修复申请，新的在前"""
    found = await appeals.of_enterprise(call.caller.person_id, _enterprise(call, call.query))
    return {"items": [views.appeal(one) for one in found], "next": None}


def _enterprise(call: Call, said: dict[str, UUID]) -> UUID:
    """The enterprise that was named, or the one the session acts for."""
    chosen: UUID | None = said.get("enterprise_id") or call.caller.enterprise_id
    if chosen is None:
        raise InvalidInput(fields={"enterprise_id": ["请先选择企业：当前没有以企业身份办税"]})
    return chosen
