"""Work that repeats for as long as a process lives, whatever fails underneath it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

log = logging.getLogger("weiban.loops")

_FIRST_PAUSE_S = 0.02
_FIRST_SETBACK_S = 0.2
_LONGEST_SETBACK_S = 5.0


class Bell:
    """Wakes a loop before its pause is over."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        """Until rung, but no longer than ``timeout_s``; a ring before the wait counts."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        self._rung.clear()


async def repeat(
    name: str,
    step: Callable[[], Awaitable[int]],
    *,
    stop: asyncio.Event,
    idle_s: float,
    bell: Bell | None = None,
) -> None:
    """Run ``step`` until ``stop`` is set: at once again while it finds work, else after a growing pause.

    ``idle_s`` is the longest pause in seconds. A failing step is logged and repeated after a pause of
    its own: PostgreSQL, Valkey or WeChat being gone passes, and no loop may end because of it.
    """
    bell = bell or Bell()
    watch = asyncio.create_task(_ring_at(stop, bell))
    pause, setback = _FIRST_PAUSE_S, _FIRST_SETBACK_S
    try:
        while not stop.is_set():
            try:
                found = await step()
            except Exception as failure:
                log.warning("%s: %s: %s", name, type(failure).__name__, failure, exc_info=failure)
                await bell.wait(setback * random.uniform(0.5, 1.5))  # noqa: S311  Jitter.
                setback = min(setback * 2, _LONGEST_SETBACK_S)
                continue
            setback = _FIRST_SETBACK_S
            if found:
                pause = _FIRST_PAUSE_S
            else:
                await bell.wait(min(pause, idle_s))
                pause = min(pause * 2, idle_s)
    finally:
        watch.cancel()


async def every(
    name: str, seconds: float, step: Callable[[], Awaitable[object]], *, stop: asyncio.Event
) -> None:
    """Run ``step`` about every so many seconds until ``stop`` is set.

    Every worker does so by itself: the step must be safe to run in several places at once.
    """

    bell = Bell()
    watch = asyncio.create_task(_ring_at(stop, bell))
    try:
        while not stop.is_set():
            try:
                await step()
            except Exception as failure:
                log.warning("%s: %s: %s", name, type(failure).__name__, failure, exc_info=failure)
            # The jitter keeps workers that were started together from always meeting.
            await bell.wait(seconds * random.uniform(0.8, 1.2))  # noqa: S311  Jitter.
    finally:
        watch.cancel()


async def _ring_at(stop: asyncio.Event, bell: Bell) -> None:
    await stop.wait()
    bell.ring()
