"""Keeps a set of programs running on one machine: starts them in order, restarts the dead, stops them all.

Every program is in its own process group and gets a signal from the kernel when the supervisor dies, so
nothing outlives it, not even a ``kill -9``.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

# A program that lived this long was well; the next start after it is immediate again.
_WELL_AFTER_S = 10.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
_LONGEST_LINE = 1 << 20


class ChildFailed(Exception):
    """A program did not become ready; the message names it and says what it said last."""


@dataclass(frozen=True)
class Child:
    """A program to keep running.

    ``command`` and ``prepare`` are called before each start; ``ready`` is asked until it says yes. They may
    block. ``tries`` is how often it may die before it was ever ready. ``log`` takes its output; without it
    the output goes to our standard error, each line led by the name when ``prefixed``.
    """

    name: str
    command: Callable[[], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    prepare: Callable[[], None] = lambda: None
    ready: Callable[[], bool] = lambda: True
    ready_within_s: float = 60
    tries: int = 1
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 15
    log: Path | None = None
    prefixed: bool = True
    keep_fds: tuple[int, ...] = ()


class _Kept:
    """One child and the process that runs it now."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: asyncio.subprocess.Process | None = None
        self.is_ready = asyncio.Event()
        self.is_stopping = False
        self.last_words: list[str] = []
        self.keeper = asyncio.create_task(self._keep(), name=f"keep {child.name}")

    async def _keep(self) -> None:
        pause, deaths = _FIRST_PAUSE_S, 0
        while True:
            started = time.monotonic()
            try:
                outcome = f"退出码 {await self._run_once()}"
            except Exception as error:  # noqa: BLE001 - Whatever hinders a start now may be gone at the next.
                outcome = str(error)
            if self.is_stopping:
                return
            deaths += 1
            if not self.is_ready.is_set() and deaths >= self.child.tries:
                raise ChildFailed("\n".join([f"{self.child.name} 没有启动：{outcome}", *self.last_words]))
            if time.monotonic() - started > _WELL_AFTER_S:
                pause = _FIRST_PAUSE_S
            self._say(f"{outcome}，{pause:.1f} 秒后重新启动")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _run_once(self) -> int:
        child = self.child
        await asyncio.to_thread(child.prepare)
        async with AsyncExitStack() as files:
            output: int | BinaryIO | None = asyncio.subprocess.PIPE if child.prefixed else None
            if child.log:
                output = files.enter_context(child.log.open("ab"))
            self.process = process = await asyncio.create_subprocess_exec(
                *child.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT if output is not None else None,
                env=dict(child.environment),
                process_group=0,
                pass_fds=child.keep_fds,
                limit=_LONGEST_LINE,
            )
        watch = asyncio.create_task(self._watch_readiness())
        try:
            if process.stdout:
                await self._relay(process.stdout)
            return await process.wait()
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _watch_readiness(self) -> None:
        while not self.is_ready.is_set():
            if await asyncio.to_thread(self.child.ready):
                self.is_ready.set()
                return
            await asyncio.sleep(0.05)

    async def _relay(self, output: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await output.readline()
            except ValueError:
                # The line was longer than we hold; what is left of it follows as the next one.
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            self.last_words = [*self.last_words[-15:], text]
            self._say(text)

    def _say(self, text: str) -> None:
        sys.stderr.write(f"{self.child.name:9} │ {text}\n")

    async def stop(self) -> None:
        self.is_stopping = True
        process = self.process
        if process and process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(self.child.stop_signal)
            try:
                await asyncio.wait_for(asyncio.shield(self.keeper), self.child.grace_s)
            except (TimeoutError, ChildFailed):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        self.keeper.cancel()
        with suppress(asyncio.CancelledError, ChildFailed):
            await self.keeper


class Supervisor:
    """Use as ``async with``: on leaving, everything it started has ended, the last started first."""

    def __init__(self) -> None:
        self._groups: list[list[_Kept]] = []

    async def __aenter__(self) -> "Supervisor":
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._groups:
            group = self._groups.pop()
            await asyncio.gather(*(kept.stop() for kept in group))

    async def start(self, *children: Child) -> None:
        """Starts programs together and returns when all are ready.

        Raises:
            ChildFailed: one died or was not ready in its time.
        """
        group = [_Kept(child) for child in children]
        self._groups.append(group)
        for kept in group:
            await self._await_ready(kept)

    def pid_of(self, name: str) -> int | None:
        """The process that runs a child now."""
        for kept in (kept for group in self._groups for kept in group):
            if kept.child.name == name and kept.process and kept.process.returncode is None:
                return kept.process.pid
        return None

    @staticmethod
    async def _await_ready(kept: _Kept) -> None:
        ready = asyncio.create_task(kept.is_ready.wait())
        done, _ = await asyncio.wait(
            {ready, kept.keeper}, timeout=kept.child.ready_within_s, return_when=asyncio.FIRST_COMPLETED
        )
        ready.cancel()
        if kept.keeper in done:
            await kept.keeper
        if not kept.is_ready.is_set():
            raise ChildFailed(f"{kept.child.name} 在 {kept.child.ready_within_s:.0f} 秒内没有就绪")


async def until_asked_to_stop() -> None:
    """Returns at the first SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
