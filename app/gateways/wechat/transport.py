"""Bytes to WeChat and back: one aiohttp session, time limits, and what a broken call leaves open."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
import yarl

from app.gateways.wechat.errors import WeChatUnreachable
from app.gateways.wechat.paths import path_of
from app.kit import bounded

_API_HOSTS: Final = frozenset({"api.weixin.qq.com", "api2.weixin.qq.com", "sh.api.weixin.qq.com"})
_WECHAT: Final = ".weixin.qq.com"
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
_STAY_AWAY_S: Final = 30.0
_LARGEST_ANSWER: Final = 32 * 1024 * 1024  # Media have 10 MB at most.
_MULTIPART_FIELD = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came; of pictures and media this is what a caller gets."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def with_content(self, content: bytes) -> Self:
        """The same answer with its content unsealed."""
        return replace(self, content=content)


class Transport:
    """One pool of connections to WeChat, shared by all accounts.

    ``base_url`` replaces WeChat's own host in every address, so that the sandbox or WeChat's second
    host can stand in for it; while it cannot be connected, calls go to ``backup_url`` for half a minute.
    ``proxy`` is an HTTP proxy, with ``user:password@`` if it wants them. Time limits are in seconds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        backup_url: str | None = None,
        proxy: str | None = None,
        connect_s: float = 2.0,
        answer_s: float = 5.0,
        connections: int = 64,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._backup_url = backup_url and backup_url.rstrip("/")
        self._away_until = float("-inf")
        self._proxy = proxy
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
            proxy=self._proxy,
        )
        # aiohttp would ask every GET once more by itself; retries are counted by the client, and only there.
        self._session._retry_connection = False  # noqa: SLF001  There is no other switch.

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def address(self, url: str) -> str:
        """The address a call really goes to."""
        return _address(self._base(), url)

    async def send(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> RawAnswer:
        """One request and its whole answer.

        Raises WeChatUnreachable without the address's query and without a cause, since both
        carry the access token.
        """
        if self._session is None:
            raise RuntimeError("the WeChat gateway is not open")
        path, base = path_of(url), self._base()
        try:
            async with self._session.request(
                method,
                _with_query(_address(base, url), token, params),
                data=_form(files) if files else body,
                headers=_headers(body is not None and not files, headers),
                allow_redirects=False,
            ) as answer:
                content = await bounded.read(answer, _LARGEST_ANSWER)
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError):
            self._stay_away(base)
            raise WeChatUnreachable(path, "cannot connect", sent_maybe=False) from None
        except aiohttp.ConnectionTimeoutError:
            self._stay_away(base)
            raise WeChatUnreachable(path, "no connection in time", sent_maybe=False) from None
        except TimeoutError:
            raise WeChatUnreachable(path, "no answer in time", sent_maybe=True) from None
        except bounded.TooLarge:
            raise WeChatUnreachable(path, "an answer too large", sent_maybe=True) from None
        except aiohttp.ClientError as broken:
            raise WeChatUnreachable(path, type(broken).__name__, sent_maybe=True) from None
        if answer.status >= 500:
            raise WeChatUnreachable(path, f"HTTP {answer.status}", sent_maybe=True)
        return RawAnswer(answer.status, answer.headers, content)

    def _base(self) -> str:
        if self._backup_url is not None and time.monotonic() < self._away_until:
            return self._backup_url
        return self.base_url

    def _stay_away(self, base: str) -> None:
        """Remember a host that cannot be connected; when the second fails too, the first has its turn."""
        at_first = base == self.base_url
        self._away_until = time.monotonic() + _STAY_AWAY_S if at_first else float("-inf")


@lru_cache(maxsize=1024)
def _address(base: str, url: str) -> str:
    parts = urlsplit(url)
    if not parts.scheme:
        return f"{base}/{url.lstrip('/')}"
    host = parts.hostname or ""
    if not host.endswith(_WECHAT):
        raise ValueError("an access token goes to WeChat only")
    # Some old methods live on hosts of their own; whoever stands in for WeChat stands in for those too.
    if host in _API_HOSTS or urlsplit(base).hostname not in _API_HOSTS:
        return f"{base}{parts.path}{f'?{parts.query}' if parts.query else ''}"
    return url


def _with_query(address: str, token: str | None, params: Mapping[str, Any] | None) -> yarl.URL:
    if not params:
        return _with_token(address, token)
    query = urlencode({name: str(value) for name, value in params.items() if value is not None})
    if token is not None:
        query = f"{urlencode({'access_token': token})}&{query}"
    return yarl.URL(f"{address}{'&' if '?' in address else '?'}{query}", encoded=True)


@lru_cache(maxsize=256)
def _with_token(address: str, token: str | None) -> yarl.URL:
    """Building an address costs as much as all else we do to a message; it changes with the token only."""
    if token is None:
        return yarl.URL(address, encoded=True)
    query = urlencode({"access_token": token})
    return yarl.URL(f"{address}{'&' if '?' in address else '?'}{query}", encoded=True)


def _headers(is_json: bool, more: Mapping[str, str] | None) -> Mapping[str, str] | None:  # noqa: FBT001  Read at once.
    if more:
        return {**_JSON, **more} if is_json else more
    return _JSON if is_json else None


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
