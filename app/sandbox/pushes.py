"""What the platform pushes to our server: signed, sealed, tried three times, and noted."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

import aiohttp
import orjson

from app.gateways.wechat.accounts import Account
from app.gateways.wechat.envelope import Envelope, signature
from app.gateways.wechat.errors import BadEnvelope
from app.gateways.wechat.markup import cdata, parse_body
from app.kit import clock
from app.sandbox.faults import PUSH, Faults
from app.sandbox.options import Options
from app.sandbox.replies import BadReply

log = logging.getLogger(__name__)

_ATTEMPTS: Final = 3
_ANSWER_S: Final = 5
_AT_ONCE: Final = 32
_KEPT: Final = 500


@dataclass(slots=True)
class Push:
    """One push and what became of it; ``reply`` is the message our server answered with, if any.

    ``error`` is for the developer: why an attempt failed, or which rule the reply broke.
    """

    at: str
    path: str
    appid: str
    openid: str
    what: str
    attempts: int = 0
    status: int | None = None
    error: str | None = None
    delivered: bool = False
    reply: dict[str, Any] | None = None
    tried: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def shown(self) -> dict[str, Any]:
        hidden = ("tried",)
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in hidden}


Ended = Callable[[Push], None]
"""Called once, when our server has taken a push or the last attempt has failed. May raise BadReply."""


class Pushes:
    """Pushes for all accounts: XML for public accounts, JSON for mini-programs."""

    def __init__(self, options: Options, faults: Faults) -> None:
        self.items: deque[Push] = deque(maxlen=_KEPT)
        self._options = options
        self._faults = faults
        self._envelopes = {account.appid: Envelope(account) for _, account in options.accounts}
        self._session: aiohttp.ClientSession | None = None
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_S))

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def send(
        self, account: Account, openid: str, message: dict[str, Any], ended: Ended | None = None
    ) -> Push | None:
        """Start a push and return at once; None if there is nowhere to push to."""
        if self._options.callback is None or self._session is None:
            return None
        what = str(message.get("Event") or message["MsgType"])
        at = clock.now().isoformat(timespec="milliseconds")
        push = Push(at, self._options.push_path(account), account.appid, openid, what)
        self.items.append(push)
        fault = self._faults.strike(f"{PUSH}{what}")
        if fault is not None and fault.drop is not None:
            push.error = "lost on order"
            push.tried.set()
            return push
        delay_s = fault.delay_s if fault is not None else 0.0
        self._start(self._deliver(push, account, message, ended, delay_s))
        if fault is not None and fault.twice:
            self._start(self._deliver(replace(push, tried=asyncio.Event()), account, message, None, delay_s))
        return push

    async def settled(self, push: Push | None, patience_s: float) -> None:
        """Wait for the answer to the first attempt, but not longer than ``patience_s``."""
        if push is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(push.tried.wait(), patience_s)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _deliver(
        self, push: Push, account: Account, message: dict[str, Any], ended: Ended | None, delay_s: float
    ) -> None:
        if delay_s:
            await asyncio.sleep(delay_s)
        body = _as_json(message) if self._options.kind(account) == "mp" else _as_xml(message)
        for attempt in range(1, _ATTEMPTS + 1):
            if attempt > 1:
                await asyncio.sleep(self._options.retry_s)
            async with self._turn:
                await self._try(push, account, body)
            push.attempts = attempt
            is_last = push.delivered or attempt == _ATTEMPTS
            if is_last and ended is not None:
                self._end(push, ended)
            push.tried.set()
            if is_last:
                break
        if push.error is not None:
            log.warning("our server did not answer the push %s of %s: %s", push.what, push.path, push.error)

    def _end(self, push: Push, ended: Ended) -> None:
        try:
            ended(push)
        except BadReply as bad:
            push.delivered, push.error = False, f"bad reply: {bad.reason}"

    async def _try(self, push: Push, account: Account, message: bytes) -> None:
        body, query = self._sealed(account, push.openid, message)
        if self._session is None:
            return
        try:
            async with self._session.post(
                f"{self._options.callback}{push.path}", params=query, data=body
            ) as answer:
                push.status, text = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as failed:
            push.error = type(failed).__name__
            return
        if push.status != 200:
            push.error = f"HTTP {push.status}"
        elif text.strip() in (b"", b"success"):
            push.delivered, push.error = True, None
        else:
            self._read_reply(push, account, text)

    def _read_reply(self, push: Push, account: Account, text: bytes) -> None:
        try:
            outer = parse_body(text)
            if account.mode != "plain":
                names = {"msg_signature": "MsgSignature", "timestamp": "TimeStamp", "nonce": "Nonce"}
                query = {ours: str(outer.get(theirs, "")) for ours, theirs in names.items()}
                outer = parse_body(self._envelopes[account.appid].open(text, query).message)
            push.reply, push.delivered, push.error = outer, True, None
        except BadEnvelope as bad:
            push.error = f"unreadable reply: {bad.reason}"

    def _sealed(self, account: Account, openid: str, message: bytes) -> tuple[bytes, dict[str, str]]:
        timestamp, nonce = str(int(clock.seconds())), str(secrets.randbelow(10**9))
        query = {
            "signature": signature(account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": openid,
        }
        if account.mode == "plain":
            return message, query
        sealed = self._envelopes[account.appid].encrypt(message)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = signature(account.token, timestamp, nonce, sealed)
        outer = (
            parse_body(message)
            if account.mode == "compat"
            else {"ToUserName": parse_body(message)["ToUserName"]}
        )
        outer["Encrypt"] = sealed
        return (_as_json(outer) if message[:1] == b"{" else _as_xml(outer)), query


def _as_json(message: dict[str, Any]) -> bytes:
    return orjson.dumps(message)


def _as_xml(message: dict[str, Any]) -> bytes:
    return _element("xml", message).encode()


def _element(name: str, value: Any) -> str:
    """One element; a list becomes as many elements of the same name, a dict has elements inside."""
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, dict):
        inside = "".join(_element(key, one) for key, one in value.items())
    else:
        inside = str(value) if isinstance(value, int) else cdata(str(value))
    return f"<{name}>{inside}</{name}>"
