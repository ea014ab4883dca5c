"""Try-outs and approvals by the worker: asked once, done once, in the name of who may still do them."""

import asyncio
import contextvars
from typing import Any

import asyncpg
import pytest

from app.domain.accounts import staff, staffing
from app.domain.accounts.models import Staff, StaffPost, StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.kit import audit, clock, db, ids
from notifications.campaigns import errands, lifecycle, long_statements, queries, trying_out
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.errors import CampaignBusy, IllegalDeed, NotYourCampaign, OwnCampaign
from notifications.campaigns.models import Campaign, CampaignErrand, CampaignState, ErrandDeed
from tests.factories.errands import do_errands
from tests.notifications.campaigns.conftest import FACTS, Office, member

TRY_OUT, APPROVE = ErrandDeed.TRY_OUT, ErrandDeed.APPROVE


async def at_work(name: str, role: StaffRole) -> StaffMember:
    """Somebody of whom the house knows, with a password of their own."""
    given = await staffing.hire(name, name, Post(role))
    await Staff.filter(id=given.staff_id).update(must_change_password=False)
    found = await staff.as_of_now(given.staff_id, ids.uuid7())
    assert found is not None
    return found


@pytest.fixture
async def desk(office: Office) -> Office:
    """The office, with people whom the worker finds when it acts for them."""
    office.author = await at_work("ni-gao", StaffRole.PUBLISHER)
    office.reviewer = await at_work("shen-pi", StaffRole.REVIEWER)
    return office


async def last(campaign: Campaign) -> CampaignErrand:
    found = await queries.last_errand(campaign.id)
    assert found is not None
    return found


async def state_of(campaign: Campaign) -> CampaignState:
    return (await Campaign.get(id=campaign.id)).state


async def jobs_waiting() -> int:
    found: int = await db.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", errands.DO_JOB)
    return found


def renamed() -> NewCampaign:
    facts = {**FACTS, "tax": "契税"}
    return NewCampaign("改过", {"tags": ["重点企业"]}, message="tax_reminder", params=facts)


async def test_both_deeds_are_done_by_the_worker_in_the_name_of_who_asked(desk: Office) -> None:
    await desk.people(3)
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    assert (await state_of(campaign), await jobs_waiting()) == (CampaignState.DRAFT, 1)
    await do_errands()
    await lifecycle.submit(desk.author, campaign.id)
    await errands.ask(desk.reviewer, campaign.id, APPROVE)
    await do_errands()
    assert await state_of(campaign) is CampaignState.CANARY
    by = {event.to_state: event.actor for event in await queries.history(desk.author, campaign.id)}
    assert by[CampaignState.DRY_RUN] == desk.author.caller_id
    assert by[CampaignState.APPROVED] == desk.reviewer.caller_id
    errand = await last(campaign)
    assert errand.begun_at is not None
    assert (errand.ended_at, errand.refusal) == (clock.now(), None)


async def test_what_is_plainly_wrong_is_refused_when_it_is_asked(desk: Office) -> None:
    await desk.people(101)
    campaign = await desk.draft()
    with pytest.raises(IllegalDeed):
        await errands.ask(desk.reviewer, campaign.id, APPROVE)
    with pytest.raises(NotYourCampaign):
        await errands.ask(desk.reviewer, campaign.id, TRY_OUT)
    pending = await desk.pending()
    with pytest.raises(OwnCampaign):
        await errands.ask(desk.author, pending.id, APPROVE)
    with pytest.raises(NotYourCampaign):
        await errands.ask(member(StaffRole.SUPERVISOR), pending.id, APPROVE)
    assert not await CampaignErrand.all().exists()
    assert await jobs_waiting() == 0


async def test_of_several_who_ask_at_once_one_is_heard(desk: Office) -> None:
    await desk.people(1)
    campaign = await desk.draft()
    asked = await asyncio.gather(
        *(errands.ask(desk.author, campaign.id, TRY_OUT) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in asked) == ["CampaignBusy"] * 3 + ["NoneType"]
    assert await jobs_waiting() == 1
    await errands.ask(desk.author, (await desk.draft()).id, TRY_OUT)


async def test_the_database_itself_holds_one_open_errand_a_campaign(desk: Office) -> None:
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    again = (
        "INSERT INTO campaign_errand (campaign_id, deed, version, member_id, session_id, asked_at)"
        " SELECT campaign_id, deed, version, member_id, session_id, asked_at FROM campaign_errand"
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="campaign_errand_open"):
        await db.execute(again)


async def test_a_refusal_is_how_it_ends_and_it_may_be_asked_again(desk: Office) -> None:
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    await do_errands()
    errand = await last(campaign)
    assert errand.refusal_code == "campaign_empty"
    assert "受众里没有人" in (errand.refusal or "")
    lost = await desk.draft(audience={"lists": [99]})
    await errands.ask(desk.author, lost.id, TRY_OUT)
    await do_errands()
    assert "99" in ((await last(lost)).refusal or ""), "the reasons of fields are told with it"
    await desk.people(1)
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    await do_errands()
    assert await state_of(campaign) is CampaignState.DRY_RUN


async def test_a_job_run_twice_does_its_deed_once(desk: Office) -> None:
    await desk.people(2)
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    asked = {"errand_id": (await last(campaign)).id}
    await asyncio.gather(errands.run(asked), errands.run(asked))
    await errands.run(asked)
    steps = [event.to_state for event in await queries.history(desk.author, campaign.id)]
    assert steps == [CampaignState.DRAFT, CampaignState.DRY_RUN]
    assert (await last(campaign)).refusal is None


async def test_a_worker_that_broke_off_leaves_the_errand_to_the_next(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.people(2)
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    whole = trying_out.try_out

    async def dies(*words: Any) -> None:
        await whole(*words)
        raise ConnectionError

    monkeypatch.setattr(trying_out, "try_out", dies)
    with pytest.raises(ConnectionError):
        await do_errands()
    errand = await last(campaign)
    assert errand.begun_at is not None
    assert errand.ended_at is None
    assert await state_of(campaign) is CampaignState.DRAFT, "half a deed is none"
    monkeypatch.undo()
    await do_errands()
    assert await state_of(campaign) is CampaignState.DRY_RUN


@pytest.mark.parametrize(
    ("leaves", "told"), [("house", "campaign_asker_gone"), ("post", "campaign_not_allowed")]
)
async def test_who_leaves_before_it_is_done_has_asked_in_vain(desk: Office, leaves: str, told: str) -> None:
    await desk.people(1)
    campaign = await desk.pending()
    await errands.ask(desk.reviewer, campaign.id, APPROVE)
    if leaves == "house":
        await Staff.filter(id=desk.reviewer.id).update(is_active=False)
    else:
        await StaffPost.filter(staff_id=desk.reviewer.id).delete()
    await do_errands()
    assert await state_of(campaign) is CampaignState.PENDING
    assert (await last(campaign)).refusal_code == told


async def test_what_was_changed_meanwhile_is_not_approved_unseen(desk: Office) -> None:
    await desk.people(3)
    campaign = await desk.pending()
    await errands.ask(desk.reviewer, campaign.id, APPROVE)
    await lifecycle.refuse(desk.reviewer, campaign.id, "税种写错了")
    await lifecycle.edit(desk.author, campaign.id, renamed(), desk.messages)
    await desk.try_out(campaign)
    await lifecycle.submit(desk.author, campaign.id)
    await do_errands()
    assert await state_of(campaign) is CampaignState.PENDING
    assert (await last(campaign)).refusal_code == "campaign_changed"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Audiences take a minute to be written down; set once one is."""
    begun = asyncio.Event()
    at_once = long_statements.execute

    async def execute(sql: str, *args: Any) -> int:
        if sql.startswith("INSERT"):
            begun.set()
            await long_statements.fetch("SELECT pg_sleep(60)")
        return await at_once(sql, *args)

    monkeypatch.setattr(long_statements, "execute", execute)
    return begun


async def test_while_it_runs_other_deeds_are_told_to_wait(desk: Office, begun: asyncio.Event) -> None:
    await desk.people(1)
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    running = asyncio.create_task(do_errands())
    await asyncio.wait_for(begun.wait(), 5)
    deeds = (
        lifecycle.cancel(desk.author, campaign.id, "不发了"),
        lifecycle.edit(desk.author, campaign.id, renamed(), desk.messages),
        errands.ask(desk.author, campaign.id, TRY_OUT),
        # Another worker that was given the same job leaves it to its next attempt.
        errands.run({"errand_id": (await last(campaign)).id}),
    )
    told = await asyncio.gather(*deeds, return_exceptions=True)
    assert [type(one) for one in told] == [CampaignBusy] * len(deeds)
    running.cancel()
    await asyncio.wait({running})
    assert (await last(campaign)).ended_at is None


async def test_what_is_called_off_ends_at_once_and_changes_nothing(
    desk: Office, begun: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.people(1)
    campaign = await desk.draft()
    monkeypatch.setattr(errands, "_LOOK_S", 0.05)
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    running = asyncio.create_task(do_errands())
    await asyncio.wait_for(begun.wait(), 5)
    with pytest.raises(NotYourCampaign):
        await errands.call_off(member(StaffRole.SUPERVISOR), campaign.id)
    await errands.call_off(desk.reviewer, campaign.id)
    await asyncio.wait_for(running, 5)
    assert (await last(campaign)).refusal_code == "campaign_called_off"
    await lifecycle.cancel(desk.author, campaign.id, "不发了")
    history = await queries.history(desk.author, campaign.id)
    assert [event.to_state for event in history] == [CampaignState.DRAFT, CampaignState.CANCELLED]
    with pytest.raises(IllegalDeed):
        await errands.call_off(desk.author, campaign.id)
    rows = await db.fetch("SELECT actor FROM audit_entry WHERE action = 'campaign.try_out_called_off'")
    assert [row["actor"] for row in rows] == [desk.reviewer.caller_id]


async def test_who_calls_off_and_the_deed_never_wait_for_each_other(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.people(1)
    early, late = await desk.pending(), await desk.pending()
    whole, outside = lifecycle.approve, contextvars.copy_context()
    calling: list[asyncio.Task[None]] = []

    async def approve(*words: Any) -> Campaign:
        def call_off() -> asyncio.Task[None]:
            return asyncio.create_task(errands.call_off(desk.author, words[1]), context=outside)

        if words[1] == early.id:
            await call_off()
        approved = await whole(*words)
        if words[1] == late.id:
            # The deed holds the audit log now, and comes to its errand next.
            calling.append(call_off())
            await asyncio.sleep(0.2)
        return approved

    monkeypatch.setattr(lifecycle, "approve", approve)
    for campaign in (early, late):
        await errands.ask(desk.reviewer, campaign.id, APPROVE)
    await do_errands()
    assert await state_of(early) is CampaignState.PENDING, "what was done after it was called off is undone"
    assert (await last(early)).refusal_code == "campaign_called_off"
    assert await state_of(late) is CampaignState.CANARY
    (came,) = await asyncio.gather(*calling, return_exceptions=True)
    assert isinstance(came, IllegalDeed), "it came too late, and is told so"
    assert await audit.verify()


async def test_an_errand_that_nobody_takes_up_blocks_nothing(desk: Office) -> None:
    await desk.people(1)
    campaign = await desk.draft()
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    lost = await last(campaign)
    await errands.call_off(desk.author, campaign.id)
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    await errands.run({"errand_id": lost.id})
    assert await state_of(campaign) is CampaignState.DRAFT
    await do_errands()
    assert await state_of(campaign) is CampaignState.DRY_RUN


@pytest.mark.usefixtures("begun")
async def test_a_statement_that_takes_too_long_is_a_refusal(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.people(1)
    campaign = await desk.draft()
    monkeypatch.setattr(long_statements, "_PATIENCE", "SET LOCAL statement_timeout = '50ms'")
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    await do_errands()
    assert (await last(campaign)).refusal_code == "campaign_too_large"
    assert await state_of(campaign) is CampaignState.DRAFT


async def test_an_open_page_hears_that_something_changed(desk: Office) -> None:
    campaign = await desk.draft()
    heard = [await queries.pulse(campaign.id)]
    await errands.ask(desk.author, campaign.id, TRY_OUT)
    heard.append(await queries.pulse(campaign.id))
    await do_errands()
    heard.append(await queries.pulse(campaign.id))
    assert len({str(one) for one in heard}) == 3
