"""The report adds up: state, reason, region, hour and channel tell of the same people, at the same moment."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.halls.models import Region
from app.kit import clock, db
from notifications.campaigns import reports
from notifications.campaigns.errors import NotYourCampaign
from notifications.campaigns.models import Campaign, RecipientState
from tests.notifications.campaigns.conftest import NOON, Office, delivered, failed, member

_STATES = ("pending", "queued", "sent", "delivered", "failed", "unknown", "inbox_only", "cancelled")


async def _scattered(office: Office, people: int = 120) -> Campaign:
    """A campaign whose recipients are in all states, regions and hours."""
    await office.people(people)
    campaign = await office.tried()
    for code, name in (("440106000000", "天河区"), ("440111000000", "白云区")):
        await Region.create(code=code, name=name, level=3, pinyin="", initials="")
    rows = await db.fetch("SELECT person_id FROM campaign_recipient WHERE campaign_id = $1", campaign.id)
    draw = Random(7)
    for row in rows:
        state = draw.choice(_STATES)
        await db.execute(
            "UPDATE campaign_recipient SET state = $3, reason = $4, channel = $5, region_code = $6,"
            " settled_at = $7 WHERE campaign_id = $1 AND person_id = $2",
            campaign.id, row["person_id"], state,
            draw.choice(["43004", "other"]) if state == "failed" else None,
            draw.choice(["template", "subscribe"]) if state in ("sent", "delivered", "failed") else None,
            draw.choice(["440106001000", "440106000000", "440111000000", None]),
            NOON + timedelta(minutes=draw.randrange(300)) if state != "pending" else None,
        )  # fmt: skip
    return campaign


async def test_every_list_adds_up_to_the_counters(office: Office) -> None:
    campaign = await _scattered(office)
    found = await reports.report(office.author, campaign.id)
    assert found.total == 120
    for lines in (found.regions, found.hours, found.channels):
        summed = {state: sum(line.people.get(state, 0) for line in lines) for state in RecipientState}
        assert {state: people for state, people in summed.items() if people} == dict(found.people)
    reasons = sum(one.people for one in found.failures if one.state is RecipientState.FAILED)
    assert reasons == found.people[RecipientState.FAILED]


async def test_counties_are_named_and_towns_belong_to_them(office: Office) -> None:
    campaign = await _scattered(office)
    found = await reports.report(office.author, campaign.id)
    assert [line.label for line in found.regions] == ["天河区", "白云区", "未知"]


async def test_hours_are_those_of_shanghai(office: Office) -> None:
    await office.people(30)
    campaign = await office.launched()
    with clock.frozen(NOON.replace(hour=0, minute=30)):
        await office.work_off(delivered, campaign)
    found = await reports.report(office.author, campaign.id)
    assert [(line.label, line.total) for line in found.hours] == [("2026-09-09 00:00", 30)]
    assert [line.label for line in found.channels] == ["公众号模板消息"]


async def test_failures_are_told_in_words(office: Office) -> None:
    await office.people(30)
    campaign = await office.launched()
    await office.turn()
    await office.settle(failed(47003))
    found = await reports.report(office.author, campaign.id)
    (failure,) = [one for one in found.failures if one.reason == "47003"]
    assert (failure.words, failure.people) == ("内容不符合模板字段的要求", 20)


async def test_the_report_is_of_one_moment_while_everything_moves(office: Office) -> None:
    campaign = await _scattered(office)

    async def move() -> None:
        for turn in range(30):
            await db.execute(
                "UPDATE campaign_recipient SET state = $2, reason = NULL"
                " WHERE campaign_id = $1 AND person_id IN (SELECT person_id FROM campaign_recipient"
                "  WHERE campaign_id = $1 ORDER BY random() LIMIT 10)",
                campaign.id, _STATES[turn % 4],
            )  # fmt: skip

    moving = asyncio.create_task(move())
    while not moving.done():
        found = await reports.report(office.author, campaign.id)
        summed = {state: sum(line.people.get(state, 0) for line in found.channels) for state in found.people}
        assert summed == dict(found.people)
    await moving


async def test_only_who_may_read_campaigns_gets_a_report(office: Office) -> None:
    campaign = await _scattered(office, 3)
    with pytest.raises(NotYourCampaign):
        await reports.report(member(StaffRole.CLERK), campaign.id)
    assert (await reports.report(member(StaffRole.AUDITOR), campaign.id)).total == 3
