"""A published year becomes a campaign to the agents of the enterprises that were rated."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.audiences.models import PersonTag
from app.domain.credit_ratings.errors import ReleaseNotReady
from app.kit import db
from notifications import credit
from notifications.campaigns import trying_out
from notifications.campaigns.errors import NotYourCampaign
from notifications.campaigns.models import CampaignState
from tests.factories import accounts, audiences
from tests.factories import credit as make
from tests.notifications.campaigns.conftest import Office, office

__all__ = ["office"]


@pytest.fixture(autouse=True)
async def _no_tables_left(db: None) -> AsyncIterator[None]:
    yield
    await make.forget_releases()


async def agents(office: Office, count: int) -> list[UUID]:
    """Followers who act for one enterprise each."""
    people = await office.people(count)
    await PersonTag.all().delete()
    for serial, one in enumerate(people, start=1):
        await audiences.bind(one, await audiences.enterprise(accounts.uscc_number(serial)))
    return people


async def test_the_release_is_told_to_whom_it_concerns(office: Office, tmp_path: Path) -> None:
    people = await agents(office, 3)
    await make.published(tmp_path, [make.row(1), make.row(2, "D", "12"), make.row(9)])
    campaign = await credit.release_campaign(office.author, 2025, office.messages)
    assert (campaign.state, campaign.message) == (CampaignState.DRAFT, credit.MESSAGE)
    assert campaign.params == {"rating_year": "2025年度", "published_on": "2026年9月9日"}
    tried = await trying_out.try_out(office.author, campaign.id, office.messages, office.ration)
    assert tried.audience_size == 2
    rows = await db.fetch("SELECT person_id, because FROM campaign_recipient ORDER BY person_id")
    assert {row["person_id"] for row in rows} == set(people[:2])
    assert {row["because"] for row in rows} == {"rated:2025"}


async def test_a_year_that_is_not_published_is_not_told(office: Office, tmp_path: Path) -> None:
    with pytest.raises(ReleaseNotReady):
        await credit.release_campaign(office.author, 2025, office.messages)
    await make.published(tmp_path, [make.row(1)])
    with pytest.raises(NotYourCampaign):
        await credit.release_campaign(office.reviewer, 2025, office.messages)
