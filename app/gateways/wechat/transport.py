"""Bytes to WeChat and back: one aiohttp session, time limits, and what a broken call leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from app.gateways.wechat.errors import WeChatUnreachable

_OFFICIAL_HOSTS = frozenset({"api.weixin.qq.com", "api2.weixin.qq.com", "sh.api.weixin.qq.com"})
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_MULTIPART_FIELD = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer that is not JSON: pictures, media."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Transport:
    """One pool of connections to WeChat, shared by all accounts.

    ``base_url`` replaces WeChat's own host in every address, so that the sandbox, a proxy or
    WeChat's second host can stand in for it. Time limits are in seconds.
    """

    def __init__(
        self, base_url: str, *, connect_s: float = 2.0, answer_s: float = 5.0, connections: int = 64
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(
            total=connect_s + answer_s + 1,
            connect=connect_s + answer_s,
            sock_connect=connect_s,
            sock_read=answer_s,
        )
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
            timeout=self._timeout,
            # WeChat sets no cookies; a jar would only be a place where one account leaks into another.
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def address(self, url: str) -> str:
        """The address a call really goes to."""
        parts = urlsplit(url)
        if not parts.scheme:
            return f"{self.base_url}/{url.lstrip('/')}"
        if parts.hostname in _OFFICIAL_HOSTS:
            query = f"?{parts.query}" if parts.query else ""
            return f"{self.base_url}{parts.path}{query}"
        return url

    async def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        files: Any = None,
    ) -> RawAnswer:
        """One request and its whole answer.

        Raises WeChatUnreachable without the address's query and without a cause, since both
        carry the access token.
        """
        if self._session is None:
            raise RuntimeError("the WeChat gateway is not open")
        path = path_of(url)
        asked = {name: str(value) for name, value in (params or {}).items() if value is not None}
        try:
            async with self._session.request(
                method,
                self.address(url),
                params=asked,
                data=_form(files) if files else body,
                headers=_JSON if body is not None and not files else None,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientConnectorError:
            raise WeChatUnreachable(path, "cannot connect", sent_maybe=False) from None
        except aiohttp.ConnectionTimeoutError:
            raise WeChatUnreachable(path, "no connection in time", sent_maybe=False) from None
        except TimeoutError:
            raise WeChatUnreachable(path, "no answer in time", sent_maybe=True) from None
        except aiohttp.ClientError as broken:
            raise WeChatUnreachable(path, type(broken).__name__, sent_maybe=True) from None
        if answer.status >= 500:
            raise WeChatUnreachable(path, f"HTTP {answer.status}", sent_maybe=True)
        return RawAnswer(answer.status, answer.headers, content)


def path_of(url: str) -> str:
    """The path of an address, which is all of it that may be shown."""
    return "/" + urlsplit(url).path.lstrip("/")


def _form(files: Any) -> aiohttp.FormData:
    """A fresh form for every try, each file read from its start: a retry must not upload an empty rest."""
    form = aiohttp.FormData()
    fields: list[_MULTIPART_FIELD] = list(files.items()) if isinstance(files, Mapping) else list(files)
    for name, content in fields:
        filename, payload, kind = (
            (*content, None, None)[:3] if isinstance(content, tuple) else (None, content, None)
        )
        if hasattr(payload, "read"):
            payload.seek(0)
            filename = filename or getattr(payload, "name", None)
            payload = payload.read()
        if filename is None and isinstance(payload, str):
            form.add_field(name, payload)
        else:
            form.add_field(
                name, payload, filename=str(filename or name).rpartition("/")[2], content_type=kind
            )
    return form
