"""Campaigns lose what they say of single people when their messages lose their content."""

import pytest

from app.kit import clock, db
from notifications.campaigns import keeping, reports
from notifications.campaigns.models import Campaign
from tests.notifications.campaigns.conftest import Office, delivered, later


async def test_facts_and_samples_go_after_ninety_days_and_the_outcome_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_PAGE", 2)
    await office.people(5)
    campaign = await office.launched()
    await db.execute('UPDATE campaign_recipient SET params = \'{"tax": "车船税"}\'')
    ended = await office.work_off(delivered, campaign)
    assert ended.closed_at is not None
    with clock.frozen(later(days=90)):
        assert await keeping.reduce() == 0
    with clock.frozen(later(days=91)):
        assert await keeping.reduce() == 1
        assert await keeping.reduce() == 0
        assert (await reports.report(office.author, campaign.id)).people == {"delivered": 5}
    assert await db.fetch_value("SELECT count(*) FROM campaign_recipient WHERE params IS NOT NULL") == 0
    found = (await Campaign.get(id=campaign.id)).dry_run or {}
    assert (found["samples"], found["faults"], found["recipients"]) == ([], [], 5)


async def test_what_still_runs_keeps_what_it_needs(office: Office) -> None:
    await office.people(3)
    await office.launched()
    await db.execute("UPDATE campaign_recipient SET params = '{}'")
    with clock.frozen(later(days=400)):
        assert await keeping.reduce() == 0
