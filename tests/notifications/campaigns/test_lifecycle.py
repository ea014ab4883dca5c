"""From the draft to the approval: who may, what is checked, and what stays as it was approved."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.domain.accounts.models import StaffRole
from app.kit import audit, clock, db
from notifications.campaigns import lifecycle, queries
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.errors import (
    AudienceChanged,
    CampaignChanged,
    CampaignInvalid,
    CampaignNotFound,
    IllegalDeed,
    MomentPassed,
    NotYourCampaign,
    OwnCampaign,
    WordingChanged,
)
from notifications.campaigns.models import Campaign, CampaignState, Product
from tests.notifications.campaigns.conftest import NOON, Office, delivered, later, member


async def test_a_campaign_goes_from_draft_to_approval_and_each_step_is_written_down(office: Office) -> None:
    await office.people(3)
    campaign = await office.launched()
    events = await queries.history(office.reviewer, campaign.id)
    steps = [(event.to_state.value, event.actor) for event in events]
    author, reviewer = office.author.caller_id, office.reviewer.caller_id
    by_author = [(state, author) for state in ("draft", "dry_run", "pending")]
    assert steps == [*by_author, ("approved", reviewer), ("canary", reviewer)]
    rows = await db.fetch("SELECT action, actor FROM audit_entry WHERE target = $1 ORDER BY id", "campaign:1")
    assert [row["action"] for row in rows] == [
        "campaign.created", "campaign.tried_out", "campaign.submitted", "campaign.approved"
    ]  # fmt: skip
    assert await audit.verify() == 4


async def test_an_author_approves_what_is_small_and_nobody_their_own_large_one(office: Office) -> None:
    people = await office.people(100)
    small = await lifecycle.approve(office.author, (await office.pending()).id, office.messages)
    assert small.state is CampaignState.CANARY
    await office.people(1)
    large = await office.pending()
    assert large.audience_size == len(people) + 1
    both = member(StaffRole.PUBLISHER, StaffRole.REVIEWER)
    author_too = type(both)(office.author.id, both.session_id, "x", "x", both.posts, False)
    with pytest.raises(OwnCampaign):
        await lifecycle.approve(author_too, large.id, office.messages)
    await lifecycle.approve(office.reviewer, large.id, office.messages)


async def test_the_database_itself_refuses_an_author_as_approver(office: Office) -> None:
    await office.people(101)
    campaign = await office.pending()
    with pytest.raises(asyncpg.CheckViolationError, match="campaign_two_people"):
        await db.execute("UPDATE campaign SET approver_id = author_id WHERE id = $1", campaign.id)


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("state = 'approved'", "campaign_approved"),
        ("state = 'running', approver_id = gen_random_uuid()", "campaign_launched"),
        ("state = 'scheduled', approver_id = gen_random_uuid()", "campaign_scheduled"),
        ("state = 'gone', approver_id = gen_random_uuid()", "campaign_state"),
        ("dry_run = NULL", "campaign_tried_out"),
        ("closed_at = now()", "campaign_closed"),
        ("message = NULL", "campaign_product"),
    ],
)
async def test_the_database_knows_what_a_state_needs(office: Office, change: str, guard: str) -> None:
    await office.people(3)
    campaign = await office.pending()
    with pytest.raises(asyncpg.CheckViolationError, match=guard):
        await db.execute(f"UPDATE campaign SET {change} WHERE id = $1", campaign.id)  # noqa: S608  Ours.


@pytest.mark.parametrize(
    "change",
    ["message = 'digest'", "params = '{}'", "audience = '{}'", "message_version = 9", "lane = 1"],
)
async def test_what_was_approved_stays_as_it_was_approved(office: Office, change: str) -> None:
    await office.people(3)
    campaign = await office.launched()
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute(f"UPDATE campaign SET {change} WHERE id = $1", campaign.id)  # noqa: S608  Ours.


async def test_only_publishers_write_and_only_reviewers_judge(office: Office) -> None:
    await office.people(101)
    clerk, reviewer = member(StaffRole.CLERK), office.reviewer
    with pytest.raises(NotYourCampaign):
        await lifecycle.create(reviewer, NewCampaign("x", {"everyone": True}), office.messages)
    campaign = await office.pending()
    for deed in (
        lifecycle.approve(clerk, campaign.id, office.messages),
        lifecycle.approve(member(StaffRole.PUBLISHER), campaign.id, office.messages),
        lifecycle.refuse(office.author, campaign.id, "no"),
        lifecycle.cancel(clerk, campaign.id, "no"),
        queries.one(clerk, campaign.id),
        queries.page(clerk),
    ):
        with pytest.raises(NotYourCampaign):
            await deed
    assert (await Campaign.get()).state is CampaignState.PENDING


async def test_a_refused_one_is_a_draft_again_and_has_to_be_tried_out_anew(office: Office) -> None:
    await office.people(3)
    campaign = await office.pending()
    refused = await lifecycle.refuse(office.reviewer, campaign.id, "所属期不对")
    assert (refused.state, refused.state_reason) == (CampaignState.DRAFT, "所属期不对")
    with pytest.raises(IllegalDeed):
        await lifecycle.submit(office.author, campaign.id)
    await office.try_out(campaign)
    await lifecycle.submit(office.author, campaign.id)


async def test_an_edit_voids_the_dry_run_and_is_too_late_after_submission(office: Office) -> None:
    await office.people(3)
    campaign = await office.tried()
    new = NewCampaign("另一个", {"tags": ["重点企业"]}, message="tax_reminder", params={"tax": "契税"})
    edited = await lifecycle.edit(office.author, campaign.id, new, office.messages)
    assert (edited.state, edited.name) == (CampaignState.DRAFT, "另一个")
    assert not edited.dry_run
    assert (await office.counts(campaign)).total == 0
    pending = await office.pending()
    with pytest.raises(IllegalDeed):
        await lifecycle.edit(office.author, pending.id, new, office.messages)


async def test_an_audience_that_has_changed_is_not_approved_unseen(office: Office) -> None:
    people = await office.people(20)
    campaign = await office.pending()
    await db.execute("DELETE FROM person_tag WHERE person_id = ANY ($1)", people[:2])
    await office.people(1)
    with pytest.raises(AudienceChanged):
        await lifecycle.approve(office.reviewer, campaign.id, office.messages)
    await db.execute("DELETE FROM person_tag WHERE person_id <> ALL ($1)", people)
    await lifecycle.approve(office.reviewer, campaign.id, office.messages)
    assert (await office.counts(campaign)).total == 20, "those the approver saw, and nobody else"


async def test_wording_that_has_changed_is_not_approved_unseen(office: Office) -> None:
    await office.people(3)
    campaign = await office.pending()
    await db.execute("UPDATE campaign SET message_version = 7 WHERE id = $1", campaign.id)
    with pytest.raises(WordingChanged):
        await lifecycle.approve(office.reviewer, campaign.id, office.messages)


async def test_of_two_who_act_at_once_one_is_told_so(office: Office) -> None:
    await office.people(3)
    seen = await office.pending()
    await lifecycle.refuse(office.reviewer, seen.id, "no")
    async with db.transaction():
        with pytest.raises(CampaignChanged):
            await lifecycle.move(seen, CampaignState.APPROVED, "system", None, approver_id=office.reviewer.id)


async def test_a_scheduled_one_waits_for_its_date_over_midnight(office: Office) -> None:
    await office.people(3)
    at = datetime(2026, 9, 30, 23, 59, 59, tzinfo=clock.SHANGHAI)
    campaign = await office.launched(scheduled_at=at)
    assert campaign.state is CampaignState.SCHEDULED
    with clock.frozen(at - timedelta(seconds=1)):
        assert await office.turn() == 0
    with clock.frozen(at + timedelta(seconds=1)):
        await office.turn()
        found = await Campaign.get(id=campaign.id)
        assert (found.state, found.launched_at) == (CampaignState.CANARY, clock.now())


async def test_a_worker_that_slept_over_the_date_begins_unless_it_is_worth_nothing_any_more(
    office: Office,
) -> None:
    await office.people(3)
    late = await office.launched(scheduled_at=later(hours=1))
    stale = await office.launched(scheduled_at=later(hours=1), expires_at=later(hours=2))
    with clock.frozen(later(hours=3)):
        await office.turn(2)
    assert (await Campaign.get(id=late.id)).state is CampaignState.CANARY
    assert (await Campaign.get(id=stale.id)).state is CampaignState.EXPIRED
    assert await office.states(stale) == {"cancelled": 3}


async def test_a_date_in_the_past_is_refused_when_it_is_set_and_when_it_is_approved(office: Office) -> None:
    await office.people(3)
    with pytest.raises(CampaignInvalid):
        await office.draft(scheduled_at=later(seconds=-1))
    campaign = await office.pending(scheduled_at=later(hours=1))
    with pytest.raises(MomentPassed):
        await lifecycle.schedule(office.author, campaign.id, NOON)
    with clock.frozen(later(hours=1)), pytest.raises(MomentPassed):
        await lifecycle.approve(office.reviewer, campaign.id, office.messages)
    await lifecycle.schedule(office.author, campaign.id, None)
    await lifecycle.approve(office.reviewer, campaign.id, office.messages)


async def test_the_date_of_an_approved_one_may_be_moved_but_not_removed(office: Office) -> None:
    await office.people(3)
    campaign = await office.launched(scheduled_at=later(hours=1))
    await lifecycle.schedule(office.reviewer, campaign.id, later(hours=5))
    with clock.frozen(later(hours=2)):
        assert await office.turn() == 0
    with pytest.raises(IllegalDeed):
        await lifecycle.schedule(office.reviewer, campaign.id, None)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"name": " "}, "name"),
        ({"message": "nothing"}, "message"),
        ({"params": {"hall": "天河"}}, "params.hall"),
        ({"params": {"tax": ""}}, "params.tax"),
        ({"params": {"tax": "增值税\0"}}, "params.tax"),
        ({"name": "九月\x01提醒"}, "name"),
        ({"product": Product.MASS, "message": None, "params": {}, "content": "全体注意"}, "content"),
        ({"audience": {}}, "audience.audience"),
        ({"audience": {"moon": [1]}}, "audience.moon"),
        ({"content": {"kind": "text"}}, "content"),
        ({"scheduled_at": NOON + timedelta(2), "expires_at": NOON + timedelta(1)}, "scheduled_at"),
    ],
)
async def test_a_draft_that_cannot_be_understood_names_each_fault(
    office: Office, said: dict[str, Any], place: str
) -> None:
    with pytest.raises(CampaignInvalid) as invalid:
        await office.draft(**said)
    assert place in invalid.value.fields


async def test_campaigns_are_bulk_and_statutory_notices_keep_their_lane(office: Office) -> None:
    assert (await office.draft()).lane == 2
    assert (await office.draft(message="document_served", params={})).lane == 1
    assert (await office.draft(message="appointment_cancelled", params={})).lane == 2


async def test_the_list_is_read_page_by_page_newest_first(office: Office) -> None:
    made = [(await office.draft(name=f"第{n}个")).id for n in range(5)]
    first = await queries.page(office.author, limit=3)
    rest = await queries.page(office.author, before=first[-1].id, limit=3)
    assert [one.id for one in (*first, *rest)] == made[::-1]
    assert await queries.page(office.author, state=CampaignState.RUNNING) == []
    with pytest.raises(CampaignNotFound):
        await queries.one(office.author, 99)


async def test_who_leaves_is_called_off_and_nothing_of_theirs_is_kept(office: Office) -> None:
    from notifications.campaigns import people as recipients

    leaver, told = await office.people(2)
    campaign = await office.launched()
    await db.execute('UPDATE campaign_recipient SET params = \'{"tax": "x"}\'')
    await recipients.forget(leaver)
    await office.work_off(delivered, campaign)
    assert await office.states(campaign) == {"cancelled": 1, "delivered": 1}
    row = await db.fetch_one(
        "SELECT params, because, reason FROM campaign_recipient WHERE person_id = $1", leaver
    )
    assert row is not None
    assert tuple(row) == (None, "", "gone")
    assert await recipients.export(leaver) == []
    assert [one["state"] for one in await recipients.export(told)] == ["delivered"]


async def test_an_audience_may_leave_out_whom_another_campaign_has_told(office: Office) -> None:
    await office.people(4)
    first = await office.launched()
    await office.work_off(delivered, first)
    await office.people(2)
    second = await office.tried(audience={"tags": ["重点企业"], "exclude": {"told_by_campaign": [first.id]}})
    assert second.audience_size == 2


async def test_history_of_a_campaign_refuses_to_be_rewritten(office: Office) -> None:
    await office.draft()
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute("UPDATE campaign_event SET why = 'x'")
