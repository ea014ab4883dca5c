"""A published year becomes a campaign to the agents of the enterprises that were rated."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.accounts.models import AgentRole, BindingStatus
from app.domain.audiences.lists import AGENTS
from app.domain.audiences.models import PersonTag
from app.domain.credit_ratings.errors import ReleaseNotReady
from app.kit import clock, db
from notifications import credit
from notifications.campaigns import lifecycle, trying_out
from notifications.campaigns.errors import NotYourCampaign
from notifications.campaigns.models import CampaignState
from tests.factories import accounts, audiences
from tests.factories import credit as make
from tests.notifications.campaigns.conftest import Office, delivered, office

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


async def test_from_the_file_to_the_message_only_those_who_act_for_a_rated_enterprise_are_told(
    office: Office, tmp_path: Path
) -> None:
    """Nobody who collects invoices, whose binding ended or expired, or whose enterprise was not rated."""
    people = await office.people(7)
    await PersonTag.all().delete()
    rated, other = [await audiences.enterprise(accounts.uscc_number(n)) for n in (1, 2)]
    for role, person in zip(AGENTS, people, strict=False):
        await audiences.bind(person, rated, role)
    await audiences.bind(people[3], rated, AgentRole.INVOICE_COLLECTOR)
    await audiences.bind(people[4], other)
    await audiences.bind(people[5], rated, expires_on=clock.today() - timedelta(days=1))
    await audiences.bind(people[6], rated, status=BindingStatus.UNBOUND)
    await make.published(tmp_path, [make.row(1, "D", "12"), make.row(9)])
    campaign = await credit.release_campaign(office.author, 2025, office.messages)
    await office.try_out(campaign)
    await lifecycle.submit(office.author, campaign.id)
    campaign = await lifecycle.approve(office.reviewer, campaign.id, office.messages)
    ended = await office.work_off(delivered, campaign)
    assert ended.state is CampaignState.FINISHED
    heard = await db.fetch("SELECT person_id FROM notification")
    assert sorted(row["person_id"] for row in heard) == sorted(people[:3])


async def test_a_year_that_is_not_published_is_not_told(office: Office, tmp_path: Path) -> None:
    with pytest.raises(ReleaseNotReady):
        await credit.release_campaign(office.author, 2025, office.messages)
    await make.published(tmp_path, [make.row(1)])
    with pytest.raises(NotYourCampaign):
        await credit.release_campaign(office.reviewer, 2025, office.messages)
