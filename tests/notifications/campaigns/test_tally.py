"""Counters equal the rows they count, whatever happens at the same time and however often they are folded."""

import asyncio
import random
from collections.abc import Awaitable
from contextlib import suppress

from app.kit import clock, db
from app.kit.errors import Refused
from notifications import queue
from notifications.campaigns import feeder, lifecycle, tally
from notifications.models import NotificationStatus
from notifications.queue import Claimed, Move
from tests.notifications.campaigns.conftest import Office

_COUNTED = """
SELECT campaign_id, state, reason, channel, count(*)::bigint AS people
FROM campaign_recipient GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_SUMMED = """
SELECT campaign_id, state, reason, channel, sum(delta)::bigint AS people
FROM campaign_tally GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0 ORDER BY 1, 2, 3, 4
"""


async def agrees() -> bool:
    """Whether the sums of the counters are the counts of the rows, to the last reason."""
    return [tuple(row) for row in await db.fetch(_COUNTED)] == [tuple(row) for row in await db.fetch(_SUMMED)]


def anyhow(message: Claimed) -> Move:
    """One of everything that may become of a message."""
    status, code, text = random.choice(
        [
            (NotificationStatus.SENT, None, None),
            (NotificationStatus.DELIVERED, None, None),
            (NotificationStatus.FAILED, 43101, "refused"),
            (NotificationStatus.FAILED, None, "unreachable"),
            (NotificationStatus.FAILED, None, "failed:user block"),
            (NotificationStatus.FAILED, None, "failed:43101 x"),
            (NotificationStatus.DEAD, None, "DoesNotFit thing1"),
            (NotificationStatus.UNKNOWN, None, "?"),
            (NotificationStatus.CREATED, -1, "busy"),
        ]
    )
    return Move(message.key, status, error_code=code, error_text=text, run_at=clock.now())


async def test_the_counters_equal_the_rows_after_everything_at_once(office: Office) -> None:
    await office.people(900)
    await office.people(40, follow=False)
    first = await office.running()
    second = await office.launched(name="另一个")
    stop = asyncio.Event()

    async def until_stopped(deed: str) -> None:
        while not stop.is_set():
            if deed == "feed":
                await feeder.step(office.messages)
            elif deed == "send":
                claimed = await office.claim(random.randint(1, 60))
                await office.settle(anyhow, claimed)
            elif deed == "fold":
                await tally.fold()
            else:
                await _unsettle()
            await asyncio.sleep(random.random() / 100)

    deeds = ["feed", "feed", "send", "send", "send", "fold", "fold", "receipt"]
    tasks = [asyncio.create_task(until_stopped(deed)) for deed in deeds]
    await asyncio.sleep(1.2)
    await _deed(lifecycle.pause(office.author, first.id, "x"))
    await asyncio.sleep(0.3)
    await _deed(lifecycle.resume(office.author, first.id))
    await _deed(lifecycle.cancel(office.author, second.id, "x"))
    await asyncio.sleep(0.7)
    stop.set()
    await asyncio.gather(*tasks)
    assert await agrees()
    for campaign in (first, second):
        counts = await office.counts(campaign)
        assert counts.total == 940
        assert {state: n for state, n in counts.by_state().items() if n} == await office.states(campaign)
    await tally.fold()
    await tally.fold()
    assert await agrees()
    assert await db.fetch_value("SELECT bool_and(is_folded) FROM campaign_tally")


async def _unsettle() -> None:
    """Receipts, and doubts resolved: moves that come from elsewhere than the owner."""
    status = random.choice(["delivered", "failed"])
    await db.execute(
        "UPDATE notification SET status = $1::varchar,"
        " error_text = CASE WHEN $1::varchar = 'failed' THEN 'failed: system failed' END"
        " WHERE (id, committed_at) IN (SELECT id, committed_at FROM notification"
        " WHERE status IN ('sent', 'unknown') ORDER BY random() LIMIT 20 FOR UPDATE SKIP LOCKED)",
        status,
    )


async def _deed(deed: Awaitable[object]) -> None:
    # It may have stopped by itself a moment before.
    with suppress(Refused):
        await deed


async def test_counts_are_read_while_they_are_folded(office: Office) -> None:
    await office.people(50)
    campaign = await office.tried()
    for _ in range(30):
        await db.execute("UPDATE campaign_recipient SET state = 'queued' WHERE state = 'pending'")
        await db.execute("UPDATE campaign_recipient SET state = 'pending' WHERE state = 'queued'")
    folds = asyncio.gather(*(tally.fold() for _ in range(20)))
    seen = await asyncio.gather(*(tally.counts(campaign.id) for _ in range(20)))
    await folds
    assert {found.total for found in seen} == {50}
    # Folds at once may leave a sum each; the fold of the next change joins them.
    await db.execute("UPDATE campaign_recipient SET state = 'queued'")
    await tally.fold()
    assert await db.fetch_value("SELECT count(*) FROM campaign_tally") == 1


async def test_a_fold_leaves_alone_what_is_folded(office: Office) -> None:
    await office.people(5)
    await office.tried()
    await tally.fold()
    assert await tally.fold() == 0


async def test_a_message_of_an_event_touches_no_campaign(office: Office) -> None:
    await office.people(5)
    campaign = await office.launched()
    await office.turn()
    before = await db.fetch_value("SELECT count(*) FROM campaign_tally")
    claimed = await office.claim()
    async with db.transaction():
        await queue.begin_sending(office.owner, {message.key: "o" for message in claimed})
    assert await db.fetch_value("SELECT count(*) FROM campaign_tally") == before
    assert (await office.counts(campaign)).queued == 5
