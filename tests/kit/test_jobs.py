"""Jobs and timed tasks run once, after the commit, and again if they fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from app.kit import db, jobs
from app.kit.jobs import Jobs
from config import settings

pytestmark = pytest.mark.usefixtures("db")

_EVERY_SECOND = "* * * * * *"


@asynccontextmanager
async def _working(known: Jobs) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(known.run(settings.current().database_url, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def _until(condition: Callable[[], Any], timeout_s: float = 15) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  The condition is a fact elsewhere, nobody sets an event for it.
            await asyncio.sleep(0.02)


def _knowing(name: str, handler: Callable[[dict[str, Any]], Awaitable[object]]) -> Jobs:
    known = Jobs()
    known.on(name, handler)
    return known


async def _enqueue_and_fail() -> None:
    async with db.transaction():
        await jobs.enqueue("greet", {"id": 1})
        raise RuntimeError


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("* * * * *", "* * * * *"),
        ("30 4 * * *", "30 20 * * *"),
        ("0 8 * * *", "0 0 * * *"),
        ("11 23 * * *", "11 15 * * *"),
    ],
)
def test_the_hour_of_a_timed_task_is_beijings(told: str, read: str) -> None:
    assert jobs.in_utc(told) == read


@pytest.mark.parametrize("told", ["0 4 1 * *", "0 */6 * * *"])
def test_hours_that_would_become_others_are_refused(told: str) -> None:
    with pytest.raises(ValueError, match="0"):
        jobs.in_utc(told)


async def test_job_runs_after_the_commit_with_what_it_was_given() -> None:
    done: list[dict[str, Any]] = []

    async def handler(payload: dict[str, Any]) -> None:
        done.append(payload)

    async with _working(_knowing("greet", handler)):
        with pytest.raises(RuntimeError):
            await _enqueue_and_fail()
        async with db.transaction():
            await jobs.enqueue("greet", {"id": 2})
            await asyncio.sleep(0.3)
            assert done == []
        await _until(lambda: done)
    assert done == [{"id": 2}]


async def test_failing_job_is_tried_again() -> None:
    tries = 0

    async def handler(_: dict[str, Any]) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError("not yet")

    async with _working(_knowing("ask", handler)):
        await jobs.enqueue("ask", {})
        await _until(lambda: tries == 2)


async def test_timed_task_runs_once_however_many_workers_there_are() -> None:
    ran: list[float] = []

    async def task() -> None:
        ran.append(asyncio.get_running_loop().time())

    async with AsyncExitStack() as workers:
        for _ in range(3):
            known = Jobs()
            known.timed(_EVERY_SECOND, "tick", task)
            await workers.enter_async_context(_working(known))
        await _until(lambda: len(ran) >= 2)
    gaps = [later - earlier for earlier, later in pairwise(ran)]
    assert all(gap > 0.4 for gap in gaps), gaps


async def test_failing_timed_task_runs_again_at_its_next_time() -> None:
    tries = 0

    async def task() -> None:
        nonlocal tries
        tries += 1
        raise ValueError

    known = Jobs()
    known.timed(_EVERY_SECOND, "tick", task)
    async with _working(known):
        await _until(lambda: tries >= 2)
