"""The client: wechatpy's endpoint methods, awaited, over our own transport and tokens."""

import asyncio
import random
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from wechatpy.client import WeChatClient

from app.gateways.wechat import endpoints
from app.gateways.wechat.accounts import Account
from app.gateways.wechat.answers import understood
from app.gateways.wechat.credentials import Credential
from app.gateways.wechat.errors import (
    OF_THE_MOMENT,
    SYSTEM_BUSY,
    TOKEN_REFUSED,
    WeChatRefused,
    WeChatUnreachable,
)
from app.gateways.wechat.paths import STABLE_TOKEN, TICKET, is_repeatable, needs_token, path_of
from app.gateways.wechat.secured import ApiSecurity
from app.gateways.wechat.shapes import reading
from app.gateways.wechat.transport import Transport

_RETRIES: Final = 2
_PAUSE_S: Final = 0.1


class AsyncWeChatClient(WeChatClient):  # type: ignore[misc]  # wechatpy ships no types.
    """One account's calls to WeChat.

    ``api._get`` and ``api._post`` of wechatpy only hand on what ``_request`` returns, so with a
    coroutine here every endpoint method becomes awaitable unchanged. wechatpy's own answer
    handling is never called: it refreshes tokens without end.
    """

    card = endpoints.CardEndpoints()
    cloud = endpoints.CloudEndpoints()
    customservice = endpoints.CustomerServiceEndpoints()
    datacube = endpoints.StatisticsEndpoints()
    jsapi = endpoints.JsApiEndpoints()
    material = endpoints.MaterialEndpoints()
    media = endpoints.MediaEndpoints()
    menu = endpoints.MenuEndpoints()
    message = endpoints.MessageEndpoints()
    qrcode = endpoints.QrCodeEndpoints()
    tag = endpoints.TagEndpoints()
    user = endpoints.UserEndpoints()
    wxa = endpoints.MiniProgramEndpoints()

    def __init__(
        self,
        account: Account,
        transport: Transport,
        redis: Redis | None = None,
        secure: ApiSecurity | None = None,
    ) -> None:
        # wechatpy's own __init__ would open a blocking requests session that nothing may use.
        self.appid = account.appid
        self.account = account
        self.tokens = Credential(
            account.appid,
            "access_token",
            partial(self._fetch_token, force=False),
            force=partial(self._fetch_token, force=True),
            redis=redis,
        )
        self.tickets = {
            kind: Credential(account.appid, f"{kind}_ticket", partial(self._fetch_ticket, kind), redis=redis)
            for kind in ("jsapi", "wx_card")
        }
        self._transport = transport
        self._secure = secure

    def __repr__(self) -> str:
        return f"<AsyncWeChatClient {self.appid}>"

    @property
    def access_token(self) -> str:
        # wechatpy evaluates every property while it builds the object and lets only this error pass.
        raise AttributeError("ask for a token with `await client.tokens.get()`")

    @property
    def secret(self) -> str:
        """The AppSecret, under the name wechatpy's signing methods ask for."""
        return self.account.secret

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
        message whose fate is unknown is repeated only if its ``client_msg_id``, or the nature of its
        path, makes that safe. Raises WeChatRefused or WeChatUnreachable.
        """
        path = path_of(url)
        body = data if data is None or isinstance(data, bytes) or files else _encode(data)
        repeatable = _may_repeat(method, path, data)
        renewed, tries_left, in_doubt = False, _RETRIES, False
        while True:
            token = (self.tokens.held() or await self.tokens.get()) if needs_token(path) else None
            try:
                return await self._try(method, url, path, token, params, body, files)
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
                    if in_doubt and refused.error_class in OF_THE_MOMENT:
                        # It says nothing of the try before, which WeChat may have acted on.
                        reason = f"a try in doubt, then {refused.errcode}"
                        raise WeChatUnreachable(path, reason, sent_maybe=True) from None
                    refused.sent_maybe = in_doubt
                    raise
            await asyncio.sleep(_PAUSE_S * (_RETRIES - tries_left + 1) * random.uniform(0.5, 1.5))  # noqa: S311  Jitter.
            tries_left -= 1

    async def _try(
        self,
        method: str,
        url: str,
        path: str,
        token: str | None,
        params: Mapping[str, Any] | None,
        body: Any,
        files: Any,
    ) -> Any:
        """One try, sealed where that is switched on."""
        secure, headers = self._secure, None
        if secure is not None and secure.covers(path) and not files:
            query = {name: str(value) for name, value in (params or {}).items() if value is not None}
            body, headers = secure.seal(path, query, body or b"")
            answer = await self._transport.send(
                method, url, token=token, params=params, body=body, headers=headers
            )
            answer = answer.with_content(secure.open(path, answer.status, answer.headers, answer.content))
        else:
            answer = await self._transport.send(
                method, url, token=token, params=params, body=body, files=files
            )
        return understood(answer, path, (self.account.secret, token))

    async def _request(self, method: str, url_or_endpoint: str, **options: Any) -> Any:
        """The one door of every wechatpy endpoint method."""
        process = options.pop("result_processor", None)
        base = options.pop("api_base_url", self.API_BASE_URL)
        is_whole = url_or_endpoint.startswith(("http://", "https://"))
        url = url_or_endpoint if is_whole else base + url_or_endpoint
        result = await self.call(
            method.upper(),
            url,
            params=options.get("params"),
            data=options.get("data"),
            files=options.get("files"),
        )
        if not process or not isinstance(result, dict):
            return result
        with reading(path_of(url)):
            return process(result)

    async def _fetch_token(self, *, force: bool) -> tuple[str, int]:
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.account.secret,
            "force_refresh": force,
        }
        answer = await self.call("POST", STABLE_TOKEN, data=asked)
        with reading(STABLE_TOKEN):
            return str(answer["access_token"]), int(answer["expires_in"])

    async def _fetch_ticket(self, kind: str) -> tuple[str, int]:
        answer = await self.call("GET", TICKET, params={"type": kind})
        with reading(TICKET):
            return str(answer["ticket"]), int(answer["expires_in"])


def _may_repeat(method: str, path: str, data: Any) -> bool:
    """Whether doing it twice is the same as doing it once."""
    if method == "GET":
        return True
    if not isinstance(data, Mapping):
        return False
    # A forced token is replaced again by every repetition.
    return bool(data.get("client_msg_id")) or (is_repeatable(path) and not data.get("force_refresh"))


def _encode(data: Any) -> bytes:
    # WeChat's menus refuse \\uXXXX (40033); orjson writes raw UTF-8.
    return data.encode() if isinstance(data, str) else orjson.dumps(data)
