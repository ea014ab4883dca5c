"""Coming in and going out: password with one-time code, one's own sessions, a new password."""

from typing import Final

from sanic import HTTPResponse, Request

from app.console.site import HOME, PASSWORD, PREFIX, SESSION_COOKIE, SIGN_IN, own_page, site
from app.domain.accounts import staff
from app.domain.accounts.errors import PasswordWeak, SessionEnded, SignInFailed
from app.domain.accounts.staff import StaffMember
from app.kit import ids
from app.kit.errors import Fault, InvalidInput
from app.kit.web import ANYONE, STAFF_PAGE, Call, Limit, Routes, Schema, csrf_token, fields, token_in_cookie
from app.kit.web.address import client_address
from app.kit.web.callers import check_csrf
from app.kit.web.pages import HTML, Nothing, PageQuery
from app.kit.web.pages.site import to

routes = Routes(PREFIX, tag="工作台")

DOOR_COOKIE: Final = "weiban_console_door"
_DOOR_S: Final = 60 * 60


class AskSignIn(PageQuery):
    to = fields.Text(max=600, load_default=HOME, metadata={"description": "登录后去哪一页"})


class SignIn(Schema):
    username = fields.Text(required=True, min=1, max=40, metadata={"description": "用户名"})
    password = fields.Secret(required=True, metadata={"description": "密码"})
    code = fields.Text(required=True, min=1, max=12, metadata={"description": "动态口令"})
    to = fields.Text(max=600, load_default=HOME, metadata={"description": "登录后去哪一页"})


class ChangePassword(Schema):
    old = fields.Secret(required=True, metadata={"description": "现在的密码"})
    new = fields.Secret(required=True, metadata={"description": "新密码"})
    again = fields.Secret(required=True, metadata={"description": "再输一次新密码"})


class PasswordsDiffer(InvalidInput):
    """The new password was typed in two ways."""

    code = "passwords_differ"
    message = "两次输入的新密码不一样，请重新填写"


@routes.get("/sign-in", caller=ANYONE, limit=Limit.READING, query=AskSignIn, produces=HTML)
async def ask_sign_in(call: Call) -> object:
    """登录页"""
    return _door(call.request, to=own_page(call.query["to"]))


@routes.post(
    "/sign-in",
    caller=ANYONE,
    limit=Limit.LOGIN,
    body=SignIn,
    produces=HTML,
    errors=(SignInFailed,),
    shows_faults=True,
)
async def sign_in(call: Call) -> object:
    """登录；连错五次锁定三十分钟"""
    said = call.body
    wanted = own_page(said.get("to", HOME))
    check_csrf(token_in_cookie(DOOR_COOKIE, call.request) or "", call.request)
    if call.wrong is not None:
        return _door(call.request, to=wanted, username=call.typed.get("username", ""), refusal=call.wrong)
    try:
        begun = await staff.sign_in(
            said["username"], said["password"], said["code"], address=client_address(call.request)
        )
    except SignInFailed as refusal:
        return _door(call.request, to=wanted, username=said["username"], refusal=refusal)
    await _end_earlier(call.request)
    answer = to(PASSWORD if begun.member.must_change_password else wanted)
    _leave(answer, SESSION_COOKIE, begun.token)
    _take_back(answer, DOOR_COOKIE)
    return answer


@routes.post("/sign-out", caller=STAFF_PAGE, limit=Limit.WRITING, body=Nothing, produces=HTML)
async def sign_out(call: Call) -> object:
    """退出"""
    await staff.sign_out(call.caller)
    answer = to(SIGN_IN)
    _take_back(answer, SESSION_COOKIE)
    return answer


@routes.get("/password", caller=STAFF_PAGE, limit=Limit.DESK, query=PageQuery, produces=HTML)
async def show_password(call: Call) -> object:
    """修改密码"""
    return site.page(call.request, "password.html", member=call.caller, refusal=None)


@routes.post(
    "/password",
    caller=STAFF_PAGE,
    limit=Limit.WRITING,
    body=ChangePassword,
    produces=HTML,
    errors=(SignInFailed, PasswordWeak),
    shows_faults=True,
)
async def change_password(call: Call) -> object:
    """修改密码；其他会话随之结束"""
    said = call.body
    try:
        if call.wrong is not None:
            raise call.wrong
        if said["new"] != said["again"]:
            raise PasswordsDiffer
        await staff.change_password(call.caller, said["old"], said["new"])
    except PasswordWeak as weak:
        return _password(call, InvalidInput(weak.message, fields={"new": weak.fields["password"]}))
    except (InvalidInput, SignInFailed) as refusal:
        return _password(call, refusal)
    return to(HOME, {"done": "password"})


def _password(call: Call, refusal: Fault) -> HTTPResponse:
    status = 422 if call.wrong is not None else 409
    return site.page(call.request, "password.html", status=status, member=call.caller, refusal=refusal)


def _door(request: Request, *, to: str, username: str = "", refusal: Fault | None = None) -> HTTPResponse:
    """The page of the door. Its form is bound to a cookie of its own, since nobody is signed in yet."""
    secret = token_in_cookie(DOOR_COOKIE, request) or ids.new_token()
    answer = site.page(
        request,
        "sign_in.html",
        door=csrf_token(secret),
        to=to,
        username=username,
        refusal=refusal,
    )
    _leave(answer, DOOR_COOKIE, secret, life_s=_DOOR_S)
    return answer


async def _end_earlier(request: Request) -> None:
    """End the session this browser held, so that no session outlives the next person at the desk."""
    token = token_in_cookie(SESSION_COOKIE, request)
    if token is None:
        return
    try:
        earlier: StaffMember = await staff.staff_of(token)
    except SessionEnded:
        return
    await staff.sign_out(earlier)


def _leave(answer: HTTPResponse, name: str, value: str, *, life_s: int | None = None) -> None:
    """A cookie that scripts and other sites never see; without a life it goes with the browser."""
    answer.add_cookie(name, value, path=PREFIX, httponly=True, secure=True, samesite="Strict", max_age=life_s)


def _take_back(answer: HTTPResponse, name: str) -> None:
    _leave(answer, name, "", life_s=0)
