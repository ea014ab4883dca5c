"""One outside system over HTTP: signed JSON requests with a timeout, few repeats and a circuit breaker."""

import asyncio
import logging
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from app.gateways.exchange.circuit import Circuit, CircuitOpen
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.signing import signed_headers
from app.kit import bounded

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_PASSING = frozenset({429, 500, 502, 503, 504})
_ABOUT_THE_QUESTION = frozenset({400, 404, 409, 413, 422})
_LARGEST_ANSWER = 64 * 1024


class _Failed(Exception):
    """The other side gave no usable answer; it may later, if ``is_passing``."""

    def __init__(self, why: str, *, is_passing: bool) -> None:
        super().__init__(why)
        self.is_passing = is_passing


class _Rejected(Exception):
    """This one question is refused. The other side is well, or five odd questions would close it to all."""


class Upstream:
    """Asks without changing anything. ``pause_s`` is the mean wait before the first repeat; it doubles."""

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        *,
        timeout_s: float = 5,
        pause_s: float = 0.2,
        circuit: Circuit | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._prefix = urlsplit(self._url).path
        self._key, self._secret = key, secret
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._pause_s = pause_s
        self.circuit = circuit or Circuit(_Failed)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, path: str, facts: Mapping[str, str], *, purpose: str) -> dict[str, Any]:
        """The answer to one question; every question is logged by purpose and field names, never by value."""
        body = orjson.dumps({**facts, "purpose": purpose})
        told = {"purpose": purpose, "fields": sorted(facts), "path": path}
        try:
            answer = await self._repeatedly(path, body)
        except CircuitOpen as left_alone:
            log.warning("data exchange is left alone", extra=told)
            raise ExchangeDown(retry_after=left_alone.retry_after) from None
        except (_Failed, _Rejected) as failed:
            log.warning("data exchange failed: %s", failed, extra=told)
            raise ExchangeDown from None
        log.info("data exchange answered", extra=told)
        return answer

    async def _repeatedly(self, path: str, body: bytes) -> dict[str, Any]:
        """Ask up to three times. The questions change nothing upstream, so repeating them is harmless."""
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self.circuit.guard():
                    return await self._once(path, body)
            except _Failed as failed:
                if not failed.is_passing or attempt == _ATTEMPTS:
                    raise
            # Full jitter: callers that failed together do not come back together.
            await asyncio.sleep(random.uniform(0, self._pause_s * 2**attempt))  # noqa: S311  No secret hangs on it.

    async def _once(self, path: str, body: bytes) -> dict[str, Any]:
        headers = signed_headers(self._key, self._secret, "POST", self._prefix + path, body)
        headers["Content-Type"] = "application/json"
        try:
            async with self._connected().post(
                self._url + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status in _ABOUT_THE_QUESTION:
                    raise _Rejected(f"status {response.status}")
                if response.status != 200:
                    raise _Failed(f"status {response.status}", is_passing=response.status in _PASSING)
                raw = await bounded.read(response, _LARGEST_ANSWER)
        except bounded.TooLarge:
            raise _Failed("an answer too large", is_passing=False) from None
        except (aiohttp.ClientError, OSError) as broken:
            raise _Failed(type(broken).__name__, is_passing=True) from None
        try:
            answer = orjson.loads(raw)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise _Failed("no JSON object", is_passing=False)
        return answer

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session
