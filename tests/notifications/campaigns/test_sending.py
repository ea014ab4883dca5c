"""A campaign on its way: the canary first, then all others, each once, until nobody is left."""

import asyncio
from datetime import timedelta

import pytest

from app.kit import clock, db
from config import settings
from notifications import queue
from notifications.campaigns import feeder, lifecycle, rules, telling
from notifications.campaigns.models import Campaign, CampaignState, RecipientState
from notifications.messages import Messages
from notifications.models import NotificationStatus
from notifications.queue import Claimed, Move
from tests.notifications.campaigns.conftest import Office, delivered, failed, later, sent


async def test_everybody_is_told_once_and_the_campaign_finishes(office: Office) -> None:
    people = await office.people(130)
    campaign = await office.launched()
    ended = await office.work_off(delivered, campaign)
    assert ended.state is CampaignState.FINISHED
    assert await office.states(campaign) == {"delivered": len(people)}
    told = await db.fetch_value("SELECT count(DISTINCT person_id) FROM notification")
    assert told == await db.fetch_value("SELECT count(*) FROM notification") == len(people)


async def test_a_few_are_told_first_and_the_others_only_when_these_have_arrived(office: Office) -> None:
    await office.people(130)
    campaign = await office.launched()
    await office.turn(3)
    assert await office.states(campaign) == {"pending": 110, "queued": 20}
    await office.settle(sent)
    await office.turn(3)
    assert await office.states(campaign) == {"pending": 110, "sent": 20}
    await db.execute("UPDATE notification SET status = 'delivered'")
    await office.turn(2)
    assert await office.states(campaign) == {"queued": 110, "delivered": 20}


async def test_receipts_that_stay_away_hold_the_canary_up_for_ten_minutes(office: Office) -> None:
    await office.people(130)
    campaign = await office.launched()
    await office.turn()
    await office.settle(sent)
    await office.turn()
    with clock.frozen(later(minutes=9)):
        await office.turn(2)
        assert (await office.counts(campaign)).pending == 110
    with clock.frozen(later(minutes=10)):
        await office.turn(2)
        assert (await office.counts(campaign)).pending == 0


async def test_a_canary_nobody_could_send_yet_waits_for_as_long_as_it_takes(office: Office) -> None:
    """In quiet hours, or with a quota used up, no time passes for it."""
    await office.people(130)
    campaign = await office.launched()
    await office.turn()
    with clock.frozen(later(hours=9)):
        await office.turn(3)
        assert await office.states(campaign) == {"pending": 110, "queued": 20}


async def test_a_failing_canary_pauses_and_says_why(office: Office) -> None:
    await office.people(130)
    campaign = await office.work_off(failed(43101), await office.launched())
    assert campaign.state is CampaignState.PAUSED
    assert "失败 20 人" in str(campaign.state_reason)
    assert await office.states(campaign) == {"pending": 110, "failed": 20}


async def test_a_canary_of_which_few_could_be_reached_is_judged_by_those(office: Office) -> None:
    await office.people(20)
    await office.people(140, follow=False)
    campaign = await office.launched()
    await db.execute("UPDATE campaign SET canary_percent = 50")
    ended = await office.work_off(failed(43101), campaign)
    assert ended.state is CampaignState.PAUSED
    assert (await office.counts(ended)).pending == 80
    await lifecycle.resume(office.reviewer, campaign.id)
    await office.turn(2)
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.RUNNING


async def test_a_canary_nobody_knows_the_end_of_is_waited_for(office: Office) -> None:
    await office.people(130)
    campaign = await office.launched()
    await office.turn()
    await office.settle(lambda message: Move(message.key, NotificationStatus.UNKNOWN))
    await office.turn(3)
    assert (await office.counts(campaign)).pending == 110
    with clock.frozen(later(minutes=10)):
        await office.turn(2)
    assert (await office.counts(campaign)).pending == 0


async def test_a_canary_resumed_in_spite_of_its_failures_goes_on_and_is_judged_anew(office: Office) -> None:
    await office.people(300)
    campaign = await office.work_off(failed(43101), await office.launched())
    await lifecycle.resume(office.reviewer, campaign.id)
    await office.turn(2)
    counts = await office.counts(campaign)
    assert counts.of(RecipientState.QUEUED) == 280
    await office.settle(failed(43101))
    await office.turn()
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.PAUSED


@pytest.mark.parametrize("code", [40037, 43116, 40249, 48001])
async def test_one_refusal_of_the_template_stops_a_running_campaign(office: Office, code: int) -> None:
    await office.people(400)
    campaign = await office.running()
    await office.turn()
    claimed = await office.claim(100)
    await office.settle(failed(code), claimed[:1])
    await office.settle(sent, claimed[1:])
    await office.turn()
    stopped = await Campaign.get(id=campaign.id)
    assert stopped.state is CampaignState.PAUSED
    assert str(code) in str(stopped.state_reason)
    assert await office.claim() == []


async def test_the_queue_gets_little_ahead_of_the_rate(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = settings.current().model_copy(update={"template_per_second": 20, "subscribe_per_second": 5})
    monkeypatch.setattr(settings, "current", lambda: slow)
    await office.people(200)
    campaign = await office.running()
    await office.turn(5)
    assert (await office.counts(campaign)).queued == 50
    await office.settle(sent, await office.claim(30))
    await office.turn(5)
    assert (await office.counts(campaign)).queued == 50


async def test_two_feeders_queue_nobody_twice(office: Office) -> None:
    people = await office.people(600)
    campaign = await office.running()
    await asyncio.gather(*(feeder.step(office.messages) for _ in range(8)))
    await office.turn(3)
    rows = await db.fetch("SELECT person_id, count(*) AS n FROM notification GROUP BY 1")
    assert {row["n"] for row in rows} == {1}
    assert len(rows) == len(people)
    assert (await office.counts(campaign)).queued == 580


async def test_who_refuses_a_channel_falls_back_and_counts_once(office: Office) -> None:
    people = await office.people(3)
    await db.execute(
        "INSERT INTO wechat_identity (person_id, appid, openid, is_follower)"
        " SELECT p, $2, 'm' || p, false FROM unnest($1::uuid[]) p",
        people, settings.current().mp_appid,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO subscription_credit"
        " (person_id, appid, template_id, reported_by, granted_at, is_long_term)"
        " SELECT p, $2, 'mpTaxReminder-sandbox', 'client', now(), false FROM unnest($1::uuid[]) p",
        people, settings.current().mp_appid,
    )  # fmt: skip
    campaign = await office.launched()
    await office.turn()
    claimed = await office.claim()
    async with db.transaction():
        await queue.settle(office.owner, [failed(43101)(message) for message in claimed])
        await queue.fall_back([message.key for message in claimed])
    found = await office.counts(campaign)
    assert {key[2] for key in found.rows} == {"subscribe"}
    assert (found.total, found.queued) == (3, 3)
    await office.settle(delivered)
    assert await office.states(campaign) == {"delivered": 3}
    # The first channel's end is old news by now, whatever is written into its row.
    await db.execute("UPDATE notification SET error_text = 'failed:user block' WHERE status = 'failed'")
    assert await office.states(campaign) == {"delivered": 3}


async def test_nobody_is_reached_by_what_has_no_channel_but_it_lies_in_their_inbox(office: Office) -> None:
    await office.people(30)
    strangers = await office.people(5, follow=False)
    campaign = await office.work_off(delivered, await office.launched())
    found = await office.counts(campaign)
    assert found.rows[RecipientState.INBOX_ONLY, "no_channel", None] == len(strangers)
    assert campaign.state is CampaignState.FINISHED
    assert await db.fetch_value("SELECT count(*) FROM inbox_item") == 35


async def test_who_refuses_after_the_dry_run_is_not_told(office: Office) -> None:
    refusing, _ = await office.people(2)
    campaign = await office.launched()
    await db.execute(
        "INSERT INTO consent_entry (person_id, purpose, is_granted, text_version, text_hash, channel)"
        " VALUES ($1, 'personalised_push', false, '1', '', 'MP')",
        refusing,
    )
    await office.work_off(delivered, campaign)
    found = await office.counts(campaign)
    assert found.rows[RecipientState.CANCELLED, "refused_push", None] == 1
    assert await office.states(campaign) == {"delivered": 1, "cancelled": 1}
    assert await db.fetch_value("SELECT count(*) FROM inbox_item WHERE person_id = $1", refusing) == 0


async def test_unknown_ends_hold_the_finish_for_an_hour_and_stay_unknown(office: Office) -> None:
    def lost(message: Claimed) -> Move:
        return Move(message.key, NotificationStatus.UNKNOWN, error_text="too long in doubt")

    await office.people(10)
    campaign = await office.work_off(lost, await office.launched())
    assert campaign.state is CampaignState.RUNNING
    with clock.frozen(later(minutes=59)):
        await office.turn()
        assert (await Campaign.get(id=campaign.id)).state is CampaignState.RUNNING
    with clock.frozen(later(minutes=60)):
        await office.turn()
    ended = await Campaign.get(id=campaign.id)
    assert ended.state is CampaignState.FINISHED
    assert await office.states(campaign) == {"unknown": 10}


async def test_receipts_after_the_end_are_still_counted(office: Office) -> None:
    await office.people(10)
    campaign = await office.work_off(sent, await office.launched())
    assert campaign.state is CampaignState.FINISHED
    await db.execute(
        "UPDATE notification SET status = 'failed', error_text = 'failed:user block' WHERE id ="
        " (SELECT min(id) FROM notification)"
    )
    assert (await office.counts(campaign)).failures() == {"user_block": 1}


async def test_a_campaign_that_fails_holds_up_no_other(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.people(30)
    broken, sound = await office.launched(), await office.launched()
    tell_next = telling.tell_next

    async def fail(campaign: Campaign, messages: Messages, limit: int) -> int:
        if campaign.id == broken.id:
            raise RuntimeError("broken")
        return await tell_next(campaign, messages, limit)

    monkeypatch.setattr(telling, "tell_next", fail)
    ended = await office.work_off(delivered, sound)
    assert ended.state is CampaignState.FINISHED


async def test_a_campaign_whose_wording_is_not_there_stops_and_says_so(office: Office) -> None:
    await office.people(3)
    campaign = await office.pending()
    await db.execute("UPDATE campaign SET message_version = 7 WHERE id = $1", campaign.id)
    async with db.transaction():
        held = await lifecycle.locked(campaign.id)
        await lifecycle.move(held, CampaignState.APPROVED, "system", None, approver_id=office.reviewer.id)
        await lifecycle.launch(held, "system")
    await office.turn()
    found = await Campaign.get(id=campaign.id)
    assert found.state is CampaignState.PAUSED
    assert "第 7 版" in str(found.state_reason)


def test_the_wait_for_the_unknown_covers_the_life_of_a_receipt() -> None:
    assert timedelta(hours=1) <= rules.UNKNOWN_WAIT
