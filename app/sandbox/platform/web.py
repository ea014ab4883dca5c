"""Web authorisation: the page that asks a person, and what our server does with the code."""

from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sanic import HTTPResponse, Request
from sanic.response import html, redirect

from app.gateways.wechat.accounts import Account
from app.sandbox.answers import PlatformRefusal
from app.sandbox.grants import LIFE_S
from app.sandbox.platform.calls import OK, Calls, Table
from app.sandbox.views import HOLDER_COOKIE
from app.sandbox.world import Person, is_name, openid_of, unionid_of

AUTHORIZE: Final = "/connect/oauth2/authorize"
# WeChat matches the address by a pattern, so the order counts.
_ORDER: Final = ["appid", "redirect_uri", "response_type", "scope", "state"]
_SCOPES: Final = ("snsapi_base", "snsapi_userinfo")
_LONGEST_STATE: Final = 128


class Web(Calls):
    """``connect/oauth2/authorize`` and ``sns/*`` of a public account."""

    def table(self) -> Table:
        return {
            AUTHORIZE: ("GET", self.authorize),
            "/sns/oauth2/access_token": ("GET", self.access_token),
            "/sns/oauth2/refresh_token": ("GET", self.refresh_token),
            "/sns/userinfo": ("GET", self.user_info),
            "/sns/auth": ("GET", self.auth),
        }

    async def authorize(self, request: Request) -> HTTPResponse:
        """Back to our page with a code: at once for ``snsapi_base``, after asking for ``snsapi_userinfo``."""
        asked = dict(parse_qsl(request.query_string, keep_blank_values=True))
        try:
            account, target = self._checked(asked)
        except PlatformRefusal as refusal:
            return _page("参数错误", f"{escape(refusal.errmsg)}（错误码：{refusal.errcode}）")
        holder = asked.get("sandbox_person") or request.cookies.get(HOLDER_COOKIE) or ""
        if not is_name(holder):
            return _page("没有人拿着手机", "请从微信沙箱的手机页打开这个页面")
        person = self._sandbox.world.person(holder)
        if asked["scope"] == "snsapi_userinfo":
            answer = asked.get("sandbox_answer")
            if answer == "reject":
                return _page("已拒绝授权", "您没有把资料给这个网页，可以关闭它")
            if answer != "allow":
                return _consent(request, person)
        code = self._sandbox.codes.issue(person.name, "web", account.appid, asked["scope"])
        state = {"state": asked["state"]} if "state" in asked else {}
        back = redirect(_with(target, {"code": code, **state}))
        back.headers["Cache-Control"] = "no-store"
        return back

    async def access_token(self, request: Request) -> dict[str, Any]:
        """A snapshot visitor is a virtual person: another openid, no unionid."""
        asked = dict(request.query_args)
        if asked.get("grant_type") != "authorization_code":
            raise PlatformRefusal(40002)
        account = self._public_account(self._authenticated(asked))
        if not asked.get("code"):
            raise PlatformRefusal(41008)
        code = self._sandbox.codes.redeem(asked["code"], "web", account.appid)
        person = self._sandbox.world.person(code.person)
        openid = openid_of(account.appid, f"snapshot of {person.name}" if person.snapshot else person.name)
        access, refresh = self._sandbox.grants.give(account.appid, person.name, openid, code.scope)
        answer = {"access_token": access, "expires_in": LIFE_S, "refresh_token": refresh, "openid": openid}
        if person.snapshot:
            return {**answer, "scope": code.scope, "is_snapshotuser": 1}
        return {**answer, "scope": code.scope, "unionid": unionid_of(person.name)}

    async def refresh_token(self, request: Request) -> dict[str, Any]:
        asked = dict(request.query_args)
        if asked.get("grant_type") != "refresh_token":
            raise PlatformRefusal(40002)
        if not asked.get("refresh_token"):
            raise PlatformRefusal(41003)
        account = self._sandbox.options.account(asked.get("appid"))
        if account is None:
            raise PlatformRefusal(40013)
        access, grant = self._sandbox.grants.renew(asked["refresh_token"], account.appid)
        return {
            "access_token": access,
            "expires_in": LIFE_S,
            "refresh_token": asked["refresh_token"],
            "openid": grant.openid,
            "scope": grant.scope,
        }

    async def user_info(self, request: Request) -> dict[str, Any]:
        grant = self._sandbox.grants.check(request.args.get("access_token"), request.args.get("openid"))
        if grant.scope != "snsapi_userinfo":
            raise PlatformRefusal(48001)
        person = self._sandbox.world.person(grant.person)
        more = {} if person.snapshot else {"unionid": unionid_of(person.name)}
        name = "微信用户" if person.snapshot else person.name
        place = {"sex": 0, "language": "", "city": "", "province": "", "country": ""}
        return {"openid": grant.openid, "nickname": name, **place, "headimgurl": "", "privilege": [], **more}

    async def auth(self, request: Request) -> dict[str, Any]:
        self._sandbox.grants.check(request.args.get("access_token"), request.args.get("openid"))
        return dict(OK)

    def _checked(self, asked: dict[str, str]) -> tuple[Account, str]:
        """The account and where to go back to."""
        if [name for name in asked if name in _ORDER] != [name for name in _ORDER if name in asked]:
            raise PlatformRefusal(40035, "the parameters are not in WeChat's order")
        if not asked.get("appid"):
            raise PlatformRefusal(10012)
        account = self._public_account(self._sandbox.options.account(asked["appid"]))
        target = asked.get("redirect_uri")
        if not target:
            raise PlatformRefusal(10011)
        address = urlsplit(target)
        if (
            address.scheme not in ("http", "https")
            or address.hostname not in self._sandbox.options.web_domains
        ):
            raise PlatformRefusal(10003)
        if asked.get("response_type") != "code" or asked.get("scope") not in _SCOPES:
            raise PlatformRefusal(10005)
        state = asked.get("state", "")
        if len(state) > _LONGEST_STATE or (state and not (state.isascii() and state.isalnum())):
            raise PlatformRefusal(10013)
        return account, target

    def _public_account(self, account: Account | None) -> Account:
        """Raises PlatformRefusal 40013 for any other kind of account."""
        if account is None or self._sandbox.options.kind(account) != "oa":
            raise PlatformRefusal(40013)
        return account


def _consent(request: Request, person: Person) -> HTTPResponse:
    def answered(answer: str) -> str:
        return escape(_with(f"{AUTHORIZE}?{request.query_string}", {"sandbox_answer": answer}))

    choices = f'<p><a href="{answered("allow")}">允许</a></p><p><a href="{answered("reject")}">拒绝</a></p>'
    return _page("网页授权", f"{escape(person.name)}，这个网页想获得你的昵称和头像。{choices}")


def _page(title: str, inside: str) -> HTTPResponse:
    """``inside`` is HTML already."""
    head = (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
    )
    policy = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}
    return html(f"{head}<title>{title}</title><h1>{title}</h1><div>{inside}</div></html>", headers=policy)


def _with(address: str, more: dict[str, str]) -> str:
    """An address with more in its query; a fragment stays at the end."""
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    return urlunsplit(parts._replace(query=query))
