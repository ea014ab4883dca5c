"""Urgent messages always find a place, quiet hours are kept, campaigns are held and called off."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.kit import clock, db
from app.kit.clock import SHANGHAI
from notifications import outlets, queue
from notifications.campaigns import stopped
from notifications.models import Channel
from notifications.queue import Draft
from tests.notifications.conftest import Story

URGENT, NORMAL, BULK = 0, 1, 2
CAMPAIGN = 77
MORNING = datetime(2026, 11, 30, 10, tzinfo=SHANGHAI)
PARAMS = {
    "appointment_id": "0198a0a0-0000-7000-8000-000000000000",
    "number": "48210957",
    "hall": "天河区办税服务厅",
    "address": "天河北路 888 号",
    "business": "发票领用",
    "starts_at": "2026年12月18日 14:30",
}


async def put(
    people: Sequence[UUID],
    lane: int,
    *,
    route: tuple[Channel, ...] = (Channel.TEMPLATE,),
    campaign_id: int | None = None,
    at: datetime = MORNING,
) -> None:
    """One message to each of these people."""
    await queue.add(
        [
            Draft(
                event_id=None if campaign_id else 1000 + lane,
                campaign_id=campaign_id,
                message="appointment_booked",
                version=1,
                lane=lane,
                person_id=person,
                channel=route[0],
                route=route[1:],
                account_id=outlets.account_of(route[0]),
                params=PARAMS,
                expires_at=None,
                committed_at=at,
            )
            for person in people
        ]
    )


async def people(story: Story, count: int) -> list[UUID]:
    return [await story.person(f"p{number}") for number in range(count)]


async def lanes_by_status(story: Story) -> set[tuple[int, str]]:
    return {(row["lane"], row["status"]) for row in await story.rows()}


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        (datetime(2026, 11, 30, 20, 59, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 30, 21, tzinfo=SHANGHAI), False),
        (datetime(2026, 12, 1, 7, 59, 59, tzinfo=SHANGHAI), False),
        (datetime(2026, 12, 1, 8, tzinfo=SHANGHAI), True),
    ],
)
async def test_in_quiet_hours_only_urgent_messages_go_out(story: Story, at: datetime, goes: bool) -> None:
    (person,) = await people(story, 1)
    with clock.frozen(at):
        for lane in (URGENT, NORMAL, BULK):
            await put([person], lane)
        await story.delivery().drain()
    rest = "sent" if goes else "created"
    assert await lanes_by_status(story) == {(URGENT, "sent"), (NORMAL, rest), (BULK, rest)}


async def test_bulk_messages_leave_places_for_urgent_ones(story: Story) -> None:
    crowd = await people(story, 20)
    story.fault(delay_s=0.5)
    with clock.frozen(MORNING):
        await put(crowd, BULK)
        worker = story.delivery(at_once=8)
        assert await worker.step() == 14
        await put(crowd[:1], URGENT)
        assert await worker.step() == 1
        await worker.drain()
    assert {status for _, status in await lanes_by_status(story)} == {"sent"}


async def test_a_claim_takes_no_more_than_there_are_places(story: Story) -> None:
    crowd = await people(story, 8)
    with clock.frozen(MORNING):
        for lane in (URGENT, NORMAL, BULK):
            await put(crowd, lane)
        worker = story.delivery(at_once=8)
        assert await worker.step() == 16
        taken = [row["lane"] for row in await story.rows() if row["status"] != "created"]
        await worker.drain()
    assert sorted(taken) == [URGENT] * 8 + [NORMAL] * 8


async def test_what_is_refused_goes_down_its_route(story: Story) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    with clock.frozen(MORNING):
        await put([person], URGENT, route=(Channel.TEMPLATE, Channel.CUSTOM, Channel.SUBSCRIBE))
        await story.delivery().drain()
    assert await story.states() == [("template", "failed"), ("custom", "failed"), ("subscribe", "sent")]
    assert [row["route"] for row in await story.rows()] == ["custom subscribe", "subscribe", ""]


async def test_a_customer_service_message_needs_an_open_window(story: Story) -> None:
    person = await story.person()
    with clock.frozen(MORNING):
        await put([person], URGENT, route=(Channel.CUSTOM,))
        await story.delivery().drain()
    assert await story.states() == [("custom", "failed")]
    assert story.calls("/cgi-bin/message/custom/send") == 0


async def test_a_resend_that_had_to_wait_is_not_sent_after_wechat_forgot_the_first(story: Story) -> None:
    crowd = await people(story, 2)
    story.fault(delay_s=0.5)
    with clock.frozen(MORNING):
        await put(crowd, URGENT)
        long_ago = MORNING - timedelta(minutes=8, seconds=59)
        await db.execute("UPDATE notification SET sending_at = $1", long_ago)
        worker = story.delivery(at_once=1)
        assert await worker.step() == 2
        await asyncio.sleep(0.1)  # One call is under way, the other message waits for it.
    for wait_s in (2, 10):
        with clock.frozen(MORNING + timedelta(seconds=wait_s)):
            await worker.drain()
    assert sorted(status for _, status in await story.states()) == ["sent", "unknown"]
    assert story.calls() == 1


class TestCampaign:
    """Rows of a campaign wait when it is paused and end when it is cancelled."""

    async def test_held_rows_are_not_sent_until_released(self, story: Story) -> None:
        crowd = await people(story, 3)
        with clock.frozen(MORNING):
            await put(crowd, BULK, campaign_id=CAMPAIGN)
            assert await queue.hold(CAMPAIGN) == 3
            await story.delivery().drain()
            assert await lanes_by_status(story) == {(BULK, "held")}
            assert await queue.release(CAMPAIGN) == 3
            await story.delivery().drain()
        assert await lanes_by_status(story) == {(BULK, "sent")}

    async def test_what_is_in_hand_goes_back_when_the_campaign_stops(
        self, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crowd = await people(story, 12)
        story.fault(delay_s=0.3)
        with clock.frozen(MORNING):
            await put(crowd, BULK, campaign_id=CAMPAIGN)
            worker = story.delivery(at_once=8)
            await worker.step()
            await asyncio.sleep(0.1)  # Seven calls are under way, five messages wait for theirs.

            async def paused() -> frozenset[int]:
                return frozenset({CAMPAIGN})

            monkeypatch.setattr(stopped, "campaigns", paused)
            await worker.look()
            await worker.close(5)
        states = [row["status"] for row in await story.rows()]
        assert (states.count("sent"), states.count("created")) == (7, 5)
        assert story.calls() == 7

    async def test_cancelled_rows_are_never_sent(self, story: Story) -> None:
        crowd = await people(story, 2)
        with clock.frozen(MORNING):
            await put(crowd, BULK, campaign_id=CAMPAIGN)
            await queue.hold(CAMPAIGN)
            assert await queue.cancel(CAMPAIGN) == 2
            assert await queue.release(CAMPAIGN) == 0
            await story.delivery().drain()
        assert await lanes_by_status(story) == {(BULK, "cancelled")}
        assert story.calls() == 0

    async def test_a_cancelled_row_that_may_have_gone_out_is_unknown(self, story: Story) -> None:
        with clock.frozen(MORNING):
            await put(await people(story, 1), BULK, campaign_id=CAMPAIGN)
            await db.execute("UPDATE notification SET sending_at = $1", MORNING)
            await queue.cancel(CAMPAIGN)
        assert await lanes_by_status(story) == {(BULK, "unknown")}

    async def test_other_campaigns_go_on(self, story: Story) -> None:
        (person,) = await people(story, 1)
        with clock.frozen(MORNING):
            await put([person], BULK, campaign_id=CAMPAIGN)
            await put([person], BULK, campaign_id=CAMPAIGN + 1)
            await queue.hold(CAMPAIGN)
            await story.delivery().drain()
        assert sorted(row["status"] for row in await story.rows()) == ["held", "sent"]

    async def test_one_person_is_in_a_campaign_once(self, story: Story) -> None:
        (person,) = await people(story, 1)
        await put([person], BULK, campaign_id=CAMPAIGN)
        await put([person], BULK, campaign_id=CAMPAIGN)
        assert len(await story.rows()) == 1


async def test_a_refusal_after_a_try_in_doubt_is_no_failure(story: Story) -> None:
    """The first try may have arrived: no other channel is tried, the receipt decides."""
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    with clock.frozen(MORNING):
        await put([person], URGENT, route=(Channel.TEMPLATE, Channel.SUBSCRIBE))
        await db.execute("UPDATE notification SET sending_at = $1", MORNING - timedelta(minutes=1))
        await story.delivery().drain()
    assert await story.states() == [("template", "unknown")]
