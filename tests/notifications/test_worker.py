"""The worker as a whole: quick, unshaken by lost stores, and gone when told to go."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app import worker
from app.domain.halls.models import Hall
from app.kit import db, outbox
from app.kit.web.problems import LOST_DATABASE
from app.sandbox.running import Running
from config import settings
from tests.notifications.conftest import Story


@asynccontextmanager
async def _working() -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.work(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


async def _until_connected() -> None:
    """Return when this test's own pool, which is the worker's too, holds no dead connection any more."""
    in_a_row = 0
    while in_a_row < 20:
        try:
            await asyncio.gather(*(db.fetch_value("SELECT 1") for _ in range(20)))
            in_a_row += 1
        except LOST_DATABASE:
            in_a_row = 0


_SENT = "SELECT count(*) FROM notification WHERE status IN ('sent', 'delivered')"


async def _until_all_sent(count: int, timeout_s: float = 20) -> None:
    async with asyncio.timeout(timeout_s):
        while await db.fetch_value(_SENT) < count:  # noqa: ASYNC110  The database tells nobody.
            await asyncio.sleep(0.02)


async def test_message_is_handed_over_within_a_second_of_its_commit(story: Story) -> None:
    people = [await story.person(f"p{i}") for i in range(60)]
    async with _working():
        await asyncio.sleep(0.5)
        for person in people:
            await story.books(person)
        await _until_all_sent(len(people))
    waits = sorted(
        row["wait"]
        for row in await db.fetch(
            "SELECT extract(epoch FROM sent_at - committed_at)::float AS wait FROM notification"
        )
    )
    assert waits[int(len(waits) * 0.95)] < 1.0, waits
    assert [len(story.phone(f"p{i}")) for i in range(60)] == [1] * 60


async def test_worker_outlives_its_database_connections(story: Story) -> None:
    async with _working():
        await story.books(await story.person("zhang"))
        await _until_all_sent(1)
        await db.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await _until_connected()
        await story.books(await story.person("li"))
        await _until_all_sent(2)
    assert len(story.phone("li")) == 1


async def test_two_workers_send_each_message_once(story: Story) -> None:
    people = [await story.person(f"p{i}") for i in range(40)]
    async with _working(), _working():
        for person in people:
            await story.books(person)
        await _until_all_sent(len(people))
    assert [len(story.phone(f"p{i}")) for i in range(40)] == [1] * 40


async def test_every_event_the_house_writes_is_handled(story: Story) -> None:
    known = worker.handlers(story.messages)
    for kind in (
        "appointment_booked",
        "appointment_cancelled",
        "appointment_rescheduled",
        "appointment_cancelled_by_hall",
        "appointment_reminded",
        "booking_banned",
        "hall_schedule_changed",
        "work_calendar_changed",
    ):
        assert kind in known


async def test_changed_schedule_is_followed_by_the_slots(story: Story) -> None:
    await story.books(await story.person())
    hall = await Hall.get(code="TH")
    # The hall has no opening hours at all, so every slot of it closes.
    await outbox.emit("hall_schedule_changed", {"hall_id": hall.id})
    async with _working(), asyncio.timeout(20):
        while await db.fetch_value("SELECT is_open FROM slot"):  # noqa: ASYNC110  As above.
            await asyncio.sleep(0.05)


async def test_worker_process_ends_at_sigterm_with_its_messages_sent(
    story: Story, wechat_sandbox: Running
) -> None:
    chosen = settings.current()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "worker",
        env={
            **os.environ,
            "WEIBAN_WECHAT_API_BASE": wechat_sandbox.url,
            "WEIBAN_DATABASE_URL": chosen.database_url,
            "WEIBAN_REDIS_URL": chosen.redis_url,
        },
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        await story.books(await story.person())
        await _until_all_sent(1)
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(process.communicate(), 15)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    assert len(story.phone()) == 1
