"""Background jobs and timed tasks: pgqueuer, in our own words.

A job is enqueued in the caller's transaction and runs once that is committed. A worker that dies
loses its jobs to another after half a minute without a sign of life. A timed task is run by one
worker at each of its times, however many workers there are.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Self

import asyncpg
import orjson
from pgqueuer import PgQueuer, Queries
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job, Schedule
from pgqueuer.ports.driver import Driver, NotifyCallback, TaskManagerPort

from app.kit import db
from config.database import credentials
from config.logging import cause_var

log = logging.getLogger("weiban.jobs")

MAX_ATTEMPTS = 20
_LONGEST_PAUSE = timedelta(minutes=10)
_SETBACK_S = 1.0
_AHEAD_OF_UTC_H = 8
_CONNECTIONS = 4  # One listens, the others fetch, heartbeat and log.

JobHandler = Callable[[dict[str, Any]], Awaitable[object]]
TimedTask = Callable[[], Awaitable[object]]


async def enqueue(name: str, payload: Mapping[str, Any]) -> None:
    """Ask for a job in the caller's transaction. Ids only, never personal data."""
    await Queries(_CallersConnection()).enqueue(name, orjson.dumps(payload))


def in_utc(cron: str) -> str:
    """A cron expression in Beijing time as pgqueuer reads it: in UTC.

    Raises ValueError for an hour on certain days only: before eight they would be the wrong days.
    """
    minute, hour, *days = cron.split()
    if hour == "*":
        return cron
    if not hour.isdecimal() or days != ["*", "*", "*"]:
        raise ValueError(cron)
    return f"{minute} {(int(hour) - _AHEAD_OF_UTC_H) % 24} * * *"


class Jobs:
    """The jobs and timed tasks one worker runs, by name."""

    def __init__(self) -> None:
        self._handlers: dict[str, JobHandler] = {}
        self._timed: dict[str, tuple[str, TimedTask]] = {}

    def on(self, name: str, handler: JobHandler) -> None:
        """Run jobs of this name; one that fails is tried again, later each time, ``MAX_ATTEMPTS`` times."""
        self._handlers[name] = handler

    def timed(self, cron: str, name: str, task: TimedTask) -> None:
        """Run a task at the times of a cron expression in Beijing time, such as ``30 4 * * *`` at 04:30."""
        self._timed[name] = (in_utc(cron), task)

    async def run(self, database_url: str, *, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; a lost database is waited for."""
        while not stop.is_set():
            try:
                async with asyncpg.create_pool(
                    **credentials(database_url), min_size=1, max_size=_CONNECTIONS, command_timeout=30
                ) as pool:
                    await self._work(pool, stop)
            except Exception as lost:  # noqa: BLE001  Whatever broke, the jobs go on when it is mended.
                log.warning("jobs stand still: %s: %s", type(lost).__name__, lost)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _SETBACK_S * random.uniform(0.5, 1.5))  # noqa: S311  Jitter.

    async def _work(self, pool: asyncpg.Pool, stop: asyncio.Event) -> None:
        queue = PgQueuer.from_asyncpg_pool(pool)
        for name, handler in self._handlers.items():
            queue.entrypoint(name, on_failure="hold", executor_factory=_patient)(partial(_run_job, handler))
        for name, (cron, task) in self._timed.items():
            queue.schedule(name, cron)(partial(_run_timed, name, task))
        stopper = asyncio.create_task(_pass_on(stop, queue.shutdown))
        try:
            await queue.run(dequeue_timeout=timedelta(seconds=10))
        finally:
            stopper.cancel()


def _patient(parameters: Any) -> DatabaseRetryEntrypointExecutor:
    return DatabaseRetryEntrypointExecutor(parameters, max_attempts=MAX_ATTEMPTS, max_delay=_LONGEST_PAUSE)


async def _run_job(handler: JobHandler, job: Job) -> None:
    cause_var.set(f"job {job.entrypoint}")
    await handler(orjson.loads(job.payload or b"{}"))


async def _run_timed(name: str, task: TimedTask, _: Schedule) -> None:
    cause_var.set(f"job {name}")
    try:
        await task()
    except Exception as failure:
        log.warning("timed task %s: %s: %s", name, type(failure).__name__, failure, exc_info=failure)


async def _pass_on(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()


class _CallersConnection(Driver):
    """pgqueuer over the connection of the caller's transaction; good for enqueueing only."""

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await db.fetch(query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        return str(await db.execute(query, *args))

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        raise NotImplementedError

    async def notify(self, channel: str, payload: str) -> None:
        await db.execute("SELECT pg_notify($1, $2)", channel, payload)

    @property
    def shutdown(self) -> asyncio.Event:
        raise NotImplementedError

    @property
    def tm(self) -> TaskManagerPort:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None
