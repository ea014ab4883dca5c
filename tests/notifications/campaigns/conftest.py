"""Authors and reviewers, people by the hundred, and a queue whose messages end as a test says."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.kit import clock, db, ids
from config import messages as message_list
from config import settings
from notifications import queue
from notifications.campaigns import feeder, lifecycle, tally, trying_out
from notifications.campaigns.counts import Counts
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.models import Campaign, CampaignState
from notifications.messages import Messages
from notifications.models import Channel, NotificationStatus
from notifications.queue import Claimed, Move, Share
from notifications.ration import Ration

FACTS = {"tax": "增值税", "period": "2026年9月", "due_at": "2026年10月20日 18:00"}
# A weekday, in the middle of the day: nobody is asleep, and no day ends while a test runs.
NOON = datetime(2026, 9, 9, 12, tzinfo=clock.SHANGHAI)

Outcome = Callable[[Claimed], Move]


def member(*roles: StaffRole) -> StaffMember:
    """Somebody at work with these roles everywhere."""
    return StaffMember(
        ids.uuid7(), ids.uuid7(), "someone", "某人", tuple(Post(role) for role in roles), False
    )


def sent(message: Claimed) -> Move:
    """WeChat took it."""
    return Move(message.key, NotificationStatus.SENT, msgid=str(message.id))


def delivered(message: Claimed) -> Move:
    """WeChat took it, and the receipt is there."""
    return Move(message.key, NotificationStatus.DELIVERED, msgid=str(message.id))


def failed(code: int) -> Outcome:
    """WeChat refused it for good with this code."""
    return lambda message: Move(message.key, NotificationStatus.FAILED, error_code=code, error_text="refused")


@dataclass
class Office:
    """An author, a reviewer, and what they work with."""

    messages: Messages
    ration: Ration = field(default_factory=Ration)
    author: StaffMember = field(default_factory=lambda: member(StaffRole.PUBLISHER))
    reviewer: StaffMember = field(default_factory=lambda: member(StaffRole.REVIEWER))
    owner: UUID = field(default_factory=ids.uuid7)

    async def people(self, count: int, *, tag: str = "重点企业", follow: bool = True) -> list[UUID]:
        """So many persons with a tag, followers of the public account unless said otherwise."""
        people = [ids.uuid7() for _ in range(count)]
        await db.execute(
            "INSERT INTO person (id, level, status) SELECT p, 'wx_bound', 'active' FROM unnest($1::uuid[]) p",
            people,
        )
        await db.execute(
            "INSERT INTO wechat_identity (person_id, appid, openid, is_follower)"
            " SELECT p, $2, 'o' || replace(p::text, '-', ''), $3 FROM unnest($1::uuid[]) p",
            people, settings.current().oa_appid, follow,
        )  # fmt: skip
        await db.execute(
            "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
            " SELECT $2, p, 'system', now() FROM unnest($1::uuid[]) p",
            people, tag,
        )  # fmt: skip
        return people

    async def draft(self, **said: Any) -> Campaign:
        """A draft for those with the tag."""
        said = {
            "name": "九月申报提醒",
            "audience": {"tags": ["重点企业"]},
            "message": "tax_reminder",
            "params": FACTS,
            **said,
        }
        return await lifecycle.create(self.author, NewCampaign(**said), self.messages)

    async def tried(self, **said: Any) -> Campaign:
        """One that was tried out."""
        return await self.try_out(await self.draft(**said))

    async def try_out(self, campaign: Campaign) -> Campaign:
        return await trying_out.try_out(self.author, campaign.id, self.messages, self.ration)

    async def pending(self, **said: Any) -> Campaign:
        """One that waits for approval."""
        return await lifecycle.submit(self.author, (await self.tried(**said)).id)

    async def launched(self, **said: Any) -> Campaign:
        """One that was approved, and so is at its canary."""
        return await lifecycle.approve(self.reviewer, (await self.pending(**said)).id, self.messages)

    async def running(self, **said: Any) -> Campaign:
        """One whose canary has arrived."""
        campaign = await self.launched(**said)
        await self.turn()
        await self.settle(delivered)
        await self.turn()
        found = await Campaign.get(id=campaign.id)
        assert found.state is CampaignState.RUNNING
        return found

    async def turn(self, times: int = 1) -> int:
        """What a worker does with all campaigns, so many times."""
        return sum([await feeder.step(self.messages) for _ in range(times)])

    async def claim(self, limit: int = 10_000) -> list[Claimed]:
        """Take what is due in the bulk lane, as a worker does."""
        shares = [Share(channel, lane, limit) for channel in Channel for lane in (1, 2)]
        return await queue.claim(self.owner, shares, limit)

    async def settle(self, outcome: Outcome, claimed: list[Claimed] | None = None) -> int:
        """Everything due ends this way; answers how many."""
        claimed = await self.claim() if claimed is None else claimed
        async with db.transaction():
            await queue.settle(self.owner, [outcome(message) for message in claimed])
        return len(claimed)

    async def work_off(self, outcome: Outcome, campaign: Campaign, *, turns: int = 40) -> Campaign:
        """Turns of feeding and sending until the campaign stands still or is over."""
        for _ in range(turns):
            if not await self.turn() + await self.settle(outcome):
                break
        return await Campaign.get(id=campaign.id)

    async def counts(self, campaign: Campaign) -> Counts:
        return await tally.counts(campaign.id)

    async def states(self, campaign: Campaign) -> Mapping[str, int]:
        """The states of the recipients, counted from the rows themselves."""
        rows = await db.fetch(
            "SELECT state, count(*) AS people FROM campaign_recipient WHERE campaign_id = $1 GROUP BY state",
            campaign.id,
        )
        return {row["state"]: row["people"] for row in rows}


@pytest.fixture
async def office(db: None) -> AsyncIterator[Office]:
    with clock.frozen(NOON):
        yield Office(Messages(message_list.current()))


def later(**span: float) -> datetime:
    """A moment after noon."""
    return NOON + timedelta(**span)
