"""Errands of campaigns, done as a worker would do them."""

from notifications.campaigns import errands
from notifications.campaigns.models import CampaignErrand


async def do_errands() -> None:
    """Do all that are open, the oldest first."""
    for errand in await CampaignErrand.filter(ended_at=None).order_by("id"):
        await errands.run({"errand_id": errand.id})
