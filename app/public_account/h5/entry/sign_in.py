"""Coming in: sign-in by WeChat, hand-over from another channel, and signing out."""

from typing import Final

from sanic import HTTPResponse, Request

from app.domain.accounts import consents, handoffs, sessions, web_login
from app.domain.accounts.errors import HandoffGone, PersonFrozen, SignInStale, SnapshotVisitor
from app.domain.accounts.models import ServiceChannel
from app.domain.accounts.sessions import Begun
from app.gateways.wechat import AskedTooOften, CodeInvalid, PersonBlocked, WeChatDown
from app.kit.web import ANYONE, H5_CITIZEN, Call, Limit, Routes, fields, token_in_cookie
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.entry import privacy
from app.public_account.h5.pages import PREFIX, leave, site
from config import settings

routes = Routes(PREFIX, tag="网页")

CHANNEL: Final = ServiceChannel.WX_OA
SESSION_COOKIE: Final = H5_CITIZEN.cookie or ""
STATE_COOKIE: Final = "weiban_h5_state"
_DAY_S: Final = 24 * 60 * 60


class AskSignIn(PageQuery):
    to = fields.Text(max=400, load_default=web_login.HOME, metadata={"description": "登录后去哪一页"})


class Authorized(PageQuery):
    """What WeChat sends the browser back with."""

    code = fields.Text(max=200, load_default="", metadata={"description": "授权码"})
    state = fields.Text(max=128, load_default="", metadata={"description": "登录前交给微信的随机数"})


@routes.get("/sign-in", caller=ANYONE, limit=Limit.READING, query=AskSignIn, produces=HTML)
async def ask_sign_in(call: Call) -> object:
    """去微信登录；第一次先看隐私政策"""
    if not privacy.has_agreed(call.request):
        return privacy.door(call.request, call.query["to"])
    asked = await web_login.ask(call.query["to"], f"{settings.current().public_url}{PREFIX}/authorized")
    answer = to(asked.url, status=302)
    leave(answer, STATE_COOKIE, asked.secret, int(web_login.PATIENCE.total_seconds()))
    return answer


@routes.get(
    "/authorized",
    caller=ANYONE,
    limit=Limit.LOGIN,
    query=Authorized,
    produces=HTML,
    errors=(
        SignInStale,
        SnapshotVisitor,
        PersonFrozen,
        CodeInvalid,
        PersonBlocked,
        AskedTooOften,
        WeChatDown,
    ),
    spends=True,
)
async def sign_in(call: Call) -> object:
    """从微信回来，完成登录"""
    secret = token_in_cookie(STATE_COOKIE, call.request) or ""
    begun, path = await web_login.answer(call.query["state"], secret, call.query["code"])
    answer = await _signed_in(call.request, begun, path)
    take_back(answer, STATE_COOKIE)
    return answer


@routes.get(
    "/handoff/<token:str>",
    caller=ANYONE,
    limit=Limit.LOGIN,
    query=PageQuery,
    produces=HTML,
    errors=(HandoffGone,),
    spends=True,
)
async def come_over(call: Call) -> object:
    """从小程序等渠道转来，免登录继续办理"""
    begun, path = await handoffs.redeem(call.path["token"], CHANNEL)
    return await _signed_in(call.request, begun, path)


@routes.post("/sign-out", caller=H5_CITIZEN, limit=Limit.WRITING, body=Nothing, produces=HTML)
async def sign_out(call: Call) -> object:
    """退出登录"""
    await sessions.end(call.caller.session_id)
    answer = site.page(call.request, "signed_out.html", about="signed_out.about")
    take_back(answer, SESSION_COOKIE)
    return answer


@routes.post("/privacy/decline", caller=H5_CITIZEN, limit=Limit.WRITING, body=Nothing, produces=HTML)
async def decline_notice(call: Call) -> object:
    """已登录的人不同意隐私政策：记录并退出登录"""
    text = privacy.notice()
    await consents.answer(call.caller, text.purpose, text.version, is_granted=False, channel=CHANNEL)
    await sessions.end(call.caller.session_id)
    answer = to(f"{PREFIX}/privacy/declined")
    take_back(answer, SESSION_COOKIE)
    take_back(answer, privacy.AGREED_COOKIE)
    return answer


async def _signed_in(request: Request, begun: Begun, path: str) -> HTTPResponse:
    """The new session in the browser; the one it held before ends, whoever began it."""
    earlier = token_in_cookie(SESSION_COOKIE, request)
    if earlier:
        await web_login.end_earlier(earlier)
    answer = to(await privacy.first(request, begun.citizen, path))
    privacy.remember(answer)
    leave(answer, SESSION_COOKIE, begun.token, settings.current().session_days * _DAY_S)
    return answer


def take_back(answer: HTTPResponse, name: str) -> None:
    """Let the browser forget a cookie of ours."""
    leave(answer, name, "", 0)
