"""One outside system over HTTP: signed JSON questions, answers believed only if signed, few repeats.

Every question has a timeout, and a circuit breaker leaves alone who fails again and again. Who says when to
come back is asked no earlier.
"""

import asyncio
import logging
import random
import time
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

import aiohttp
import orjson

from app.gateways.exchange import alarms, gate, hops, purposes
from app.gateways.exchange.alarms import Alarm
from app.gateways.exchange.circuit import Circuit, CircuitOpen
from app.gateways.exchange.contract import ExchangeDown, NotGenuine
from app.gateways.exchange.purposes import Purpose, Source
from app.gateways.exchange.signing import Signer
from app.kit import bounded
from app.kit.signing import NONCE, TIMESTAMP

log = logging.getLogger(__name__)

MOST_SKEW_S: Final = 300
"""Seconds our clock and theirs may differ."""

_ATTEMPTS: Final = 3
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_ABOUT_THE_QUESTION: Final = frozenset({400, 404, 409, 413, 422})
_LARGEST_ANSWER: Final = 256 * 1024
_PATIENCE_S: Final = 2
_LONGEST_WAIT_S: Final = 3600


class LeftAlone(ExchangeDown):
    """The other side failed too often, or asked to be left alone for a while."""

    code = "exchange_left_alone"
    message = "对方系统正在恢复，请稍后再试"
    outcome = "left_alone"


class QuestionRejected(ExchangeDown):
    """The other side refuses this one question."""

    code = "exchange_rejected"
    message = "对方系统没有受理这次查询，请核对填写的内容后再试，或到办税服务厅办理"
    outcome = "rejected"


class _NoAnswer(Exception):
    """No usable answer came; one may come later, if ``is_passing``, after ``retry_after`` seconds."""

    def __init__(self, why: str, *, is_passing: bool, retry_after: int | None = None) -> None:
        super().__init__(why)
        self.is_passing = is_passing
        self.retry_after = retry_after


class _Busy(_NoAnswer):
    """We asked too much. The other side is well."""


class _Failed(_NoAnswer):
    """The other side is not well, and the circuit counts it."""


class _Lied(_Failed):
    """What came back must not be believed."""

    def __init__(self, alarm: Alarm, why: str) -> None:
        super().__init__(why, is_passing=False)
        self.alarm = alarm


class _Rejected(Exception):
    """This one question is refused. The other side is well, or five odd questions would close it to all."""


class Upstream:
    """Asks without changing anything. ``pause_s`` is the mean wait before the first repeat; it doubles."""

    source: ClassVar[Source]

    def __init__(
        self,
        url: str,
        signer: Signer,
        *,
        timeout_s: float = 5,
        pause_s: float = 0.2,
        circuit: Circuit | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._prefix = urlsplit(self._url).path
        self._signer = signer
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._pause_s = pause_s
        self.circuit = circuit or Circuit(_Failed, answers=(_Busy, _Rejected))
        self._quiet_until = 0.0
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self,
        path: str,
        facts: Mapping[str, object],
        *,
        purpose: Purpose,
        about: Collection[str] = (),
        must_echo: bool = True,
    ) -> dict[str, Any]:
        """The answer to one question; every question is logged by purpose and field names, never by value.

        The answer repeats the facts named in ``about``, so that we see it is about them; with ``must_echo``
        off it may leave them out. Raises ShareRefused before anything leaves, or ExchangeDown.
        """
        learns = facts.get("fields", ())
        purposes.check(
            purpose, self.source, facts, learns=learns if isinstance(learns, list) else (), has_consent=True
        )
        body = orjson.dumps({**facts, "purpose": purpose.value})
        told = {"purpose": purpose.value, "fields": sorted(facts), "path": path}
        try:
            answer = await self._repeatedly(path, body)
        except CircuitOpen as left_alone:
            log.warning("data exchange is left alone", extra=told)
            raise LeftAlone(retry_after=left_alone.retry_after) from None
        except _Rejected as rejected:
            log.warning("data exchange refused a question: %s", rejected, extra=told)
            raise QuestionRejected from None
        except _Lied as lied:
            alarms.ring(self.source, lied.alarm, f"{path}: {lied}")
            raise NotGenuine from None
        except _NoAnswer as failed:
            log.warning("data exchange failed: %s", failed, extra=told)
            raise ExchangeDown(retry_after=failed.retry_after or 30) from None
        self._check_subject(path, answer, facts, about, must_echo=must_echo)
        log.info("data exchange answered", extra=told)
        return answer

    def nonsense(self, path: str) -> NotGenuine:
        """Ring because an answer does not keep to the contract; the error to raise."""
        alarms.ring(self.source, Alarm.NONSENSE, path)
        return NotGenuine()

    def _check_subject(
        self,
        path: str,
        answer: Mapping[str, Any],
        facts: Mapping[str, object],
        about: Collection[str],
        *,
        must_echo: bool,
    ) -> None:
        for name in about:
            if (name in answer or must_echo) and answer.get(name) != facts[name]:
                alarms.ring(self.source, Alarm.WRONG_SUBJECT, f"{path}: {name}")
                raise NotGenuine

    async def _repeatedly(self, path: str, body: bytes) -> dict[str, Any]:
        """Ask up to three times. The questions change nothing upstream, so repeating them is harmless."""
        attempt = 0
        while True:
            attempt += 1
            self._check_quiet()
            try:
                async with self.circuit.guard():
                    return await self._once(path, body)
            except _NoAnswer as failed:
                wait_s = failed.retry_after or 0
                if wait_s > _PATIENCE_S:
                    self._quiet_until = time.monotonic() + wait_s
                if not failed.is_passing or attempt == _ATTEMPTS or wait_s > _PATIENCE_S:
                    raise
            # Full jitter: callers that failed together do not come back together.
            jitter_s = random.uniform(0, self._pause_s * 2**attempt)  # noqa: S311  No secret hangs on it.
            await asyncio.sleep(wait_s + jitter_s)

    def _check_quiet(self) -> None:
        left_s = self._quiet_until - time.monotonic()
        if left_s > 0:
            raise CircuitOpen(max(1, round(left_s)))

    async def _once(self, path: str, body: bytes) -> dict[str, Any]:
        headers = self._signer.headers("POST", self._prefix + path, body)
        nonce = headers[NONCE]
        way = hops.way()
        headers |= {
            "Content-Type": "application/json", hops.REQUEST_ID: hops.own_request_id(), hops.HOPS: way.sent,
        }  # fmt: skip
        trace = gate.trace()
        trace.hops = way.sent
        trace.attempts += 1
        trace.bytes_sent += len(body)
        try:
            async with self._connected().post(
                self._url + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                way.above = hops.hops_of(response.headers)
                trace.hops = way.whole
                self._check_status(response)
                raw = await bounded.read(response, _LARGEST_ANSWER)
        except bounded.TooLarge:
            raise _Failed("an answer too large", is_passing=False) from None
        except (aiohttp.ClientError, OSError) as broken:
            raise _Failed(type(broken).__name__, is_passing=True) from None
        trace.bytes_received += len(raw)
        if not self._signer.is_genuine_answer(response.status, nonce, response.headers, raw):
            raise _Lied(Alarm.BAD_SIGNATURE, "signature")
        _check_clock(response.headers.get(TIMESTAMP, ""))
        return _object_of(raw)

    @staticmethod
    def _check_status(response: aiohttp.ClientResponse) -> None:
        status = response.status
        if status in _ABOUT_THE_QUESTION:
            raise _Rejected(f"status {status}")
        if status == 401:
            # The one refusal with a reason an operator can see from here.
            _check_clock(response.headers.get(TIMESTAMP, ""))
        if status != 200:
            kind = _Busy if status == 429 else _Failed
            wait_s = _seconds(response.headers.get("Retry-After", ""))
            raise kind(f"status {status}", is_passing=status in _PASSING, retry_after=wait_s)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


def _object_of(raw: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise _Lied(Alarm.NONSENSE, "no JSON object")
    return answer


def _check_clock(timestamp: str) -> None:
    if timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12:
        skew_s = round(time.time()) - int(timestamp)
        if abs(skew_s) > MOST_SKEW_S:
            raise _Lied(Alarm.CLOCK_SKEW, f"{skew_s} s")


def _seconds(retry_after: str) -> int | None:
    """Whole seconds of a Retry-After; the form with a date is not used between systems."""
    if not (retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= 6):
        return None
    return min(int(retry_after), _LONGEST_WAIT_S)
