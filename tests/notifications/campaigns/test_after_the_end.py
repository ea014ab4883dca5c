"""What comes to light after a campaign was stopped has nothing more sent."""

from uuid import UUID

import pytest

from app.domain.accounts import merging
from app.kit import audit, clock, db
from config import settings
from notifications import backlog, queue, recovery
from notifications.campaigns import lifecycle
from notifications.campaigns.models import Campaign, CampaignState
from notifications.models import NotificationStatus
from notifications.queue import Claimed, Key, Move
from tests.notifications.campaigns.conftest import Office, delivered, later, sent


def lost(message: Claimed) -> Move:
    """Nobody knows whether WeChat took it."""
    return Move(message.key, NotificationStatus.UNKNOWN, error_text="too long in doubt")


def given_up(message: Claimed) -> Move:
    """Tried too often."""
    return Move(message.key, NotificationStatus.DEAD, error_code=-1, error_text="busy")


async def ended(office: Office, campaign: Campaign, deed: str) -> None:
    """Cancelled or out of worth, and closed."""
    if deed == "cancel":
        await lifecycle.cancel(office.author, campaign.id, "撤回")
    with clock.frozen(later(hours=2)):
        await office.turn(4)
    assert (await Campaign.get(id=campaign.id)).closed_at is not None


@pytest.mark.parametrize("deed", ["cancel", "expire"])
async def test_what_is_unknown_is_not_sent_anew(office: Office, deed: str) -> None:
    await office.people(3)
    campaign = await office.launched(expires_at=later(hours=1))
    await office.turn()
    await office.settle(lost)
    # The campaign's worth ends; that a row has none of its own says nothing.
    await db.execute("UPDATE notification SET expires_at = NULL")
    await ended(office, campaign, deed)
    with clock.frozen(later(hours=3)):
        assert await recovery.resend_unreceipted() == 0
    assert await office.states(campaign) == {"unknown": 3}


async def test_what_is_unknown_waits_as_long_as_the_campaign_does(office: Office) -> None:
    await office.people(3)
    campaign = await office.launched()
    await office.turn()
    await office.settle(lost)
    await lifecycle.pause(office.author, campaign.id, "等一等")
    with clock.frozen(later(minutes=20)):
        assert await recovery.resend_unreceipted() == 3
        assert await office.claim() == []
        await office.turn()
    with clock.frozen(later(minutes=21)):
        assert await office.claim() == []
        await lifecycle.resume(office.author, campaign.id)
        assert len(await office.claim()) == 3


async def with_another_way() -> list[Key]:
    """The campaign's messages have failed; a text message would be next."""
    rows = await db.fetch(
        "UPDATE notification SET status = 'failed', error_text = 'failed:user block', route = 'sms'"
        " RETURNING id, committed_at"
    )
    return [Key(row["id"], row["committed_at"]) for row in rows]


async def test_a_late_refusal_falls_back_to_no_other_channel(office: Office) -> None:
    await office.people(3)
    campaign = await office.launched()
    await office.turn()
    await office.settle(sent)
    await ended(office, campaign, "cancel")
    assert await queue.fall_back(await with_another_way()) == 0
    assert await office.states(campaign) == {"failed": 3}


async def test_a_fall_back_waits_as_long_as_the_campaign_does(office: Office) -> None:
    await office.people(3)
    campaign = await office.launched()
    await office.turn()
    await office.settle(sent)
    await lifecycle.pause(office.author, campaign.id, "等一等")
    assert await queue.fall_back(await with_another_way()) == 3
    assert await office.claim() == []
    await office.turn()
    with clock.frozen(later(minutes=1)):
        assert await office.claim() == []
        await lifecycle.resume(office.author, campaign.id)
        assert len(await office.claim()) == 3


async def test_what_was_given_up_is_not_revived(office: Office) -> None:
    await office.people(3)
    campaign = await office.launched()
    await office.turn()
    await office.settle(given_up)
    rows = await db.fetch("SELECT id FROM notification")
    await ended(office, campaign, "cancel")
    assert await backlog.revive([row["id"] for row in rows], actor=audit.SYSTEM) == 0


async def test_two_recipients_told_by_different_channels_may_become_one(office: Office) -> None:
    people: list[UUID] = await office.people(4)
    await db.execute(
        "UPDATE wechat_identity SET appid = $2, is_follower = false WHERE person_id = $1",
        people[1], settings.current().mp_appid,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO subscription_credit"
        " (person_id, appid, template_id, reported_by, granted_at, is_long_term)"
        " VALUES ($1, $2, 'mpTaxReminder-sandbox', 'client', now(), false)",
        people[1], settings.current().mp_appid,
    )  # fmt: skip
    campaign = await office.launched()
    await office.turn()
    await merging.merge(people[0], people[1], actor="system", reason="test")
    await office.settle(delivered)
    assert await office.states(campaign) == {"delivered": 4}
    await office.turn(3)
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.FINISHED
