"""The phone page, and the way from it to our server without another origin."""

from pathlib import Path
from typing import Final

import aiohttp
from sanic import HTTPResponse, Request
from sanic.response import empty, raw

from app.sandbox.answers import answered
from app.sandbox.options import Options

_STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_THERE: Final = ("authorization", "content-type", "accept", "idempotency-key", "if-none-match")
_BACK: Final = ("content-type", "etag", "location", "retry-after", "cache-control")
_TIMEOUT: Final = aiohttp.ClientTimeout(total=15)


class Phone:
    """Serves the page and carries its calls to our server."""

    def __init__(self, options: Options) -> None:
        self._callback = options.callback
        self._files = {file.name: file.read_bytes() for file in _STATIC.iterdir()}
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def page(self, _request: Request) -> HTTPResponse:
        return self._file("phone.html")

    async def static(self, _request: Request, name: str) -> HTTPResponse:
        return self._file(name) if name in self._files else empty(status=404)

    async def carry(self, request: Request, path: str) -> HTTPResponse:
        """Carry a call of the mini-program page to our server and its answer back."""
        if self._callback is None or self._session is None:
            return _unavailable("沙箱没有连接办事服务，请设置 WEIBAN_SANDBOX_CALLBACK 后重新启动")
        headers = {name: request.headers[name] for name in _THERE if name in request.headers}
        address = f"{self._callback}/{path}" + (f"?{request.query_string}" if request.query_string else "")
        try:
            async with self._session.request(
                request.method, address, headers=headers, data=request.body or None, allow_redirects=False
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return _unavailable("办事服务没有响应，请确认它已启动后重试")
        back = {name: answer.headers[name] for name in _BACK if name in answer.headers}
        return raw(body, status=answer.status, headers=back, content_type=back.get("content-type", ""))

    def _file(self, name: str) -> HTTPResponse:
        return raw(self._files[name], content_type=_TYPES[Path(name).suffix], headers=_PAGE_HEADERS)


def _unavailable(detail: str) -> HTTPResponse:
    answer = answered({"title": "Bad Gateway", "status": 502, "code": "sandbox_callback", "detail": detail})
    answer.status = 502
    return answer
