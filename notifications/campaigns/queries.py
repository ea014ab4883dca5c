"""What can be asked of campaigns: the list, one with its progress, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from notifications.campaigns import tally
from notifications.campaigns.counts import Counts
from notifications.campaigns.errors import CampaignNotFound, NotYourCampaign
from notifications.campaigns.models import (
    FINAL,
    Campaign,
    CampaignErrand,
    CampaignEvent,
    CampaignState,
)

PAGE: Final = 20
_READERS: Final = (StaffRole.PUBLISHER, StaffRole.REVIEWER, StaffRole.SUPERVISOR, StaffRole.AUDITOR)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is; read from counters, however many recipients it has."""

    state: CampaignState
    state_reason: str | None
    counts: Counts

    @property
    def is_over(self) -> bool:
        """Whether no number will change for anything still to be sent."""
        return self.state in FINAL and not self.counts.pending and not self.counts.queued


async def page(
    member: StaffMember,
    *,
    before: int | None = None,
    state: CampaignState | None = None,
    limit: int = PAGE,
) -> Sequence[Campaign]:
    """Campaigns, the newest first, those with an id below ``before``. Raises NotYourCampaign."""
    check_reader(member)
    found = Campaign.all() if state is None else Campaign.filter(state=state)
    if before is not None:
        found = found.filter(id__lt=before)
    return await found.order_by("-id").limit(limit)


async def one(member: StaffMember, campaign_id: int) -> Campaign:
    """A campaign. Raises NotYourCampaign or CampaignNotFound."""
    check_reader(member)
    campaign = await Campaign.get_or_none(id=campaign_id)
    if campaign is None:
        raise CampaignNotFound
    return campaign


async def progress(member: StaffMember, campaign_id: int) -> Progress:
    """How far a campaign is. Raises NotYourCampaign or CampaignNotFound."""
    return await progress_of(await one(member, campaign_id))


async def progress_of(campaign: Campaign) -> Progress:
    """How far a campaign is that was just read; its state is the one that was read."""
    return Progress(campaign.state, campaign.state_reason, await tally.counts(campaign.id))


async def pulse(campaign_id: int) -> object:
    """What differs as soon as anything of a campaign did; says nothing of it to anybody."""
    version = await Campaign.filter(id=campaign_id).values_list("version", flat=True)
    errand = await last_errand(campaign_id)
    stage = errand and (errand.id, errand.begun_at, errand.ended_at)
    return version, stage, (await tally.counts(campaign_id)).rows


async def last_errand(campaign_id: int) -> CampaignErrand | None:
    """What the worker was last asked to do with a campaign, and what became of it."""
    return await CampaignErrand.filter(campaign_id=campaign_id).order_by("-id").first()


async def history(member: StaffMember, campaign_id: int) -> Sequence[CampaignEvent]:
    """What happened to a campaign, the oldest first. Raises NotYourCampaign or CampaignNotFound."""
    await one(member, campaign_id)
    return await CampaignEvent.filter(campaign_id=campaign_id).order_by("id")


def check_reader(member: StaffMember) -> None:
    """Raises NotYourCampaign for whoever has nothing to do with campaigns."""
    if not any(staff.may(member, role, None) for role in _READERS):
        raise NotYourCampaign
