"""A steady stream of requests that waits for nobody: how long people wait while others come anyway."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import cast

from tests.bench.load import LoadFailed, Outcome, length_of

CONNECTIONS = 64


async def pace(port: int, requests: Sequence[bytes], per_s: float) -> Outcome:
    """Send each request at its moment, on whichever connection is free; wait for all answers.

    A latency runs from the moment a request was due, so that waiting for a connection counts too.

    Raises:
        LoadFailed: an answer was not 200, or a connection was lost.
    """
    loop = asyncio.get_running_loop()
    outcome = Outcome()
    lines = _Lines(outcome)
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Line(lines), "127.0.0.1", port)
    started = time.perf_counter()
    for number, request in enumerate(requests):
        due = started + number / per_s
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        lines.ask(due, request)
    await lines.answered(len(requests))
    outcome.spent = time.perf_counter() - started
    lines.close()
    if lines.lost is not None or set(outcome.statuses) != {200}:
        raise LoadFailed(f"{lines.lost} {dict(outcome.statuses)} {outcome.sample[-300:]!r}")
    return outcome


class _Lines:
    """Free connections, and the requests that wait for one."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.lost: str | None = None
        self._wanted = 0
        self._done = asyncio.Event()
        self._all: list[_Line] = []
        self._free: list[_Line] = []
        self._waiting: deque[tuple[float, bytes]] = deque()

    def ask(self, due: float, request: bytes) -> None:
        if self._free:
            self._free.pop().ask(due, request)
        else:
            self._waiting.append((due, request))

    def opened(self, line: "_Line") -> None:
        self._all.append(line)
        self._free.append(line)

    async def answered(self, wanted: int) -> None:
        """Wait for so many answers, or for a lost connection."""
        self._wanted = wanted
        self.look()
        async with asyncio.timeout(30):
            await self._done.wait()

    def look(self) -> None:
        if self.lost is not None or self.outcome.answered >= self._wanted > 0:
            self._done.set()

    def freed(self, line: "_Line") -> None:
        self.look()
        if self._waiting:
            line.ask(*self._waiting.popleft())
        else:
            self._free.append(line)

    def close(self) -> None:
        for line in self._all:
            line.close()


class _Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._read = b""
        self._due = 0.0
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._lines.opened(self)

    def ask(self, due: float, request: bytes) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        wanted = length_of(self._read)
        if not wanted or len(self._read) < wanted:
            return
        outcome, status = self._lines.outcome, int(self._read[9:12])
        outcome.statuses[status] += 1
        outcome.latencies.append(time.perf_counter() - self._due)
        if not outcome.sample or status >= 400:
            outcome.sample = self._read
        self._read = b""
        self._lines.freed(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closed:
            self._lines.lost = f"a connection was lost: {exc}"
            self._lines.look()

    def close(self) -> None:
        self._closed = True
        self._transport.close()
