"""Whether a campaign may be approved: by whom, when, and only as it was tried out."""

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import clock
from notifications.campaigns import expansion, posts, rules
from notifications.campaigns.drafts import is_statutory
from notifications.campaigns.errors import AudienceChanged, MomentPassed, WordingChanged
from notifications.campaigns.models import Campaign, CampaignState, Product
from notifications.messages import Messages


def check(member: StaffMember, campaign: Campaign) -> None:
    """Whether this member may approve it as it stands; its audience is not looked at.

    Raises IllegalDeed, OwnCampaign or NotYourCampaign; MomentPassed if its date or its worth has passed.
    """
    posts.check(member, posts.ANYBODY)
    rules.check_move(campaign.state, CampaignState.APPROVED)
    rules.check_approver(
        campaign.author_id,
        member.id,
        size=campaign.audience_size or 0,
        above=campaign.approval_above or 0,
        may_review=staff.may(member, StaffRole.REVIEWER, None),
    )
    now = clock.now()
    if campaign.scheduled_at is not None:
        rules.check_moment(campaign.scheduled_at, now, campaign.expires_at)
    if campaign.expires_at is not None and campaign.expires_at <= now:
        raise MomentPassed("群发任务已过失效时间，请退回修改")


async def check_as_tried_out(campaign: Campaign, messages: Messages) -> None:
    """Whether numbers and words of the dry run are still true. Raises AudienceChanged or WordingChanged."""
    if campaign.product is Product.TEMPLATE:
        await messages.refresh()
        if messages.kind(str(campaign.message)).version != campaign.message_version:
            raise WordingChanged
    added, gone = await expansion.changed(campaign, is_statutory=is_statutory(campaign, messages))
    if rules.is_changed(campaign.audience_size or 0, added, gone):
        raise AudienceChanged
