"""The gate each call of the platform passes: counted, met by an ordered fault, answered in WeChat's way."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Final

from sanic import HTTPResponse, Request
from sanic.response import empty, raw

from app.sandbox.answers import PlatformRefusal, answered, new_rid, refused
from app.sandbox.api_security import ApiSecurity
from app.sandbox.faults import Fault, Garbage
from app.sandbox.platform.calls import Call
from app.sandbox.sandbox import Sandbox

Answer = Callable[..., Coroutine[Any, Any, HTTPResponse]]

_WRONG_METHOD: Final = {"GET": 43001, "POST": 43002}
_PROXY_PAGE: Final = "<html><body><h1>502 Bad Gateway</h1></body></html>"
_JSON: Final = "application/json; encoding=utf-8"


class Gate:
    """Makes a handler of a call."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        keys = sandbox.options.api_security
        self._security = ApiSecurity(keys) if keys else None

    def before(self, method: str, call: Call) -> Answer:
        """A handler for a call that takes this method."""

        async def answer(request: Request, **_: str) -> HTTPResponse:
            self._sandbox.calls[request.path] += 1
            fault = self._sandbox.faults.strike(request.path)
            if fault is None:
                return await self._answer(request, method, call)
            if fault.drop == "before":
                return _cut(request)
            result = self._instead(request, fault) or await self._answer(request, method, call)
            if fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            if fault.garbage:
                result = _spoilt(result, fault.garbage)
            return _cut(request) if fault.drop == "after" else result

        return answer

    async def _answer(self, request: Request, method: str, call: Call) -> HTTPResponse:
        appid = self._sandbox.tokens.peek(request.args.get("access_token"))
        security = self._security
        if security is None or not security.concerns(request.path, appid):
            return await self._done(request, method, call, appid)
        try:
            request.body = security.opened(request)
        except PlatformRefusal as refusal:
            return self._refused(request, refusal, appid)
        return security.sealed(request.path, await self._done(request, method, call, appid))

    async def _done(self, request: Request, method: str, call: Call, appid: str | None) -> HTTPResponse:
        try:
            if request.method != method:
                raise PlatformRefusal(_WRONG_METHOD[method])
            result = await call(request)
        except PlatformRefusal as refusal:
            return self._refused(request, refusal, appid)
        return result if isinstance(result, HTTPResponse) else answered(result)

    def _refused(self, request: Request, refusal: PlatformRefusal, appid: str | None) -> HTTPResponse:
        rid = new_rid()
        self._sandbox.rids.note(rid, appid, request, refusal)
        return refused(refusal, rid)

    def _instead(self, request: Request, fault: Fault) -> HTTPResponse | None:
        """The answer that stands in for the effect, if the fault has one."""
        if fault.status is not None:
            return empty(status=fault.status)
        if fault.errcode is not None:
            refusal = PlatformRefusal(fault.errcode)
            refusal.errmsg = fault.errmsg or refusal.errmsg
            appid = self._sandbox.tokens.peek(request.args.get("access_token"))
            return self._refused(request, refusal, appid)
        return None


def _spoilt(answer: HTTPResponse, garbage: Garbage) -> HTTPResponse:
    match garbage:
        case "html":
            return raw(_PROXY_PAGE.encode(), content_type="text/html")
        case "truncated":
            whole = answer.body or b""
            return raw(whole[: len(whole) // 2], content_type=str(answer.content_type))
        case "empty":
            return raw(b"", content_type=_JSON)
        case "binary":
            return raw(b"\x1f\x8b\x00" + secrets.token_bytes(61), content_type=_JSON)


def _cut(request: Request) -> HTTPResponse:
    """Break the line without an answer."""
    if request.transport is not None:
        request.transport.abort()  # type: ignore[attr-defined]  # Sanic types only what it uses of a transport.
    return empty()
