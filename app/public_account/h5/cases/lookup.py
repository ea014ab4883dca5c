"""Pages of cases one knows the query code of: looking one up without signing in, and following it."""

from collections.abc import Mapping
from typing import Final

from sanic import HTTPResponse

from app.domain.accounts import consents
from app.domain.accounts.errors import ConsentUnknown
from app.domain.cases import errors, followers, lookup
from app.domain.cases.models import UNDECIDED
from app.kit.errors import Fault
from app.kit.web import ANYONE, H5_CITIZEN, Call, Limit, Routes, Schema, fields
from app.kit.web.address import client_address
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.entry.sign_in import CHANNEL
from app.public_account.h5.pages import PREFIX, site
from notifications import prompts
from notifications.prompts import Moment

routes = Routes(PREFIX, tag="网页")

_FOLLOWED: Final = f"{PREFIX}/cases/followed"
_NOT_FOUND: Final = (errors.CaseNotFound, errors.LookupLocked)
_NOT_FOLLOWED: Final = (*_NOT_FOUND, followers.CaseIsOver, followers.TooManyFollowed)


class LookUpCase(Schema):
    number = fields.Text(
        required=True, min=1, max=100, metadata={"description": "办件编号，或受理通知书上的受理编号"}
    )
    query_code = fields.Text(required=True, min=1, max=20, metadata={"description": "查询码，在受理通知书上"})


class FollowCase(LookUpCase):
    agrees = fields.Choice(["yes"], load_default=None, metadata={"description": "已阅读并同意"})
    text_version = fields.Code(max=10, load_default=None, metadata={"description": "同意的是哪一版文字"})


class AskFollowed(PageQuery):
    done = fields.Code(max=12, load_default="", metadata={"description": "刚刚做了什么"})


@routes.get("/cases/lookup", caller=ANYONE, limit=Limit.READING, query=PageQuery, produces=HTML)
async def ask_number(call: Call) -> object:
    """凭编号和查询码查进度"""
    return _form(call, {})


@routes.post(
    "/cases/lookup",
    caller=ANYONE,
    limit=Limit.WRITING,
    body=LookUpCase,
    produces=HTML,
    errors=_NOT_FOUND,
    shows_faults=True,
)
async def look_up(call: Call) -> object:
    """查到的进度；只显示环节、日期和期限"""
    if call.wrong is not None:
        return _form(call, call.typed, call.wrong)
    number, code = call.body["number"], call.body["query_code"]
    try:
        found = await lookup.look_up(number, code, asked_by=client_address(call.request))
    except _NOT_FOUND as refusal:
        return _form(call, call.typed, refusal)
    return site.page(
        call.request,
        "case_found.html",
        case=found,
        is_undecided=found.state in UNDECIDED,
        code=code,
    )


@routes.get("/cases/followed", caller=H5_CITIZEN, limit=Limit.READING, query=AskFollowed, produces=HTML)
async def list_followed(call: Call) -> object:
    """我关注的他人办件，办结后不再列出"""
    found = await followers.followed(call.caller.person_id)
    person_id, done = call.caller.person_id, call.query["done"]
    needs_way = done == "followed" and await prompts.needs_way(person_id, Moment.FOLLOWING)
    return site.page(call.request, "cases_followed.html", cases=found, done=done, needs_way=needs_way)


@routes.post(
    "/cases/follow",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=FollowCase,
    produces=HTML,
    errors=(*_NOT_FOLLOWED, followers.FollowConsentNeeded, ConsentUnknown),
    shows_faults=True,
)
async def follow(call: Call) -> object:
    """关注他人的办件；第一次关注先征得同意"""
    if call.wrong is not None:
        return _form(call, call.typed, call.wrong)
    asked = call.body
    try:
        if asked["agrees"]:
            await consents.answer(
                call.caller, followers.CONSENT, asked["text_version"] or "", is_granted=True, channel=CHANNEL
            )
        await followers.follow(call.caller, asked["number"], asked["query_code"])
    except (followers.FollowConsentNeeded, ConsentUnknown) as refusal:
        return _consent_page(call, refusal)
    except _NOT_FOLLOWED as refusal:
        return _form(call, call.typed, refusal)
    return to(_FOLLOWED, {"done": "followed"})


@routes.post(
    "/cases/<number:str>/unfollow",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Nothing,
    produces=HTML,
    errors=(followers.NotFollowed,),
)
async def unfollow(call: Call) -> object:
    """取消关注"""
    await followers.unfollow(call.caller.person_id, call.path["number"])
    return to(_FOLLOWED, {"done": "unfollowed"})


def _form(call: Call, typed: Mapping[str, str], refusal: Fault | None = None) -> HTTPResponse:
    """The two fields; the code stays, since most mistakes are in the long number."""
    return site.page(
        call.request,
        "case_lookup.html",
        typed=typed,
        refusal=refusal,
    )


def _consent_page(call: Call, refusal: Fault) -> HTTPResponse:
    return site.page(
        call.request,
        "case_follow.html",
        wanted=call.body,
        consent=consents.texts()[followers.CONSENT],
        refusal=refusal if _was_answered(call.typed) else None,
    )


def _was_answered(typed: Mapping[str, str]) -> bool:
    """Whether the words of consent have been before the reader already."""
    return "text_version" in typed
