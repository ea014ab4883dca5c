"""The dry run says who would be reached how, how it reads, who brings bad facts, and how long it takes."""

import random
from collections import Counter
from typing import Any
from uuid import UUID

import orjson
import pytest

from app.domain.accounts import consents
from app.domain.accounts.consents import ELECTRONIC_SERVICE
from app.domain.audiences.errors import InvalidAudience
from app.kit import db, ids
from config import settings
from notifications import routing
from notifications.campaigns import lifecycle, outlook
from notifications.campaigns.errors import IllegalDeed, NobodyThere, WrongProduct
from notifications.campaigns.models import Campaign, CampaignState, Product
from notifications.campaigns.telling import worded
from notifications.routing import Telling
from tests.notifications.campaigns.conftest import FACTS, NOON, Office


async def with_own_facts(office: Office, facts: list[dict[str, Any] | None]) -> dict[str, Any]:
    """Followers on a list, each with facts of their own; answers the audience."""
    people = await office.people(len(facts))
    list_id = await db.fetch_value(
        "INSERT INTO audience_list (name, identity, facts, counts, created_by, created_at)"
        " VALUES ('x', 'uscc', '[]', '{}', 'system', now()) RETURNING id"
    )
    await db.execute(
        "INSERT INTO audience_list_row (list_id, person_id, row_number, params)"
        " SELECT $1, p, 2, f::jsonb FROM unnest($2::uuid[], $3::text[]) AS d (p, f)",
        list_id, people, [None if fact is None else orjson.dumps(fact).decode() for fact in facts],
    )  # fmt: skip
    return {"lists": [list_id]}


async def test_it_tells_numbers_channels_words_and_days(office: Office) -> None:
    await office.people(7)
    await office.people(2, follow=False)
    campaign = await office.tried()
    found: Any = campaign.dry_run
    assert (campaign.state, campaign.audience_size) == (CampaignState.DRY_RUN, 9)
    assert found["channels"] == {"template": 7}
    assert found["unreachable"] == {"no_channel": 2}
    assert (found["days"], found["faulty"]) == (1, 0)
    assert len(found["samples"]) == 5
    assert found["samples"][0]["lines"][0] == {"label": "税费种", "value": "增值税"}
    assert await db.fetch_value("SELECT count(*) FROM notification") == 0


async def test_the_quota_says_how_many_days_it_takes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    tight = settings.current().model_copy(update={"template_per_day": 10})
    monkeypatch.setattr(settings, "current", lambda: tight)
    await office.people(31)
    found: Any = (await office.tried()).dry_run
    # Six of ten a day are for bulk messages: the others wait for urgent and normal ones.
    assert found["forecast"]["template"]["per_day"] == 6
    assert found["days"] == 6


async def test_a_repeated_dry_run_counts_anew(office: Office) -> None:
    people = await office.people(5)
    campaign = await office.tried()
    await db.execute("DELETE FROM person_tag WHERE person_id = $1", people[0])
    again = await office.try_out(campaign)
    assert (again.audience_size, (await office.counts(again)).total) == (4, 4)


async def test_own_facts_are_filled_in_over_common_ones_and_the_longest_is_shown(office: Office) -> None:
    facts = [{"tax": "契税"}, {"tax": "城市维护建设税"}, None]
    campaign = await office.tried(audience=await with_own_facts(office, facts))
    found: Any = campaign.dry_run
    assert found["samples"][0]["lines"][0]["value"] == "城市维护建设税"
    assert {one["lines"][0]["value"] for one in found["samples"]} == {"契税", "城市维护建设税", "增值税"}


async def test_who_brings_too_few_or_bad_facts_is_counted_and_named(office: Office) -> None:
    facts = [{"tax": "增值税"}, {"tax": " "}, None, {"tax": "增值税"}, {"tax": "增值税"}]
    audience = await with_own_facts(office, facts)
    params = {name: value for name, value in FACTS.items() if name != "tax"}
    found: Any = (await office.tried(audience=audience, params=params)).dry_run
    assert (found["faulty"], len(found["faults"])) == (2, 2)
    assert "tax" in found["faults"][0]["reason"]


async def test_of_very_many_different_facts_the_missing_are_still_counted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "MOST_TRIED", 2)
    facts = [{"tax": "甲"}, {"tax": "乙"}, {"tax": "丙"}, {"tax": ""}, {}, None]
    params = {name: value for name, value in FACTS.items() if name != "tax"}
    found: Any = (await office.tried(audience=await with_own_facts(office, facts), params=params)).dry_run
    assert (found["faulty"], found["is_checked_in_full"]) == (3, False)


async def test_nobody_is_no_audience(office: Office) -> None:
    campaign = await office.draft()
    with pytest.raises(NobodyThere):
        await office.try_out(campaign)
    with pytest.raises(InvalidAudience):
        await office.tried(audience={"lists": [99]})
    assert (await Campaign.get(id=campaign.id)).state is CampaignState.DRAFT


async def test_an_announcement_by_template_is_refused_with_the_way_out(office: Office) -> None:
    await office.people(3)
    with pytest.raises(WrongProduct, match="群发"):
        await office.tried(audience={"everyone": True})
    with pytest.raises(WrongProduct, match="红包"):
        await office.tried(params=FACTS | {"tax": "红包税"})


async def test_a_submitted_one_is_not_tried_out_any_more(office: Office) -> None:
    await office.people(3)
    campaign = await office.pending()
    with pytest.raises(IllegalDeed):
        await office.try_out(campaign)


async def _drawn(count: int, message: str, template_id: str) -> list[UUID]:
    """Persons about whom all the facts that routing asks for are drawn by chance."""
    chosen = settings.current()
    people = [ids.uuid7() for _ in range(count)]
    for person in people:
        verified = random.random() < 0.5
        await db.execute(
            "INSERT INTO person (id, level, status, phone_sealed, phone_verified_at)"
            " VALUES ($1, 'wx_bound', $2, $3, $4)",
            person, random.choice(["active", "active", "active", "deleted"]),
            random.choice(["sealed", None]), NOON if verified else None,
        )  # fmt: skip
        for appid in (chosen.oa_appid, chosen.mp_appid):
            if random.random() < 0.7:
                await db.execute(
                    "INSERT INTO wechat_identity (person_id, appid, openid, is_follower)"
                    " VALUES ($1, $2, $3, $4)",
                    person, appid, str(person), appid == chosen.oa_appid and random.random() < 0.7,
                )  # fmt: skip
        for is_long_term in (True, False):
            if random.random() < 0.4:
                await db.execute(
                    "INSERT INTO subscription_credit (person_id, appid, template_id, reported_by, granted_at,"
                    " is_long_term, spent_at) VALUES ($1, $2, $3, 'client', now(), $4, $5)",
                    person, chosen.mp_appid, random.choice([template_id, template_id, "other"]), is_long_term,
                    random.choice([None, None, NOON]),
                )  # fmt: skip
        if random.random() < 0.5:
            await db.execute(
                "INSERT INTO message_preference (person_id, message, is_muted, switched_off, changed_at)"
                " VALUES ($1, $2, $3, $4, now())",
                person, message, random.random() < 0.3,
                random.choice(["", "template", "subscribe", "subscribe template"]),
            )  # fmt: skip
    return people


@pytest.mark.parametrize("message", ["tax_reminder", "document_served"])
async def test_the_forecast_of_channels_is_what_telling_does(office: Office, message: str) -> None:
    template_id = office.messages.kind(message).mp_template_id
    people = await _drawn(150, message, template_id)
    if office.messages.kind(message).is_statutory:
        text = consents.texts()[ELECTRONIC_SERVICE]
        await db.execute(
            "INSERT INTO consent_entry (person_id, purpose, is_granted, text_version, text_hash, channel)"
            " SELECT p, $2, random() < 0.7, $3, '', 'test' FROM unnest($1::uuid[]) p",
            people, ELECTRONIC_SERVICE, text.version,
        )  # fmt: skip
    campaign = await office.draft(message=message, params={})
    await db.execute(
        "INSERT INTO campaign_recipient (campaign_id, person_id, ord, because, state)"
        " SELECT $1, p, 0, '', 'pending' FROM unnest($2::uuid[]) p",
        campaign.id, people,
    )  # fmt: skip
    campaign.message_version = office.messages.kind(message).version
    kind = worded(campaign, office.messages)
    found = await outlook.reach(campaign, kind)
    facts = FACTS | {"document": "税务事项通知书", "document_number": "1", "issuer": "天河区税务局"}
    async with db.transaction():
        told = await routing.tell(
            [Telling(kind, person, facts, NOON, campaign_id=campaign.id) for person in people]
        )
    assert found.by_channel == Counter(one.channel for one in told if one.channel is not None)
    assert found.unreachable == Counter(one.reason for one in told if one.reason is not None)
    assert len(found.by_channel) > 1


async def test_a_mass_send_is_tried_out_by_its_own_numbers(office: Office) -> None:
    await office.people(5)
    await office.people(2, follow=False)
    campaign = await office.tried(
        product=Product.MASS, message=None, params={}, audience={"everyone": True},
        content={"kind": "text", "text": "国庆节放假安排"},
    )  # fmt: skip
    found: Any = campaign.dry_run
    assert found["reachable"] == 5
    assert (await lifecycle.submit(office.author, campaign.id)).state is CampaignState.PENDING
