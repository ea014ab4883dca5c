"""An announcement goes out in calls: few first, each call once, whatever happens to worker and WeChat."""

from datetime import timedelta

import pytest
from asyncpg import CheckViolationError, UniqueViolationError

from app.gateways import wechat
from app.kit import clock, db
from notifications.campaigns import lifecycle
from notifications.campaigns.mass import gathering, ledger
from notifications.campaigns.mass_send import MassSends
from notifications.campaigns.models import Campaign, CampaignState
from tests.notifications.campaigns.conftest import NOON, later
from tests.notifications.campaigns.mass.conftest import PATH, MassStory


async def test_a_few_are_told_first_and_then_all_others(mass: MassStory) -> None:
    await mass.people(30)
    campaign = await mass.campaign()
    await mass.work(turns=2)
    assert [(batch["ord"], batch["size"], batch["state"]) for batch in await mass.batches()] == [
        (1, 20, "done")
    ]
    with clock.frozen(later(seconds=11)):
        await mass.work()
    assert await mass.states(campaign) == {("delivered", None): 30}
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.FINISHED
    assert await mass.phones(30) == [1] * 30
    assert await mass.months() == [1] * 30
    assert await db.fetch_value("SELECT count(*) FROM mass_recipient") == 0


async def test_nothing_follows_before_the_report_has_come(
    mass: MassStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST", 10)
    await mass.people(30)
    await mass.campaign()
    await mass.work(reported=False)
    with clock.frozen(later(minutes=9)):
        await mass.work(reported=False)
    assert [batch["size"] for batch in await mass.batches()] == [10]


async def test_a_report_that_stays_away_is_asked_for(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.work(reported=False)
    with clock.frozen(later(minutes=11)):
        await mass.work(reported=False)
    first, *_ = await mass.batches()
    assert (first["state"], first["result"]) == ("done", "send_success")
    assert (await mass.states(campaign))["sent", None] >= 20


async def test_an_early_and_a_doubled_report_do_no_harm(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.office.turn()
    await mass.sends.step()
    for _ in range(2):
        await mass.report()
    await mass.sends.step()
    await mass.sends.step()
    assert (await mass.states(campaign))["delivered", None] == 20


async def test_where_some_were_filtered_nobody_is_called_delivered(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.office.turn()
    await mass.sends.step()
    await mass.report(FilterCount=19, SentCount=19)
    await mass.sends.step()
    assert (await mass.states(campaign))["sent", None] == 20


async def test_a_text_wechat_takes_offence_at_stops_after_the_first_few(mass: MassStory) -> None:
    await mass.people(60)
    campaign = await mass.campaign()
    await mass.office.turn()
    await mass.sends.step()
    await mass.report("err(20001)")
    await mass.work(reported=False)
    assert (await mass.states(campaign))["failed", "mass_err_20001"] == 20
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.PAUSED
    assert await mass.months() == [0] * 20


async def test_nobody_gets_a_fifth_in_a_month(mass: MassStory) -> None:
    people = await mass.people(25)
    for _ in range(4):
        await ledger.spend(people[:5], ledger.this_month())
    campaign = await mass.campaign()
    await mass.work()
    with clock.frozen(later(seconds=11)):
        await mass.work()
    states = await mass.states(campaign)
    assert (states["cancelled", "month_used"], states["delivered", None]) == (5, 20)
    assert await ledger.spend(people[:1], ledger.this_month()) == set()
    with pytest.raises(CheckViolationError):
        await db.execute("UPDATE mass_month SET count = 5")


async def test_who_does_not_follow_is_not_called(mass: MassStory) -> None:
    await mass.people(25)
    await mass.office.people(3, follow=False)
    campaign = await mass.campaign()
    await mass.work()
    with clock.frozen(later(seconds=11)):
        await mass.work()
    assert (await mass.states(campaign))["cancelled", "unreachable"] == 3


@pytest.mark.parametrize("count", [21, 22, 23])
async def test_the_last_call_is_never_for_one_person(mass: MassStory, count: int) -> None:
    await mass.people(count)
    campaign = await mass.campaign()
    await mass.work()
    with clock.frozen(later(seconds=11)):
        await mass.work()
    assert await mass.states(campaign) == {("delivered", None): count}


async def test_one_person_alone_is_refused_with_the_reason(mass: MassStory) -> None:
    await mass.people(1)
    campaign = await mass.campaign()
    await mass.work()
    assert await mass.states(campaign) == {("cancelled", "too_few"): 1}


# Doubt ---------------------------------------------------------------------------------------


async def test_an_answer_that_was_lost_is_not_a_second_message(mass: MassStory) -> None:
    await mass.people(25)
    await mass.campaign()
    mass.fault(drop="after", times=1)
    await mass.work(turns=1, reported=False)
    (batch,) = await mass.batches()
    assert (batch["state"], batch["called_at"] is not None) == ("created", True)
    with clock.frozen(later(seconds=66)):
        await mass.work(turns=1, reported=False)
    (batch,) = await mass.batches()
    assert batch["state"] == "accepted"
    assert mass.running.sandbox.accepted.counts() == {batch["client_msg_id"]: 1}
    assert sorted(await mass.phones(25)) == [0] * 5 + [1] * 20


@pytest.mark.parametrize("state", ["claimed", "sending"])
async def test_a_dead_worker_s_call_is_made_by_another(mass: MassStory, state: str) -> None:
    await mass.people(25)
    await mass.campaign()
    await mass.office.turn()
    await db.execute(
        "UPDATE mass_batch SET state = $1, owner = gen_random_uuid(), lease_until = $2, called_at = $3",
        state, later(minutes=2), NOON if state == "sending" else None,
    )  # fmt: skip
    other = MassSends(wechat.current())
    with clock.frozen(later(minutes=1)):
        await other.step()
        assert mass.running.sandbox.calls[PATH] == 0
    with clock.frozen(later(minutes=3)):
        await other.step()
    assert [batch["state"] for batch in await mass.batches()] == ["accepted"]


async def test_a_doubt_that_lasts_a_day_stays_one(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    mass.fault(drop="before")
    await mass.work(turns=1, reported=False)
    with clock.frozen(later(hours=24)):
        await mass.sends.step()
        await mass.sends.step()
    assert (await mass.states(campaign))["unknown", None] == 20
    assert mass.running.sandbox.calls[PATH] <= 1


async def test_two_workers_make_one_call(mass: MassStory) -> None:
    await mass.people(25)
    await mass.campaign()
    await mass.office.turn()
    others = [MassSends(wechat.current()) for _ in range(3)]
    for one in others:
        await one.step()
    assert mass.running.sandbox.calls[PATH] == 1


async def test_the_database_lets_a_campaign_have_one_call_under_way(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.office.turn()
    with pytest.raises(UniqueViolationError):
        await db.execute(
            "INSERT INTO mass_batch (campaign_id, ord, way, size, month, client_msg_id, state, run_at,"
            " attempt, is_spread) VALUES ($1, 9, 'list', 2, '2026-09-01', 'x', 'created', now(), 0, false)",
            campaign.id,
        )


# Refusals ------------------------------------------------------------------------------------


async def test_no_quota_of_the_account_stops_the_campaign_and_keeps_the_call(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    mass.fault(errcode=45028, times=1)
    await mass.work(turns=1, reported=False)
    stopped = await Campaign.get(id=campaign.id)
    assert stopped.state is CampaignState.PAUSED
    assert "本月群发次数已用完" in str(stopped.state_reason)
    await lifecycle.resume(mass.office.author, campaign.id)
    await mass.work(turns=2)
    assert (await mass.states(campaign))["delivered", None] == 20


async def test_a_refused_content_fails_its_people_and_stops(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    mass.fault(errcode=45002, times=1)
    await mass.work(turns=2, reported=False)
    assert (await mass.states(campaign))["failed", "45002"] == 20
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.PAUSED


@pytest.mark.parametrize(("errcode", "wait"), [(42010, timedelta(seconds=65)), (45009, timedelta(hours=12))])
async def test_a_quota_is_waited_for(mass: MassStory, errcode: int, wait: timedelta) -> None:
    await mass.people(25)
    await mass.campaign()
    mass.fault(errcode=errcode, times=1)
    await mass.work(turns=1, reported=False)
    (batch,) = await mass.batches()
    assert (batch["state"], batch["run_at"], batch["attempt"]) == ("created", NOON + wait, 0)
    assert batch["called_at"] is None


# Stops ---------------------------------------------------------------------------------------


async def test_a_paused_campaign_makes_no_call(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.office.turn()
    await lifecycle.pause(mass.office.author, campaign.id, "再看看")
    await mass.work(reported=False)
    assert mass.running.sandbox.calls[PATH] == 0
    await lifecycle.resume(mass.office.author, campaign.id)
    await mass.work(turns=1, reported=False)
    assert mass.running.sandbox.calls[PATH] == 1


async def test_a_cancelled_campaign_calls_everybody_off(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.office.turn()
    await lifecycle.cancel(mass.office.author, campaign.id, "内容有误")
    await mass.work(reported=False)
    assert await mass.states(campaign) == {("cancelled", "cancelled"): 25}
    assert await mass.batches() == []
    assert await mass.months() == [0] * 20
    assert (await Campaign.get(id=campaign.id)).closed_at is not None


async def test_at_night_nobody_is_called(mass: MassStory) -> None:
    await mass.people(25)
    await mass.campaign()
    with clock.frozen(NOON.replace(hour=21)):
        await mass.work(reported=False)
        assert mass.running.sandbox.calls[PATH] == 0
    with clock.frozen(NOON.replace(hour=8) + timedelta(days=1)):
        await mass.work(turns=1, reported=False)
        assert mass.running.sandbox.calls[PATH] == 1


async def test_a_call_of_last_month_is_counted_in_this_one(mass: MassStory) -> None:
    await mass.people(25)
    campaign = await mass.campaign()
    with clock.frozen(NOON.replace(day=30)):
        await mass.office.turn()
    with clock.frozen(NOON.replace(month=10, day=1)):
        await mass.work(turns=2)
    assert (await mass.states(campaign))["delivered", None] == 20
    rows = await db.fetch("SELECT month, sum(count)::int AS told FROM mass_month GROUP BY 1 ORDER BY 1")
    assert [(row["month"].month, row["told"]) for row in rows] == [(9, 0), (10, 20)]


# Many ----------------------------------------------------------------------------------------


async def test_all_followers_are_reached_by_one_call(
    mass: MassStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_BY_LIST", 10)
    monkeypatch.setattr(gathering, "CHUNK", 10)
    await mass.people(25)
    campaign = await mass.campaign()
    await mass.work()
    (batch,) = await mass.batches()
    assert (batch["way"], batch["size"], batch["state"], batch["is_spread"]) == ("all", 25, "done", True)
    assert await mass.states(campaign) == {("delivered", None): 25}
    assert await mass.phones(25) == [1] * 25


async def test_a_call_to_all_is_not_made_if_it_reaches_anybody_else(
    mass: MassStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_BY_LIST", 10)
    (stranger,) = await mass.people(1, prefix="stranger")
    await db.execute("DELETE FROM person_tag WHERE person_id = $1", stranger)
    await mass.people(25)
    await mass.campaign()
    await mass.work(turns=2)
    assert {batch["way"] for batch in await mass.batches()} == {"list"}
    assert mass.phone(prefix="stranger") == []


async def test_a_group_is_reached_by_its_tag(mass: MassStory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOST_BY_LIST", 10)
    (stranger,) = await mass.people(1, prefix="stranger")
    await db.execute("DELETE FROM person_tag WHERE person_id = $1", stranger)
    people = await mass.people(25)
    await db.execute(
        "UPDATE follower_group SET taxpayer_group = 'natural_person' WHERE identity_id IN"
        " (SELECT id FROM wechat_identity WHERE person_id = ANY ($1))",
        people,
    )
    from app.domain.accounts import tagging

    await tagging.tag_followers()
    campaign = await mass.campaign()
    await mass.work()
    assert [(batch["way"], batch["tag"]) for batch in await mass.batches()] == [("tag", "natural_person")]
    assert await mass.states(campaign) == {("delivered", None): 25}
    assert mass.phone(prefix="stranger") == []
