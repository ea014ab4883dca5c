"""Which posts a deed on a campaign takes."""

from collections.abc import Sequence
from typing import Final

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from notifications.campaigns.errors import NotYourCampaign

AUTHORS: Final = (StaffRole.PUBLISHER,)
REVIEWERS: Final = (StaffRole.REVIEWER,)
ANYBODY: Final = AUTHORS + REVIEWERS


def check(member: StaffMember, roles: Sequence[StaffRole]) -> None:
    """Raises NotYourCampaign for a member with none of these roles everywhere."""
    if not any(staff.may(member, role, None) for role in roles):
        raise NotYourCampaign
