"""A worker killed at any point: nobody misses a message, and nobody gets two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock, db
from app.sandbox.running import Running
from notifications import queue
from notifications.delivery import Delivery
from notifications.models import Channel
from notifications.queue import MAX_ATTEMPTS, Share
from tests.notifications.conftest import Story

LEASE_OVER = timedelta(seconds=50)
# Everything a worker does, between whose steps it may be killed.
POINTS = ["after the claim", "before the call", "after the call"]


async def _work_until_killed(story: Story, point: str) -> None:
    """A worker that stops for ever at a point, as if by SIGKILL: it cleans up nothing."""
    delivery, reached = story.delivery(), asyncio.Event()

    async def _never(*_: Any, **__: Any) -> Any:
        reached.set()
        await asyncio.Event().wait()

    if point == "after the claim":
        delivery._dispatch.prepare = _never  # type: ignore[method-assign]  # The injected death.
    elif point == "before the call":
        delivery._dispatch.send = _never  # type: ignore[method-assign]  # The same.
    else:
        delivery._write = _never  # type: ignore[method-assign]  # The same.
        delivery._note._run = _never
    working = asyncio.create_task(delivery.drain())
    await asyncio.wait_for(reached.wait(), 15)
    await asyncio.sleep(0.3)
    working.cancel()
    for task in delivery._flying:
        task.cancel()
    await asyncio.gather(working, *delivery._flying, return_exceptions=True)


@asynccontextmanager
async def _another_worker(story: Story, later: timedelta) -> AsyncIterator[Delivery]:
    with clock.frozen(clock.now() + later):
        delivery = story.delivery()
        await delivery.sweep()
        await delivery.drain()
        yield delivery


@pytest.mark.parametrize("point", POINTS)
async def test_worker_killed_while_sending_to_followers(story: Story, point: str) -> None:
    names = [f"p{i}" for i in range(5)]
    for name in names:
        await story.books(await story.person(name))
    await story.relay()
    await _work_until_killed(story, point)
    async with _another_worker(story, LEASE_OVER):
        assert [len(story.phone(name)) for name in names] == [1] * len(names)
        for row in await story.rows():
            assert row["status"] == "sent"
            assert row["msgid"] in {str(story.phone(name)[0]["msgid"]) for name in names}


@pytest.mark.parametrize("point", POINTS)
async def test_worker_killed_while_sending_by_the_only_consent(story: Story, point: str) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    await story.books(person)
    await story.relay()
    await _work_until_killed(story, point)
    async with _another_worker(story, LEASE_OVER):
        assert len(story.phone()) == 1
        assert await story.states() == [("subscribe", "sent")]


async def test_subscribe_message_that_could_arrive_twice_is_left_to_its_receipt(story: Story) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang", "appointment_booked", "appointment_booked")
    await story.books(person)
    await story.relay()
    await _work_until_killed(story, "after the call")
    async with _another_worker(story, LEASE_OVER):
        assert len(story.phone()) == 1
        assert await story.states() == [("subscribe", "unknown")]


async def test_lease_is_respected_while_it_lasts(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    await _work_until_killed(story, "before the call")
    async with _another_worker(story, timedelta(seconds=30)):
        assert story.phone() == []
        assert await story.states() == [("template", "sending")]


async def test_after_the_ten_minutes_nothing_is_sent_again_on_a_guess(story: Story) -> None:
    await story.books(await story.person(), starts_at=clock.now() + timedelta(days=2))
    await story.relay()
    await _work_until_killed(story, "after the call")
    async with _another_worker(story, timedelta(minutes=11)):
        assert len(story.phone()) == 1
        assert await story.states() == [("template", "unknown")]


async def test_message_without_a_receipt_long_after_is_sent_anew(story: Story) -> None:
    await story.books(await story.person(), starts_at=clock.now() + timedelta(days=2))
    await story.relay()
    await _work_until_killed(story, "before the call")
    async with _another_worker(story, timedelta(minutes=11)):
        assert await story.states() == [("template", "unknown")]
    async with _another_worker(story, timedelta(minutes=27)):
        assert len(story.phone()) == 1
        assert await story.states() == [("template", "sent")]


async def test_slow_worker_changes_nothing_once_its_lease_was_taken(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    slow, may_go_on = story.delivery(), asyncio.Event()
    send = slow._dispatch.send

    async def dawdle(parcel: Any) -> str | None:
        await may_go_on.wait()
        return await send(parcel)

    slow._dispatch.send = dawdle  # type: ignore[method-assign]  # A call that hangs for a minute.
    working = asyncio.create_task(slow.drain())
    await asyncio.sleep(0.2)
    async with _another_worker(story, LEASE_OVER):
        before = await story.rows()
        may_go_on.set()
        await working
        assert await story.rows() == before
    assert len(story.phone()) == 1


async def test_sweeping_twice_or_in_two_places_is_the_same_as_once(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    await _work_until_killed(story, "before the call")
    with clock.frozen(clock.now() + LEASE_OVER):
        swept = await asyncio.gather(*(story.delivery().sweep() for _ in range(4)))
        assert sum(swept) == 1
        await asyncio.gather(*(story.delivery().drain() for _ in range(4)))
    assert len(story.phone()) == 1


async def test_message_that_kills_every_worker_dies(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    await db.execute("UPDATE notification SET attempt = $1", MAX_ATTEMPTS - 1)
    await _work_until_killed(story, "after the claim")
    async with _another_worker(story, LEASE_OVER):
        assert await story.states() == [("template", "dead")]
        assert (await story.rows())[0]["error_text"] == "too many attempts"


async def test_leaving_worker_gives_back_what_it_has_not_begun(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    delivery = story.delivery()
    (claimed,) = await queue.claim(delivery.owner, [Share(Channel.TEMPLATE, 0, 10)], 10)
    assert claimed.attempt == 1
    await delivery.close(0)
    (row,) = await story.rows()
    assert (row["status"], row["attempt"], row["owner"]) == ("created", 0, None)


async def test_database_lost_while_a_message_is_under_way(story: Story) -> None:
    """WeChat has taken the message; the note of it is written when the database is back."""
    await story.books(await story.person())
    await story.relay()
    delivery = story.delivery()
    write, failures = delivery._write, 0

    async def fail_first(results: Any) -> Any:
        nonlocal failures
        failures += 1
        if failures <= 3:
            raise ConnectionResetError
        return await write(results)

    delivery._write = fail_first  # type: ignore[method-assign]  # The injected loss.
    delivery._note._run = fail_first
    await delivery.drain()
    assert await story.states() == [("template", "sent")]
    assert story.calls() == 1


async def test_relay_killed_before_its_commit_makes_one_message(
    story: Story, wechat_sandbox: Running
) -> None:
    await story.books(await story.person())
    add = queue.add

    async def add_and_die(drafts: Any) -> int:
        await add(drafts)
        raise asyncio.CancelledError

    queue.add = add_and_die
    try:
        with pytest.raises(asyncio.CancelledError):
            await story.relay()
    finally:
        queue.add = add
    assert await story.rows() == []
    await story.deliver()
    assert len(story.phone()) == 1


async def test_same_event_handled_twice_makes_one_message(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    (row,) = await story.rows()
    draft = queue.Draft(
        event_id=row["event_id"], message=row["message"], version=1, lane=0, person_id=row["person_id"],
        channel=Channel.TEMPLATE, account_id=row["account_id"], params={}, expires_at=None,
        committed_at=row["committed_at"],
    )  # fmt: skip
    assert await queue.add([draft]) == 0
