"""The privacy notice: shown before anything of a person is asked, agreed to in words of a known version."""

from typing import Final
from urllib.parse import urlencode

from sanic import HTTPResponse, Request

from app.domain.accounts import consents, web_login
from app.domain.accounts.consents import ConsentText
from app.domain.accounts.errors import ConsentUnknown
from app.domain.accounts.models import ServiceChannel
from app.domain.accounts.sessions import Citizen
from app.kit import ids
from app.kit.errors import Fault
from app.kit.web import (
    ANYONE,
    H5_CITIZEN,
    OPTIONAL_H5_CITIZEN,
    Call,
    Limit,
    Routes,
    Schema,
    csrf_token,
    fields,
    token_in_cookie,
)
from app.kit.web.callers import check_csrf
from app.kit.web.pages import HTML, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX, leave, own_page, site

routes = Routes(PREFIX, tag="网页")

PURPOSE: Final = "privacy_policy"
AGREED_COOKIE: Final = "weiban_h5_privacy"
DOOR_COOKIE: Final = "weiban_h5_door"
_PAGE: Final = f"{PREFIX}/privacy"
_DOOR_S: Final = 60 * 60
_YEAR_S: Final = 365 * 24 * 60 * 60
# Pressed just now by whoever is about to sign in, and agreed to by somebody who signed in here before: only
# the first is an answer that may be written down for this person.
_PRESSED, _KNOWN = "pressed", "known"


class AskNotice(PageQuery):
    to = fields.Text(max=400, load_default=web_login.HOME, metadata={"description": "同意后去哪一页"})


class Agree(Schema):
    to = fields.Text(max=400, load_default=web_login.HOME, metadata={"description": "同意后去哪一页"})
    version = fields.Text(required=True, max=12, metadata={"description": "读到的是第几版"})


def notice() -> ConsentText:
    """The words in force."""
    return consents.texts()[PURPOSE]


@routes.get("/privacy", caller=OPTIONAL_H5_CITIZEN, limit=Limit.READING, query=AskNotice, produces=HTML)
async def show_notice(call: Call) -> object:
    """隐私政策，任何人都可以看"""
    return await _notice_page(call, call.query["to"], None)


@routes.post(
    "/privacy",
    caller=H5_CITIZEN,
    limit=Limit.WRITING,
    body=Agree,
    produces=HTML,
    errors=(ConsentUnknown,),
)
async def agree(call: Call) -> object:
    """已登录的人同意隐私政策"""
    try:
        await _write_down(call.caller, call.body["version"])
    except ConsentUnknown as refusal:
        return await _notice_page(call, call.body["to"], refusal)
    return to(own_page(call.body["to"]))


@routes.post("/privacy/agree", caller=ANYONE, limit=Limit.WRITING, body=Agree, produces=HTML)
async def agree_at_the_door(call: Call) -> object:
    """登录之前同意隐私政策；登录后记录"""
    check_csrf(token_in_cookie(DOOR_COOKIE, call.request) or "", call.request)
    wanted = own_page(call.body["to"])
    if call.body["version"] != notice().version:
        return door(call.request, wanted)
    answer = to(f"{PREFIX}/sign-in", {"to": wanted})
    leave(answer, AGREED_COOKIE, f"{_PRESSED}.{notice().version}", _DOOR_S)
    leave(answer, DOOR_COOKIE, "", 0)
    return answer


@routes.get("/privacy/declined", caller=ANYONE, limit=Limit.READING, query=PageQuery, produces=HTML)
async def show_declined(call: Call) -> object:
    """不同意隐私政策时还能做什么"""
    return site.page(call.request, "privacy_declined.html")


def has_agreed(request: Request) -> bool:
    """Whether somebody in this browser has agreed to the words in force."""
    return _held(request) is not None


def door(request: Request, wanted: str) -> HTTPResponse:
    """The notice before the first sign-in in a browser; its form is bound to a cookie of its own."""
    secret = token_in_cookie(DOOR_COOKIE, request) or ids.new_token()
    answer = site.page(
        request, "privacy_ask.html", notice=notice(), wanted=own_page(wanted), door=csrf_token(secret)
    )
    leave(answer, DOOR_COOKIE, secret, _DOOR_S)
    return answer


async def first(request: Request, citizen: Citizen, path: str) -> str:
    """Where somebody who has just signed in goes first: to the notice, unless they agree to it already."""
    if await consents.is_granted(citizen.person_id, PURPOSE):
        return path
    if _held(request) == _PRESSED:
        await _write_down(citizen, notice().version)
        return path
    return f"{_PAGE}?{urlencode({'to': path})}"


def remember(answer: HTTPResponse) -> None:
    """Let this browser's next sign-in go straight to WeChat."""
    leave(answer, AGREED_COOKIE, f"{_KNOWN}.{notice().version}", _YEAR_S)


def _held(request: Request) -> str | None:
    how, _, version = (token_in_cookie(AGREED_COOKIE, request) or "").partition(".")
    return how if version == notice().version and how in (_PRESSED, _KNOWN) else None


async def _write_down(citizen: Citizen, version: str) -> None:
    await consents.answer(citizen, PURPOSE, version, is_granted=True, channel=ServiceChannel.WX_OA)


async def _notice_page(call: Call, wanted: str, refusal: Fault | None) -> HTTPResponse:
    is_asked = call.caller is not None and not await consents.is_granted(call.caller.person_id, PURPOSE)
    return site.page(
        call.request,
        "privacy.html",
        notice=notice(),
        wanted=own_page(wanted),
        is_asked=is_asked,
        refusal=refusal,
    )
