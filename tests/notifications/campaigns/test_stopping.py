"""Pause, resume, cancel and the end of worth: at once, on every worker, and the totals still add up."""

import asyncio
import time
from datetime import datetime
from uuid import UUID

import pytest

from app.kit import clock, db
from app.kit.loops import repeat
from notifications.campaigns import feeder, lifecycle
from notifications.campaigns.errors import IllegalDeed
from notifications.campaigns.models import Campaign, CampaignState
from notifications.models import NotificationStatus
from notifications.queue import Claimed, Move
from tests.notifications.campaigns.conftest import Office, delivered, later, sent


def back(message: Claimed) -> Move:
    """WeChat was busy: later."""
    return Move(message.key, NotificationStatus.CREATED, run_at=clock.now())


async def test_a_pause_holds_what_waits_and_lets_finish_what_is_under_way(office: Office) -> None:
    await office.people(120)
    campaign = await office.running()
    await office.turn()
    claimed = await office.claim(30)
    await lifecycle.pause(office.author, campaign.id, "内容有误")
    assert await office.claim() == []
    await office.settle(sent, claimed)
    assert await office.states(campaign) == {"delivered": 20, "sent": 30, "queued": 70}
    await office.turn(3)
    assert await office.claim() == []
    await lifecycle.resume(office.author, campaign.id)
    ended = await office.work_off(delivered, campaign)
    assert ended.state is CampaignState.FINISHED
    assert (await office.counts(campaign)).total == 120


async def test_what_comes_back_to_the_queue_while_paused_is_held_too(office: Office) -> None:
    await office.people(60)
    campaign = await office.running()
    await office.turn()
    claimed = await office.claim(10)
    await lifecycle.pause(office.author, campaign.id, "等一等")
    await office.settle(back, claimed)
    await office.turn()
    assert await office.claim() == []
    states = await db.fetch("SELECT DISTINCT status FROM notification WHERE status <> 'delivered'")
    assert [row["status"] for row in states] == ["held"]


async def test_a_pause_acts_within_two_seconds_while_workers_are_busy(office: Office) -> None:
    await office.people(3000)
    campaign = await office.running()
    stop, busy = asyncio.Event(), asyncio.Event()
    told: list[tuple[float, int]] = []

    async def send() -> int:
        claimed = await office.claim(20)
        await asyncio.sleep(0.02)
        await office.settle(delivered, claimed)
        told.append((time.monotonic(), len(claimed)))
        if len(told) == 5:
            busy.set()
        return len(claimed)

    async def feed() -> int:
        return await feeder.step(office.messages)

    workers = [
        *(asyncio.create_task(repeat("feed", feed, stop=stop, idle_s=0.1)) for _ in range(2)),
        asyncio.create_task(repeat("send", send, stop=stop, idle_s=0.1)),
    ]
    await asyncio.wait_for(busy.wait(), 20)
    began = time.monotonic()
    await lifecycle.pause(office.author, campaign.id, "停")
    paused = time.monotonic()
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*workers)
    assert paused - began < 2
    # The batch that was under way; nothing after it.
    assert sum(count for at, count in told if at > paused) <= 20
    counts = await office.counts(campaign)
    assert (counts.total, counts.pending + counts.queued > 0) == (3000, True)


async def test_a_cancelled_campaign_accounts_for_everybody(office: Office) -> None:
    await office.people(400)
    campaign = await office.running()
    await office.turn()
    claimed = await office.claim(50)
    await office.settle(sent, claimed[:20])
    cancelled = await lifecycle.cancel(office.author, campaign.id, "撤回")
    assert cancelled.state is CampaignState.CANCELLED
    await office.settle(sent, claimed[20:40])
    await office.settle(back, claimed[40:])
    await office.turn(3)
    assert await office.claim() == []
    assert await office.states(campaign) == {"delivered": 20, "sent": 40, "cancelled": 340}
    assert (await Campaign.get(id=campaign.id)).closed_at is not None
    assert await office.turn() == 0


async def test_a_cancellation_closes_only_when_nobody_is_under_way(office: Office) -> None:
    await office.people(60)
    campaign = await office.running()
    await office.turn()
    claimed = await office.claim(10)
    await lifecycle.cancel(office.author, campaign.id, "撤回")
    await office.turn(3)
    assert (await Campaign.get(id=campaign.id)).closed_at is None
    await office.settle(delivered, claimed)
    await office.turn(2)
    assert (await Campaign.get(id=campaign.id)).closed_at is not None


async def test_nothing_is_sent_after_its_worth_has_ended(office: Office) -> None:
    await office.people(60)
    campaign = await office.running(expires_at=later(hours=1))
    await office.turn()
    with clock.frozen(later(hours=1)):
        await office.turn(3)
        assert await office.claim() == []
    found = await Campaign.get(id=campaign.id)
    assert found.state is CampaignState.EXPIRED
    assert await office.states(campaign) == {"delivered": 20, "cancelled": 40}


async def test_a_paused_canary_is_a_canary_again_when_it_goes_on(office: Office) -> None:
    await office.people(130)
    campaign = await office.launched()
    await office.turn()
    await lifecycle.pause(office.author, campaign.id, "等一等")
    resumed = await lifecycle.resume(office.author, campaign.id)
    assert resumed.state is CampaignState.CANARY
    await office.turn(2)
    assert (await office.counts(campaign)).pending == 110


@pytest.mark.parametrize("deed", ["pause", "cancel"])
async def test_what_is_over_stays_over(office: Office, deed: str) -> None:
    await office.people(3)
    campaign = await office.work_off(delivered, await office.launched())
    with pytest.raises(IllegalDeed):
        await getattr(lifecycle, deed)(office.author, campaign.id, "no")


@pytest.mark.parametrize("at", [None, later(hours=1)])
async def test_only_what_was_paused_goes_on(office: Office, at: datetime | None) -> None:
    await office.people(3)
    campaign = await office.launched(scheduled_at=at)
    with pytest.raises(IllegalDeed):
        await lifecycle.resume(office.author, campaign.id)


async def test_two_pauses_at_once_are_one(office: Office) -> None:
    await office.people(30)
    campaign = await office.running()
    ends = await asyncio.gather(
        *(lifecycle.pause(office.author, campaign.id, "停") for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(end, Campaign) for end in ends) == 1
    assert all(isinstance(end, Campaign | IllegalDeed) for end in ends)


async def test_a_draft_can_be_cancelled_and_closes(office: Office) -> None:
    await office.people(3)
    campaign = await office.tried()
    await lifecycle.cancel(office.author, campaign.id, "不发了")
    await office.turn(2)
    assert await office.states(campaign) == {"cancelled": 3}
    assert (await Campaign.get(id=campaign.id)).closed_at is not None


async def test_somebody_merged_while_waiting_is_told_once(office: Office) -> None:
    from app.domain.accounts import merging

    people: list[UUID] = await office.people(4)
    campaign = await office.launched()
    await office.turn()
    await merging.merge(people[0], people[1], actor="system", reason="test")
    await office.settle(delivered)
    assert (await office.counts(campaign)).total == 4
    await office.turn(3)
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.FINISHED
