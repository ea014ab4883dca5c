"""What staff do with a campaign, from the draft to its end; each deed is checked here and written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg import LockNotAvailableError

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import audit, clock, db
from notifications import queue
from notifications.campaigns import approval, expansion, posts, rules, tally
from notifications.campaigns.drafts import NewCampaign, checked
from notifications.campaigns.errors import (
    CampaignBusy,
    CampaignChanged,
    CampaignNotFound,
    IllegalDeed,
)
from notifications.campaigns.models import Campaign, CampaignEvent, CampaignState
from notifications.messages import Messages


async def create(member: StaffMember, new: NewCampaign, messages: Messages) -> Campaign:
    """A draft. Raises NotYourCampaign or CampaignInvalid."""
    posts.check(member, posts.AUTHORS)
    columns = checked(new, messages)
    async with db.transaction():
        campaign = await Campaign.create(
            **columns, author_id=member.id, state=CampaignState.DRAFT, baseline={}
        )
        await _write_down(campaign, member.caller_id, None, CampaignState.DRAFT, None)
        await audit.record(member.caller_id, "campaign.created", _target(campaign))
    return campaign


async def edit(member: StaffMember, campaign_id: int, new: NewCampaign, messages: Messages) -> Campaign:
    """Write a draft anew; a dry run of it is void. Raises IllegalDeed once it was submitted."""
    posts.check(member, posts.AUTHORS)
    columns = checked(new, messages)
    async with db.transaction():
        campaign = await locked(campaign_id)
        if campaign.state not in (CampaignState.DRAFT, CampaignState.DRY_RUN):
            raise IllegalDeed
        if campaign.state is CampaignState.DRY_RUN:
            await expansion.drop(campaign.id)
            await move(campaign, CampaignState.DRAFT, member.caller_id, "已修改")
        # Whoever wrote it last answers for it.
        await _change(campaign, **columns, author_id=member.id, dry_run=None, audience_size=None)
        await audit.record(member.caller_id, "campaign.edited", _target(campaign))
    return campaign


async def submit(member: StaffMember, campaign_id: int) -> Campaign:
    """Ask for approval of what was tried out."""
    return await _deed(member, posts.AUTHORS, campaign_id, CampaignState.PENDING, "campaign.submitted")


async def approve(member: StaffMember, campaign_id: int, messages: Messages) -> Campaign:
    """Let it go: at its date, or at once. From now on message, audience and facts stay as they are.

    Raises what ``approval`` finds against it.
    """
    async with db.transaction():
        campaign = await locked(campaign_id)
        approval.check(member, campaign)
        await approval.check_as_tried_out(campaign, messages)
        await move(campaign, CampaignState.APPROVED, member.caller_id, None, approver_id=member.id)
        if campaign.scheduled_at is not None:
            await move(campaign, CampaignState.SCHEDULED, member.caller_id, None)
        else:
            await launch(campaign, member.caller_id)
        await audit.record(
            member.caller_id, "campaign.approved", _target(campaign), detail={"size": campaign.audience_size}
        )
    return campaign


async def refuse(member: StaffMember, campaign_id: int, why: str) -> Campaign:
    """Give it back to its author with the reason."""
    return await _deed(member, posts.REVIEWERS, campaign_id, CampaignState.DRAFT, "campaign.refused", why=why)


async def schedule(member: StaffMember, campaign_id: int, at: datetime | None) -> Campaign:
    """Set or move its date; without one it goes out when it is approved. Raises MomentPassed."""
    posts.check(member, posts.ANYBODY)
    async with db.transaction():
        campaign = await locked(campaign_id)
        before = (CampaignState.DRAFT, CampaignState.DRY_RUN, CampaignState.PENDING)
        if campaign.state not in (*before, CampaignState.SCHEDULED):
            raise IllegalDeed
        if at is not None:
            rules.check_moment(at, clock.now(), campaign.expires_at)
        elif campaign.state is CampaignState.SCHEDULED:
            raise IllegalDeed("已批准的定时任务不能去掉时间，请改为另一时间或取消")
        await _change(campaign, scheduled_at=at)
        await audit.record(
            member.caller_id,
            "campaign.scheduled",
            _target(campaign),
            detail={"at": at.isoformat() if at else None},
        )
    return campaign


async def pause(member: StaffMember, campaign_id: int, why: str) -> Campaign:
    """Stop: what waits in the queue is held in the same transaction, only what is under way finishes."""
    return await _deed(member, posts.ANYBODY, campaign_id, CampaignState.PAUSED, "campaign.paused", why=why)


async def resume(member: StaffMember, campaign_id: int) -> Campaign:
    """Go on where it stopped. The failures so far are accepted with it."""
    posts.check(member, posts.ANYBODY)
    async with db.transaction():
        campaign = await locked(campaign_id)
        if campaign.state is not CampaignState.PAUSED:
            raise IllegalDeed
        counts = await tally.counts(campaign.id)
        to = CampaignState.RUNNING if campaign.is_canary_passed else CampaignState.CANARY
        await move(campaign, to, member.caller_id, None, baseline=rules.baseline(counts))
        await queue.release(campaign.id)
        await audit.record(member.caller_id, "campaign.resumed", _target(campaign))
    return campaign


async def cancel(member: StaffMember, campaign_id: int, why: str) -> Campaign:
    """End it: nobody more is told. What waits is called off, what is under way finishes."""
    return await _deed(
        member, posts.ANYBODY, campaign_id, CampaignState.CANCELLED, "campaign.cancelled", why=why
    )


async def stop(campaign: Campaign, why: str) -> None:
    """The campaign stops by itself, in the caller's transaction; a person decides how it goes on."""
    await move(campaign, CampaignState.PAUSED, audit.SYSTEM, why)
    await audit.record(audit.SYSTEM, "campaign.paused", _target(campaign), reason=why)


async def launch(campaign: Campaign, actor: str) -> None:
    """Begin with the canary, in the caller's transaction."""
    await move(campaign, CampaignState.CANARY, actor, None, launched_at=clock.now())


async def locked(campaign_id: int) -> Campaign:
    """The campaign, held until the caller's transaction ends.

    Raises CampaignNotFound, or CampaignBusy where another deed goes on with it for longer than one waits.
    """
    try:
        campaign = await Campaign.filter(id=campaign_id).select_for_update().first()
    except LockNotAvailableError:
        raise CampaignBusy from None
    if campaign is None:
        raise CampaignNotFound
    return campaign


async def move(campaign: Campaign, to: CampaignState, actor: str, why: str | None, **changes: Any) -> None:
    """The one way from state to state: guarded, counted, written down; its queue follows.

    Raises IllegalDeed, or CampaignChanged if somebody else was quicker.
    """
    rules.check_move(campaign.state, to)
    before = campaign.state
    why = why and why.replace("\0", "")[:200]
    await _change(campaign, state=to, state_reason=why, idle_since=None, **changes)
    await _write_down(campaign, actor, before, to, why)
    if to is CampaignState.PAUSED:
        await queue.hold(campaign.id)
    elif to in (CampaignState.CANCELLED, CampaignState.EXPIRED):
        await queue.cancel(campaign.id)


async def note_idle(campaign: Campaign, *, since: datetime | None) -> None:
    """Since when nothing of it waits to be handed over; ``None`` if something does."""
    await _change(campaign, idle_since=since)


async def note_closed(campaign: Campaign) -> None:
    """It has ended, and nobody is on the way any more."""
    await _change(campaign, closed_at=clock.now())


async def _change(campaign: Campaign, **changes: Any) -> None:
    """Write changes if the row is still the one that was read."""
    still = Campaign.filter(id=campaign.id, state=campaign.state, version=campaign.version)
    changes["version"] = campaign.version + 1
    if not await still.update(**changes):
        raise CampaignChanged
    campaign.update_from_dict(changes)


async def _write_down(
    campaign: Campaign, actor: str, before: CampaignState | None, to: CampaignState, why: str | None
) -> None:
    await CampaignEvent.create(
        campaign_id=campaign.id, actor=actor, from_state=before, to_state=to, why=why, at=clock.now()
    )


async def _deed(
    member: StaffMember,
    roles: Sequence[StaffRole],
    campaign_id: int,
    to: CampaignState,
    action: str,
    *,
    why: str | None = None,
) -> Campaign:
    posts.check(member, roles)
    async with db.transaction():
        campaign = await locked(campaign_id)
        await move(campaign, to, member.caller_id, why)
        await audit.record(member.caller_id, action, _target(campaign), reason=why)
    return campaign


def _target(campaign: Campaign) -> str:
    return f"campaign:{campaign.id}"
