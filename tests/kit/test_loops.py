"""Loops that nothing ends but their own stop."""

import asyncio
import time

from app.kit.loops import Bell, every, repeat


async def test_failing_step_is_repeated() -> None:
    stop, calls = asyncio.Event(), 0

    async def step() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionError("the database is gone")
        stop.set()
        return 0

    await asyncio.wait_for(repeat("test", step, stop=stop, idle_s=0.05), 3)
    assert calls == 2


async def test_bell_ends_the_pause() -> None:
    stop, bell, calls = asyncio.Event(), Bell(), 0

    async def step() -> int:
        nonlocal calls
        calls += 1
        return 0

    loop = asyncio.create_task(repeat("test", step, stop=stop, idle_s=30, bell=bell))
    await asyncio.sleep(0.5)
    before = calls
    bell.ring()
    await asyncio.sleep(0.05)
    assert calls == before + 1
    stop.set()
    await asyncio.wait_for(loop, 1)


async def test_step_that_finds_work_is_repeated_at_once() -> None:
    stop, calls = asyncio.Event(), 0

    async def step() -> int:
        nonlocal calls
        calls += 1
        if calls == 100:
            stop.set()
        return 1

    began = time.monotonic()
    await repeat("test", step, stop=stop, idle_s=30)
    assert time.monotonic() - began < 0.5


async def test_timed_step_goes_on_after_a_failure_and_stops_at_once() -> None:
    stop, calls = asyncio.Event(), 0

    async def step() -> None:
        nonlocal calls
        calls += 1
        raise OSError

    loop = asyncio.create_task(every("test", 0.02, step, stop=stop))
    await asyncio.sleep(0.2)
    assert calls > 2
    stop.set()
    await asyncio.wait_for(loop, 1)
