"""The client: wechatpy's endpoint methods, awaited, over our own transport and tokens."""

import asyncio
import json
import random
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from wechatpy.client import WeChatClient

from app.gateways.wechat.accounts import Account
from app.gateways.wechat.endpoints import MessageEndpoints, MiniProgramEndpoints
from app.gateways.wechat.errors import SYSTEM_BUSY, TOKEN_REFUSED, WeChatRefused, WeChatUnreachable
from app.gateways.wechat.tokens import Tokens
from app.gateways.wechat.transport import RawAnswer, Transport, path_of

_RETRIES: Final = 2
_PAUSE_S: Final = 0.1
_WITHOUT_TOKEN: Final = ("/sns/", "/cgi-bin/token", "/cgi-bin/stable_token")
_RID: Final = re.compile(r"rid:\s*([0-9a-zA-Z-]+)")
_PHONE: Final = re.compile(r"(?<!\d)1\d{10}(?!\d)")


class AsyncWeChatClient(WeChatClient):  # type: ignore[misc]  # wechatpy ships no types.
    """One account's calls to WeChat.

    ``api._get`` and ``api._post`` of wechatpy only hand on what ``_request`` returns, so with a
    coroutine here every endpoint method becomes awaitable unchanged. wechatpy's own answer
    handling is never called: it refreshes tokens without end.
    """

    message = MessageEndpoints()
    wxa = MiniProgramEndpoints()

    def __init__(self, account: Account, transport: Transport, redis: Redis | None = None) -> None:
        # wechatpy's own __init__ would open a blocking requests session that nothing may use.
        self.appid = account.appid
        self.account = account
        self.tokens = Tokens(account.appid, self._fetch_token, redis)
        self._transport = transport

    def __repr__(self) -> str:
        return f"<AsyncWeChatClient {self.appid}>"

    @property
    def access_token(self) -> str:
        # wechatpy evaluates every property while it builds the object and lets only this error pass.
        raise AttributeError("ask for a token with `await client.tokens.get()`")

    async def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        files: Any = None,
    ) -> Any:
        """One call by WeChat's path; gives the decoded JSON, or RawAnswer for a picture or media.

        At most one retry for a refused token and two for a busy platform or a broken line; a
        message whose fate is unknown is repeated only if its ``client_msg_id`` makes that safe.
        Raises WeChatRefused or WeChatUnreachable.
        """
        body = data if data is None or isinstance(data, bytes) or files else _encode(data)
        repeatable = _is_repeatable(method, data)
        renewed, tries_left, in_doubt = False, _RETRIES, False
        while True:
            token = await self.tokens.get() if _needs_token(url) else None
            asked = {**(params or {}), "access_token": token} if token else params
            try:
                answer = await self._transport.send(method, url, params=asked, body=body, files=files)
                return self._understood(answer, url, token)
            except WeChatUnreachable as broken:
                # One try in doubt leaves the whole call in doubt, whatever the later ones met.
                broken.sent_maybe = in_doubt = in_doubt or broken.sent_maybe
                if not tries_left or (broken.sent_maybe and not repeatable):
                    raise
            except WeChatRefused as refused:
                if token and refused.errcode in TOKEN_REFUSED and not renewed:
                    renewed = True
                    await self.tokens.invalidate(token)
                    continue
                if refused.errcode != SYSTEM_BUSY or not tries_left:
                    raise
            await asyncio.sleep(_PAUSE_S * (_RETRIES - tries_left + 1) * random.uniform(0.5, 1.5))  # noqa: S311  Jitter.
            tries_left -= 1

    async def _request(self, method: str, url_or_endpoint: str, **options: Any) -> Any:
        """The one door of every wechatpy endpoint method."""
        process = options.pop("result_processor", None)
        base = options.pop("api_base_url", self.API_BASE_URL)
        is_whole = url_or_endpoint.startswith(("http://", "https://"))
        result = await self.call(
            method.upper(),
            url_or_endpoint if is_whole else f"{base}{url_or_endpoint}",
            params=options.get("params"),
            data=options.get("data"),
            files=options.get("files"),
        )
        return process(result) if process and isinstance(result, dict) else result

    async def _fetch_token(self, force: bool) -> tuple[str, int]:  # noqa: FBT001  WeChat's own parameter.
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.account.secret,
            "force_refresh": force,
        }
        answer = await self.call("POST", "/cgi-bin/stable_token", data=asked)
        try:
            return str(answer["access_token"]), int(answer["expires_in"])
        except (KeyError, TypeError, ValueError):
            raise WeChatUnreachable(
                "/cgi-bin/stable_token", "no token in the answer", sent_maybe=True
            ) from None

    def _understood(self, answer: RawAnswer, url: str, token: str | None) -> Any:
        result = _decode(answer)
        if not isinstance(result, dict):
            if answer.status >= 400:
                raise WeChatUnreachable(path_of(url), f"HTTP {answer.status}", sent_maybe=True)
            return result
        result.update(result.pop("base_resp", None) or {})
        try:
            errcode = result["errcode"] = int(result.get("errcode") or 0)
        except (TypeError, ValueError):
            raise WeChatUnreachable(path_of(url), "an answer of an unknown shape", sent_maybe=True) from None
        if errcode:
            errmsg = self._clean(str(result.get("errmsg", "")), token)
            rid = _RID.search(errmsg)
            raise WeChatRefused(errcode, errmsg, rid and rid.group(1), path_of(url))
        return result

    def _clean(self, errmsg: str, token: str | None) -> str:
        """WeChat's words without anything secret or personal it may have repeated to us."""
        for secret in (self.account.secret, token):
            if secret:
                errmsg = errmsg.replace(secret, "***")
        return _PHONE.sub("***", errmsg)[:500]


def _needs_token(url: str) -> bool:
    return not path_of(url).startswith(_WITHOUT_TOKEN)


def _is_repeatable(method: str, data: Any) -> bool:
    """Whether doing it twice is the same as doing it once."""
    if method == "GET":
        return True
    return isinstance(data, Mapping) and bool(data.get("client_msg_id") or data.get("force_refresh") is False)


def _encode(data: Any) -> bytes:
    # WeChat's menus refuse \\uXXXX (40033); orjson writes raw UTF-8.
    return data.encode() if isinstance(data, str) else orjson.dumps(data)


def _decode(answer: RawAnswer) -> Any:
    """JSON whatever the Content-Type says, since WeChat labels it text/plain now and then."""
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        pass
    try:
        # WeChat lets raw control characters through in nicknames, which strict parsers refuse.
        return json.loads(answer.content.decode("utf-8", "ignore"), strict=False)
    except ValueError:
        return answer
