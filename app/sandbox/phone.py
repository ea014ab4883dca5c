"""The phone page, and the way from it to our server without another origin."""

from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from sanic import HTTPResponse, Request
from sanic.response import empty, raw, redirect

from app.sandbox.answers import answered
from app.sandbox.options import Options

_STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_LOOPBACK: Final = {"localhost", "127.0.0.1"}
_THERE: Final = ("authorization", "content-type", "accept", "idempotency-key", "if-none-match")
_BACK: Final = ("content-type", "etag", "location", "retry-after", "cache-control")
_TIMEOUT: Final = aiohttp.ClientTimeout(total=15)


class Phone:
    """Serves the page and carries its calls to our server.

    Pages of our server open inside the phone, so its origin is the only other one the page may show.
    """

    def __init__(self, options: Options) -> None:
        self._callback = options.callback
        self._server = _origin(options.callback or "")
        told = {"server": self._server, "account": options.oa.appid, "program": options.mp.appid}
        self._files = {file.name: file.read_bytes() for file in _STATIC.iterdir()}
        for name, value in told.items():
            place = f"{{{name}}}".encode()
            self._files["phone.html"] = self._files["phone.html"].replace(place, escape(value).encode())
        self._headers = _headers(self._server)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def page(self, request: Request) -> HTTPResponse:
        """The page, under the host name of our server.

        The pages inside the phone keep their cookies only if both have one host name, and a loopback
        machine has several.
        """
        host, wanted = urlsplit(f"//{request.host}"), urlsplit(self._server)
        if host.hostname != wanted.hostname and {host.hostname, wanted.hostname} <= _LOOPBACK:
            return redirect(f"http://{wanted.hostname}:{host.port or 80}/")
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
        return raw(self._files[name], content_type=_TYPES[Path(name).suffix], headers=self._headers)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _headers(server: str) -> dict[str, str]:
    """Nothing from elsewhere and nothing inline; pictures and pages of our own server beside our own."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: {server}; frame-src 'self' {server}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


def _unavailable(detail: str) -> HTTPResponse:
    answer = answered({"title": "Bad Gateway", "status": 502, "code": "sandbox_callback", "detail": detail})
    answer.status = 502
    return answer
