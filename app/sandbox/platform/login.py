"""Signing in to a mini-program: the login code, the session key, the phone number."""

import hashlib
import hmac
from typing import Any

from sanic import Request

from app.sandbox import quotas
from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import OK, Calls, Table, body_of
from app.sandbox.world import openid_of, phone_of, unionid_of


class Login(Calls):
    """``sns/jscode2session``, ``wxa/checksession``, ``wxa/business/getuserphonenumber``."""

    def table(self) -> Table:
        return {
            quotas.LOGIN: ("GET", self.login),
            "/wxa/checksession": ("GET", self.check_session),
            "/wxa/business/getuserphonenumber": ("POST", self.phone_number),
        }

    async def login(self, request: Request) -> dict[str, Any]:
        """On success the platform leaves errcode out."""
        asked = dict(request.query_args)
        if asked.get("grant_type") != "authorization_code":
            raise PlatformRefusal(40002)
        account = self._authenticated(asked)
        if self._sandbox.options.kind(account) != "mp":
            raise PlatformRefusal(40013)
        code = asked.get("js_code")
        if not code:
            raise PlatformRefusal(41008)
        name = self._sandbox.codes.redeem(code, "login", account.appid).person
        openid = openid_of(account.appid, name)
        self._sandbox.quotas.spend(quotas.LOGIN, openid)
        person = self._sandbox.world.person(name)
        is_new_here = self._sandbox.world.following(person) is None
        if is_new_here and self._sandbox.codes.is_reusable(code) and self._sandbox.options.auto_follow:
            await self._sandbox.follow(person)
        session_key = self._sandbox.visits.login(account.appid, openid)
        return {"openid": openid, "session_key": session_key, "unionid": unionid_of(name)}

    async def check_session(self, request: Request) -> dict[str, Any]:
        """The signature is HMAC-SHA256 of nothing, the session key's text being the key."""
        account = self._caller(request, "mp")
        openid = request.args.get("openid", "")
        self._person(account, openid)
        key = self._sandbox.visits.session_key(account.appid, openid)
        right = hmac.new((key or "").encode(), b"", hashlib.sha256).hexdigest()
        given = request.args.get("signature", "")
        is_right = request.args.get("sig_method") == "hmac_sha256" and hmac.compare_digest(right, given)
        if key is None or not is_right:
            raise PlatformRefusal(87009)
        return dict(OK)

    async def phone_number(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "mp")
        asked = body_of(request)
        code, openid = asked.get("code"), asked.get("openid")
        if not isinstance(code, str) or not code:
            raise PlatformRefusal(40029)
        name = self._sandbox.codes.redeem(code, "phone", account.appid).person
        if openid is not None and openid != openid_of(account.appid, name):
            raise PlatformRefusal(40029, "the code belongs to another openid")
        number = phone_of(name)
        info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86"}
        return {**OK, "phone_info": {**info, "watermark": {"timestamp": 0, "appid": account.appid}}}
