"""The load generator: many keep-alive connections that ask again as soon as they are answered.

It shares the machine with what it measures, so it does the least that is still honest: requests are
ready bytes, and of an answer only its status and its length are read.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

CONNECTIONS = 128
_PATIENCE_S = 30.0


@dataclass(slots=True)
class Outcome:
    """What came of one run; latencies are in seconds."""

    spent: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    sample: bytes = b""

    @property
    def answered(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.spent

    def latency(self, share: float) -> float:
        """The latency that this share of all requests did not exceed."""
        return sorted(self.latencies)[min(int(share * self.answered), self.answered - 1)]


class LoadFailed(Exception):
    """The server closed a connection, or answered what it should not."""


async def drive(
    port: int, requests: Iterator[bytes], seconds: float, *, expect: int, connections: int = CONNECTIONS
) -> Outcome:
    """Send requests for some seconds, one at a time on each connection; all answers are waited for.

    Raises:
        LoadFailed: an answer had another status than ``expect``, or a connection was lost.
    """
    loop = asyncio.get_running_loop()
    outcome = Outcome()
    ended = [loop.create_future() for _ in range(connections)]
    started = time.perf_counter()
    async with asyncio.timeout(seconds + _PATIENCE_S):
        for end in ended:
            asker = partial(_Asker, requests, started + seconds, outcome, end)
            await loop.create_connection(asker, "127.0.0.1", port)
        await asyncio.gather(*ended)
    outcome.spent = time.perf_counter() - started
    if set(outcome.statuses) != {expect}:
        raise LoadFailed(f"{expect} was expected: {dict(outcome.statuses)}, e.g. {outcome.sample[-300:]!r}")
    return outcome


class _Asker(asyncio.Protocol):
    """One connection."""

    __slots__ = ("_asked_at", "_end", "_outcome", "_read", "_requests", "_transport", "_until", "_wanted")

    def __init__(
        self, requests: Iterator[bytes], until: float, outcome: Outcome, end: "asyncio.Future[None]"
    ) -> None:
        self._requests = requests
        self._until = until
        self._outcome = outcome
        self._end = end
        self._read = b""
        self._wanted = 0
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        if self._read:
            data = self._read + data
        if not self._wanted:
            self._wanted = length_of(data)
        if not self._wanted or len(data) < self._wanted:
            self._read = data
            return
        now = time.perf_counter()
        outcome = self._outcome
        status = int(data[9:12])
        outcome.statuses[status] += 1
        outcome.latencies.append(now - self._asked_at)
        if not outcome.sample or status >= 400:
            outcome.sample = data
        self._read, self._wanted = b"", 0
        self._ask(now)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._end.done():
            self._end.set_exception(LoadFailed(f"a connection was lost: {exc}"))

    def _ask(self, now: float) -> None:
        request = next(self._requests, None) if now < self._until else None
        if request is None:
            if not self._end.done():
                self._end.set_result(None)
            self._transport.close()
            return
        self._asked_at = now
        self._transport.write(request)


def length_of(data: bytes) -> int:
    """The bytes of the whole answer, or 0 while its head is incomplete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = data[:end].lower() + b"\r\n"
    _, _, after = head.partition(b"\r\ncontent-length:")
    return end + 4 + int(after.partition(b"\r\n")[0])


def get(path: str) -> bytes:
    """A ready GET request."""
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\r\n".encode()


def post(path: str, token: str, body: str) -> bytes:
    """A ready POST request of someone signed in; the body is ASCII JSON."""
    return (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n{body}"
    ).encode()
