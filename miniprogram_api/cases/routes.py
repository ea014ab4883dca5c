"""Routes of cases: one's own, look-up by query code, withdrawing, confirming, following."""

from typing import Final

from sanic import HTTPResponse

from app.domain.cases import cursors, errors, followers, lookup, queries, reading, service
from app.domain.cases.progress import CaseProgress
from app.kit.cursors import BadCursor
from app.kit.web import ANYONE, CITIZEN, Call, Limit, Routes, reply_with_etag
from app.kit.web.address import client_address
from app.kit.web.answers import Answer
from app.kit.web.routes import JSON
from miniprogram_api.cases import schemas, views
from miniprogram_api.cases.pages import Pages

routes = Routes("/api/v1", tag="办件")

_MINE: Final = "private, no-cache"
_LOOKUP_ERRORS: Final = (errors.CaseNotFound, errors.LookupLocked)

_whole: Final = Pages(views.whole)
_public: Final = Pages(views.public)


@routes.get(
    "/cases",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.ListCases,
    answer=schemas.CasePage,
    errors=(BadCursor,),
)
async def list_cases(call: Call) -> object:
    """我的办件，最近变动的在前；以企业身份登录时为该企业的办件"""
    asked, limit = call.query, call.query["limit"]
    found = await queries.own(
        call.caller.person_id,
        enterprise_id=call.caller.enterprise_id,
        after=cursors.read(asked["cursor"]) if "cursor" in asked else None,
        limit=limit + 1,
        is_open=asked["status"] == "open" if "status" in asked else None,
    )
    following = cursors.written(found[limit - 1]) if len(found) > limit else None
    return {"items": [views.brief(one) for one in found[:limit]], "next": following}


@routes.get("/cases/followed", caller=CITIZEN, limit=Limit.READING, answer=schemas.FollowedPage)
async def list_followed(call: Call) -> object:
    """我关注的他人办件，办结后不再列出"""
    found = await followers.followed(call.caller.person_id)
    return {"items": [views.followed(one) for one in found], "next": None}


@routes.post(
    "/cases/lookup",
    caller=ANYONE,
    limit=Limit.WRITING,
    body=schemas.LookUpCase,
    answer=schemas.CaseView,
    errors=_LOOKUP_ERRORS,
)
async def look_up(call: Call) -> object:
    """凭办件编号和查询码查进度，无需登录；只显示环节、日期和期限"""
    found = await lookup.look_up(
        call.body["number"], call.body["query_code"], asked_by=client_address(call.request)
    )
    return Answer(_public.of(found).body, content_type=JSON, headers={"cache-control": "no-store"})


@routes.get(
    "/cases/<number:str>",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.CaseView,
    errors=(errors.CaseUnknown,),
)
async def show_case(call: Call) -> object:
    """查看自己的办件：办到哪一步、谁在办、还剩多久、需要您做什么"""
    page = _whole.of(await _own(call))
    return reply_with_etag(call.request, page.body, page.tag, cache_control=_MINE)


@routes.post(
    "/cases/<number:str>/withdraw",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.CaseView,
    errors=(errors.CaseUnknown, errors.IllegalMove),
)
async def withdraw(call: Call) -> object:
    """撤回申请；作出决定后不能撤回"""
    number = (await _own(call)).number
    await service.withdraw(number, call.caller.person_id)
    return _shown(await _own(call))


@routes.post(
    "/cases/<number:str>/confirm-receipt",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.CaseView,
    errors=(errors.CaseUnknown, errors.IllegalMove),
)
async def confirm_receipt(call: Call) -> object:
    """确认收到办理结果"""
    number = (await _own(call)).number
    await service.confirm_receipt(number, call.caller.person_id)
    return _shown(await _own(call))


@routes.post(
    "/cases/<number:str>/follow",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.FollowCase,
    answer=schemas.FollowedView,
    errors=(
        *_LOOKUP_ERRORS,
        followers.FollowConsentNeeded,
        followers.CaseIsOver,
        followers.TooManyFollowed,
    ),
)
async def follow(call: Call) -> object:
    """凭查询码关注他人的办件，有进展时收到通知；须先同意 case_following 授权"""
    return views.followed(await followers.follow(call.caller, call.path["number"], call.body["query_code"]))


@routes.delete(
    "/cases/<number:str>/follow",
    caller=CITIZEN,
    limit=Limit.WRITING,
    status=204,
    errors=(followers.NotFollowed,),
)
async def unfollow(call: Call) -> None:
    """取消关注"""
    await followers.unfollow(call.caller.person_id, call.path["number"])


async def _own(call: Call) -> CaseProgress:
    """The case of the path, as far as it is the caller's in the identity they act in."""
    return await reading.own_case(call.caller.person_id, call.caller.enterprise_id, call.path["number"])


def _shown(case: CaseProgress) -> HTTPResponse:
    return Answer(_whole.of(case).body, content_type=JSON)
