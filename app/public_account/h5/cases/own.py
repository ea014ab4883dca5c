"""Pages of one's own cases: the list, one of them with its timeline, withdrawing, confirming receipt."""

from typing import Final

from sanic import HTTPResponse

from app.domain.cases import cursors, errors, followers, queries, reading, service
from app.domain.cases.models import UNDECIDED
from app.domain.cases.progress import CaseProgress
from app.kit.cursors import LONGEST, BadCursor
from app.kit.errors import Fault
from app.kit.web import H5_CITIZEN, Call, Limit, Routes, fields
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, site
from notifications import prompts
from notifications.prompts import Moment

routes = Routes(PREFIX, tag="网页")

_SHOWN: Final = 20
_STATUSES: Final = ("open", "done")


class ListCases(PageQuery):
    status = fields.Choice(list(_STATUSES), load_default=None, metadata={"description": "办理中或已结束"})
    cursor = fields.Code(max=LONGEST, load_default=None, metadata={"description": "从哪里接着看"})


class AskCase(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


@routes.get(
    "/cases",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=ListCases,
    produces=HTML,
    errors=(BadCursor,),
)
async def list_cases(call: Call) -> object:
    """我的办件，最近变动的在前；以企业身份查看时为该企业的办件"""
    status, cursor = call.query["status"], call.query["cursor"]
    found = await queries.own(
        call.caller.person_id,
        enterprise_id=call.caller.enterprise_id,
        after=cursors.read(cursor) if cursor else None,
        limit=_SHOWN + 1,
        is_open=status == "open" if status else None,
    )
    shown = found[:_SHOWN]
    return site.page(
        call.request,
        "cases.html",
        cases=shown,
        older=cursors.written(shown[-1]) if len(found) > _SHOWN else None,
        statuses=_STATUSES,
        chosen=status,
        is_for_enterprise=call.caller.enterprise_id is not None,
    )


@routes.get(
    "/cases/<number:str>",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=AskCase,
    produces=HTML,
    errors=(errors.CaseUnknown,),
)
async def show_case(call: Call) -> object:
    """一个办件：办到哪一步、谁在办、还剩多久、需要您做什么"""
    try:
        found = await own(call)
    except errors.CaseUnknown as unknown:
        return await _elsewhere(call, unknown)
    person_id, done = call.caller.person_id, call.query["done"]
    needs_way = done == "corrected" and await prompts.needs_way(person_id, Moment.CASE)
    return _case_page(call, found, done=done, needs_way=needs_way)


@routes.post(
    "/cases/<number:str>/withdraw",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(errors.CaseUnknown, errors.IllegalMove),
)
async def withdraw(call: Call) -> object:
    """撤回申请；作出决定后不能撤回"""
    case = await own(call)
    try:
        await service.withdraw(case.number, call.caller.person_id)
    except errors.IllegalMove as refusal:
        return _case_page(call, await own(call), refusal=refusal)
    return to(address_of(case.number), {"done": "withdrawn"})


@routes.post(
    "/cases/<number:str>/confirm-receipt",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(errors.CaseUnknown, errors.IllegalMove),
)
async def confirm_receipt(call: Call) -> object:
    """确认收到办理结果"""
    case = await own(call)
    try:
        await service.confirm_receipt(case.number, call.caller.person_id)
    except errors.IllegalMove as refusal:
        return _case_page(call, await own(call), refusal=refusal)
    return to(address_of(case.number), {"done": "received"})


async def own(call: Call) -> CaseProgress:
    """The case of the path, as far as it is the caller's in the identity they act in. Raises CaseUnknown."""
    return await reading.own_case(call.caller.person_id, call.caller.enterprise_id, call.path["number"])


def address_of(number: str) -> str:
    """The page of a case."""
    return f"{PREFIX}/cases/{number}"


def _case_page(
    call: Call,
    case: CaseProgress,
    *,
    done: str = "",
    refusal: Fault | None = None,
    needs_way: bool = False,
) -> HTTPResponse:
    return site.page(
        call.request,
        "case.html",
        case=case,
        is_undecided=case.state in UNDECIDED,
        done=done,
        refusal=refusal,
        needs_way=needs_way,
    )


async def _elsewhere(call: Call, unknown: errors.CaseUnknown) -> HTTPResponse:
    """A message of a followed case leads here, too; any other may belong to another identity of theirs."""
    followed = await followers.followed(call.caller.person_id)
    if any(one.number == call.path["number"] for one in followed):
        return to(f"{PREFIX}/cases/followed")
    return site.page(
        call.request,
        "case_unknown.html",
        status=unknown.status,
        fault=unknown,
        is_for_enterprise=call.caller.enterprise_id is not None,
    )
