"""WeChat's API under WeChat's own paths: tokens, login, phone number, followers, template lists."""

import base64
import secrets
from typing import Any

import orjson
from sanic import Request

from app.gateways.wechat.accounts import Account
from app.sandbox.answers import PlatformRefusal
from app.sandbox.sandbox import Sandbox
from app.sandbox.templates import type_of
from app.sandbox.world import openid_of, phone_of, unionid_of

_OK = {"errcode": 0, "errmsg": "ok"}


class Platform:
    """The calls that are not sends. Each gives the answer's fields or raises PlatformRefusal."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def token(self, request: Request) -> dict[str, Any]:
        asked = dict(request.query_args)
        account = self._authenticated(asked)
        value, life_s = self._sandbox.tokens.plain(account.appid)
        return {"access_token": value, "expires_in": life_s}

    async def stable_token(self, request: Request) -> dict[str, Any]:
        asked = body_of(request)
        account = self._authenticated(asked)
        force = asked.get("force_refresh", False)
        if not isinstance(force, bool):
            raise PlatformRefusal(47001)
        value, life_s = self._sandbox.tokens.stable(account.appid, force=force)
        return {"access_token": value, "expires_in": life_s}

    async def login(self, request: Request) -> dict[str, Any]:
        """``sns/jscode2session``; on success the platform leaves errcode out."""
        asked = dict(request.query_args)
        if asked.get("grant_type") != "authorization_code":
            raise PlatformRefusal(40002)
        account = self._account(asked)
        if account is not self._sandbox.options.mp:
            raise PlatformRefusal(40013)
        code = asked.get("js_code")
        if not code:
            raise PlatformRefusal(41008)
        name = self._sandbox.codes.redeem(code, "login")
        person = self._sandbox.world.person(name)
        is_scripted = self._sandbox.codes.is_reusable(code)
        if is_scripted and person.following is None and self._sandbox.options.auto_follow:
            await self._sandbox.follow(person)
        return {
            "openid": openid_of(account.appid, name),
            "session_key": base64.b64encode(secrets.token_bytes(16)).decode(),
            "unionid": unionid_of(name),
        }

    async def phone_number(self, request: Request) -> dict[str, Any]:
        account = self._sandbox.options.mp
        self._sandbox.tokens.check(request.args.get("access_token"), account.appid)
        asked = body_of(request)
        code, openid = asked.get("code"), asked.get("openid")
        if not isinstance(code, str) or not code:
            raise PlatformRefusal(40029)
        name = self._sandbox.codes.redeem(code, "phone")
        if openid is not None and openid != openid_of(account.appid, name):
            raise PlatformRefusal(40029, "the code belongs to another openid")
        number = phone_of(name)
        info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86"}
        return {**_OK, "phone_info": {**info, "watermark": {"timestamp": 0, "appid": account.appid}}}

    async def user_info(self, request: Request) -> dict[str, Any]:
        account = self._sandbox.options.oa
        self._sandbox.tokens.check(request.args.get("access_token"), account.appid)
        openid = request.args.get("openid")
        person = self._sandbox.world.find(account.appid, openid)
        if person is None:
            raise PlatformRefusal(40003)
        if not person.following:
            return {"subscribe": 0, "openid": openid, "unionid": unionid_of(person.name)}
        return {
            "subscribe": 1,
            "openid": openid,
            "unionid": unionid_of(person.name),
            "language": "zh_CN",
            "subscribe_scene": "ADD_SCENE_OTHERS",
            "tagid_list": [],
        }

    async def templates(self, request: Request) -> dict[str, Any]:
        """``template/get_all_private_template`` of the public account."""
        self._sandbox.tokens.check(request.args.get("access_token"), self._sandbox.options.oa.appid)
        return {
            "template_list": [
                {
                    "template_id": template.template_id,
                    "title": template.title,
                    "primary_industry": "政府与公共事业",
                    "deputy_industry": "行政事业",
                    "content": template.content,
                    "example": "",
                }
                for template in self._sandbox.templates.values()
                if template.channel == "template"
            ]
        }

    async def subscribe_templates(self, request: Request) -> dict[str, Any]:
        """``wxaapi/newtmpl/gettemplate`` of the mini-program; type 3 is a long-term template."""
        self._sandbox.tokens.check(request.args.get("access_token"), self._sandbox.options.mp.appid)
        data = [
            {
                "priTmplId": template.template_id,
                "title": template.title,
                "content": template.content,
                "example": "",
                "type": 3 if template.long_term else 2,
                "keywordEnumValueList": [
                    {"keywordCode": line.key, "enumValueList": list(line.choices)}
                    for line in template.lines
                    if line.choices and type_of(line.key)
                ],
            }
            for template in self._sandbox.templates.values()
            if template.channel == "subscribe"
        ]
        return {**_OK, "data": data}

    async def unknown(self, _request: Request, path: str = "") -> dict[str, Any]:
        raise PlatformRefusal(40066, path[:64])

    def _authenticated(self, asked: dict[str, Any]) -> Account:
        if asked.get("grant_type") != "client_credential":
            raise PlatformRefusal(40002)
        return self._account(asked)

    def _account(self, asked: dict[str, Any]) -> Account:
        if not asked.get("appid"):
            raise PlatformRefusal(41002)
        if not asked.get("secret"):
            raise PlatformRefusal(41004)
        account = self._sandbox.options.account(asked["appid"])
        if account is None:
            raise PlatformRefusal(40013)
        if account.secret != asked["secret"]:
            raise PlatformRefusal(40125)
        return account


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a POST. Raises PlatformRefusal 47001."""
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise PlatformRefusal(47001) from None
    if not isinstance(body, dict):
        raise PlatformRefusal(47001)
    return body
