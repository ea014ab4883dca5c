"""Files are made one after the other, whatever becomes of those who asked for them."""

import asyncio
import threading
import time

import pytest

from app.kit import press


async def test_one_file_is_made_at_a_time_even_when_its_reader_has_gone() -> None:
    begun, go_on = threading.Event(), threading.Event()
    busy, most = 0, 0

    def make() -> bytes:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        begun.set()
        go_on.wait(5)
        busy -= 1
        return b"file"

    gone = asyncio.create_task(press.made(make))
    await asyncio.to_thread(begun.wait, 5)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    waiting = [asyncio.create_task(press.made(make)) for _ in range(3)]
    done, _ = await asyncio.wait(waiting, timeout=0.1)
    assert not done, "the thread of the one that was cancelled still has its place"
    go_on.set()
    assert await asyncio.gather(*waiting) == [b"file"] * 3
    assert most == 1


async def test_what_nobody_waits_for_any_more_is_not_made() -> None:
    made: list[str] = []

    def make(name: str) -> bytes:
        time.sleep(0.1)
        made.append(name)
        return name.encode()

    first = asyncio.create_task(press.made(lambda: make("first")))
    second = asyncio.create_task(press.made(lambda: make("second")))
    await asyncio.sleep(0.01)
    second.cancel()
    await first
    assert await press.made(lambda: make("third")) == b"third"
    assert made == ["first", "third"]


async def test_what_fails_is_told_and_lets_the_next_one_in() -> None:
    with pytest.raises(ZeroDivisionError):
        await press.made(lambda: bytes(1 // 0))
    assert await press.made(lambda: b"next") == b"next"
