"""The dry run 试算: who it would be, how each would be reached, how it reads, and how many days it takes."""

from typing import Any

from app.domain.accounts.staff import StaffMember
from app.domain.audiences import selecting
from app.domain.audiences.definition import Definition
from app.kit import audit, clock, db
from config import settings
from notifications.campaigns import expansion, lifecycle, outlook, posts, rules
from notifications.campaigns.drafts import is_statutory
from notifications.campaigns.errors import NobodyThere
from notifications.campaigns.mass.outlook import outlook as of_mass_send
from notifications.campaigns.models import Campaign, CampaignState, Product
from notifications.campaigns.telling import worded
from notifications.messages import Messages
from notifications.models import Channel
from notifications.ration import Ration


async def try_out(member: StaffMember, campaign_id: int, messages: Messages, ration: Ration) -> Campaign:
    """Expand the audience anew and write down what would become of the campaign; nothing is sent.

    Raises NobodyThere, WrongProduct with the reason, InvalidAudience for what does not exist any more, or
    what ``check`` raises.
    """
    await messages.refresh()
    async with db.transaction():
        campaign = await lifecycle.locked(campaign_id)
        check(member, campaign)
        await selecting.check(Definition.read(campaign.audience))
        size = await expansion.expand(campaign, is_statutory=is_statutory(campaign, messages))
        if not size:
            raise NobodyThere
        found = await _found(campaign, size, messages, ration)
        await lifecycle.move(
            campaign,
            CampaignState.DRY_RUN,
            member.caller_id,
            None,
            message_version=campaign.message_version,
            audience_size=size,
            approval_above=settings.current().approval_above,
            dry_run=found,
        )
        await audit.record(
            member.caller_id, "campaign.tried_out", f"campaign:{campaign.id}", detail={"size": size}
        )
    return campaign


def check(member: StaffMember, campaign: Campaign) -> None:
    """Whether this member may try it out as it stands. Raises NotYourCampaign or IllegalDeed."""
    posts.check(member, posts.AUTHORS)
    rules.check_move(campaign.state, CampaignState.DRY_RUN)


async def _found(campaign: Campaign, size: int, messages: Messages, ration: Ration) -> dict[str, Any]:
    found: dict[str, Any] = {"at": clock.now().isoformat(timespec="seconds"), "recipients": size}
    if campaign.product is Product.MASS:
        return found | await of_mass_send(campaign.id)
    campaign.message_version = messages.kind(str(campaign.message)).version
    samples = await outlook.samples(campaign, messages)
    rules.check_is_personal(
        campaign.audience,
        without_facts=await outlook.count_without_facts(campaign),
        texts=f"{campaign.name} {samples}",
    )
    reached = await outlook.reach(campaign, worded(campaign, messages))
    faults = await outlook.faults(campaign, messages)
    forecasts = {
        channel: await _forecast(ration, channel, count) for channel, count in reached.by_channel.items()
    }
    return found | {
        "channels": {channel.value: count for channel, count in reached.by_channel.items()},
        "unreachable": dict(reached.unreachable),
        "faulty": faults.count,
        "faults": faults.named,
        "is_checked_in_full": faults.is_complete,
        "samples": samples,
        "forecast": {channel.value: forecast for channel, forecast in forecasts.items()},
        "days": max((forecast["days"] for forecast in forecasts.values()), default=0),
    }


async def _forecast(ration: Ration, channel: Channel, messages: int) -> dict[str, Any]:
    forecast = await ration.forecast(channel, messages)
    return {
        "messages": messages,
        "per_day": forecast.per_day,
        "days": forecast.days,
        "ends_at": forecast.ends_at.isoformat(timespec="minutes"),
    }
