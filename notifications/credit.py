"""The yearly release of credit ratings: a campaign to the agents of the enterprises that were rated."""

from typing import Final

from app.domain.accounts.staff import StaffMember
from app.domain.credit_ratings.errors import ReleaseNotReady
from app.domain.credit_ratings.models import CreditRelease, ReleaseState
from notifications.campaigns import lifecycle
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.models import Campaign
from notifications.messages import Messages

MESSAGE: Final = "credit_rating_published"


async def release_campaign(member: StaffMember, year: int, messages: Messages) -> Campaign:
    """A draft of the campaign for a published year; from then on it goes the way of every campaign.

    It is for those who act for a rated enterprise as legal representative, finance officer or tax agent.
    Raises NotYourCampaign, or ReleaseNotReady if the year is not published here.
    """
    release = await CreditRelease.get_or_none(year=year, state=ReleaseState.PUBLISHED)
    if release is None or release.published_on is None:
        raise ReleaseNotReady(f"{year} 年度的评价结果尚未发布，请先发布再通知")
    on = release.published_on
    new = NewCampaign(
        name=f"{year} 年度纳税缴费信用评价结果发布",
        audience={"rated_years": [year]},
        message=MESSAGE,
        params={"rating_year": f"{year}年度", "published_on": f"{on.year}年{on.month}月{on.day}日"},
    )
    return await lifecycle.create(member, new, messages)
