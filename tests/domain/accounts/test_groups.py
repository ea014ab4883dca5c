"""Every follower is in one group, by rules that say why, and WeChat's tags follow."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts import agency, followers, groups, portability, tagging
from app.domain.accounts.groups import Facts, group_of
from app.domain.accounts.models import AgentRole, TaxpayerGroup
from app.gateways import wechat
from app.gateways.wechat import WeChatRefused
from app.kit import clock
from app.kit import db as raw
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config import menus, settings
from tests.factories import accounts as make

USCC = "91440101MA5DEMQ01M"
TAGGING = "/cgi-bin/tags/members/batchtagging"
UNTAGGING = "/cgi-bin/tags/members/batchuntagging"


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        (Facts(False, False, frozenset()), TaxpayerGroup.VISITOR),
        (Facts(True, False, frozenset()), TaxpayerGroup.NATURAL_PERSON),
        (Facts(True, True, frozenset()), TaxpayerGroup.NATURAL_PERSON),
        (Facts(True, True, frozenset({AgentRole.INVOICE_COLLECTOR})), TaxpayerGroup.ENTERPRISE_AGENT),
        (Facts(True, True, frozenset(AgentRole)), TaxpayerGroup.LEGAL_REPRESENTATIVE),
    ],
)
def test_the_first_rule_that_holds_decides(facts: Facts, group: TaxpayerGroup) -> None:
    assert group_of(facts)[0] is group


def test_each_verdict_says_why() -> None:
    assert group_of(Facts(True, False, frozenset()))[1] == "已登录，未绑定企业"
    assert group_of(Facts(True, True, frozenset()))[1] == "已实名，未绑定企业"


def oa() -> str:
    return settings.current().oa_appid


async def follow(sandbox: Running, name: str) -> UUID:
    """Somebody follows, and we are told."""
    sandbox.sandbox.world.follow(sandbox.sandbox.world.person(name), following=True, appid=oa())
    return await followers.record_follow(oa(), openid_of(oa(), name), unionid_of(name), clock.now())


async def group(person_id: UUID) -> str | None:
    rows = await groups.export(person_id)
    return str(rows[0]["taxpayer_group"]) if rows else None


def tags_of(sandbox: Running, name: str) -> list[str]:
    """The names of the tags WeChat has put on somebody."""
    known = sandbox.sandbox.tags.known(oa())
    return [known[str(tag_id)] for tag_id in sandbox.sandbox.tags.of_person(oa(), openid_of(oa(), name))]


async def jobs_waiting(name: str) -> int:
    return int(await raw.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", name))


async def test_a_story_leads_through_the_groups(wechat_sandbox: Running) -> None:
    person_id = await follow(wechat_sandbox, "zhangsan")
    assert await group(person_id) == "visitor"
    citizen = await make.known_citizen("zhangsan")
    assert citizen.person_id == person_id
    assert await group(person_id) == "natural_person"
    binding_id = await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    assert await group(person_id) == "enterprise_agent"
    await agency.bind(citizen, USCC, AgentRole.LEGAL_REPRESENTATIVE)
    assert await group(person_id) == "legal_representative"
    await raw.execute("UPDATE enterprise_binding SET status = 'unbound' WHERE role = 'legal_representative'")
    await agency.unbind(citizen, binding_id)
    assert await group(person_id) == "natural_person"
    assert await jobs_waiting(groups.TAG_JOB) >= 5


async def test_who_does_not_follow_is_in_no_group(wechat_sandbox: Running) -> None:
    citizen = await make.known_citizen("zhangsan")
    assert await group(citizen.person_id) is None
    assert await jobs_waiting(groups.TAG_JOB) == 0


async def test_a_login_makes_a_visitor_somebody_and_then_costs_nothing(wechat_sandbox: Running) -> None:
    person_id = await follow(wechat_sandbox, "zhangsan")
    await make.log_in("zhangsan")
    assert await group(person_id) == "natural_person"
    waiting = await jobs_waiting(groups.TAG_JOB)
    await make.log_in("zhangsan")
    assert await jobs_waiting(groups.TAG_JOB) == waiting


async def test_nobody_becomes_a_visitor_again_because_sessions_end(wechat_sandbox: Running) -> None:
    person_id = await follow(wechat_sandbox, "zhangsan")
    await make.log_in("zhangsan")
    await raw.execute("DELETE FROM session")
    await raw.execute("UPDATE wechat_identity SET session_key_sealed = NULL")
    assert await groups.regroup_all() == 0
    assert await group(person_id) == "natural_person"


async def test_at_night_expired_bindings_end_and_a_second_night_finds_nothing(
    wechat_sandbox: Running,
) -> None:
    person_id = await follow(wechat_sandbox, "zhangsan")
    citizen = await make.known_citizen("zhangsan")
    await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    since = (await groups.export(person_id))[0]["changed_at"]
    with clock.frozen(clock.now() + timedelta(days=400)):
        assert await groups.regroup_all() == 1
        assert await group(person_id) == "natural_person"
        assert await groups.regroup_all() == 0
    assert (await groups.export(person_id))[0]["changed_at"] != since


async def test_the_night_goes_by_pages(wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await follow(wechat_sandbox, f"p{number}")
    await raw.execute("DELETE FROM follower_group")
    monkeypatch.setattr(groups, "_PAGE", 2)
    assert await groups.regroup_all() == 5


async def test_a_new_version_of_the_rules_judges_everybody_again(
    wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_id = await follow(wechat_sandbox, "zhangsan")
    since = (await groups.export(person_id))[0]["changed_at"]
    monkeypatch.setattr(groups, "RULES_VERSION", groups.RULES_VERSION + 1)
    assert await groups.regroup_all() == 1
    assert (await groups.export(person_id))[0]["changed_at"] == since


async def test_tags_follow_the_groups(wechat_sandbox: Running) -> None:
    await follow(wechat_sandbox, "zhangsan")
    assert await tagging.tag_followers() == 1
    assert tags_of(wechat_sandbox, "zhangsan") == ["访客"]
    await make.known_citizen("zhangsan")
    assert await tagging.tag_followers() == 1
    assert tags_of(wechat_sandbox, "zhangsan") == ["自然人"]


async def test_only_differences_are_sent(wechat_sandbox: Running) -> None:
    await follow(wechat_sandbox, "zhangsan")
    await tagging.tag_followers()
    before = dict(wechat_sandbox.sandbox.calls)
    assert await tagging.tag_followers() == 0
    assert dict(wechat_sandbox.sandbox.calls) == before


async def _many(sandbox: Running, count: int) -> None:
    for number in range(count):
        await follow(sandbox, f"p{number}")


async def test_fifty_people_go_in_one_call(wechat_sandbox: Running) -> None:
    await _many(wechat_sandbox, 101)
    assert await tagging.tag_followers() == 101
    assert wechat_sandbox.sandbox.calls[TAGGING] == 3
    assert wechat_sandbox.sandbox.calls[UNTAGGING] == 0


async def test_a_quota_ends_it_and_the_rest_goes_next_time(wechat_sandbox: Running) -> None:
    await _many(wechat_sandbox, 60)
    await tagging.tag_ids(wechat.current().oa)
    wechat_sandbox.sandbox.faults.order({"path": TAGGING, "errcode": 45009, "times": 1})
    assert await tagging.tag_followers() == 0
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        assert await tagging.tag_followers() == 60
    assert all(tags_of(wechat_sandbox, f"p{number}") == ["访客"] for number in range(60))


async def test_any_other_refusal_is_told(wechat_sandbox: Running) -> None:
    await follow(wechat_sandbox, "zhangsan")
    wechat_sandbox.sandbox.faults.order({"path": TAGGING, "errcode": 48001, "times": 1})
    with pytest.raises(WeChatRefused):
        await tagging.tag_followers()


async def test_one_stranger_does_not_stop_the_others(wechat_sandbox: Running) -> None:
    await _many(wechat_sandbox, 5)
    world = wechat_sandbox.sandbox.world
    world.follow(world.person("p3"), following=False, appid=oa())  # We have not been told.
    assert await tagging.tag_followers() == 4
    assert tags_of(wechat_sandbox, "p4") == ["访客"]
    assert await tagging.tag_followers() == 0
    assert not await raw.fetch_value(
        "SELECT is_follower FROM wechat_identity WHERE openid = $1", openid_of(oa(), "p3")
    )


async def test_two_workers_share_the_work(wechat_sandbox: Running) -> None:
    await _many(wechat_sandbox, 60)
    await tagging.tag_ids(wechat.current().oa)
    tagged: Sequence[int] = await asyncio.gather(*(tagging.tag_followers() for _ in range(3)))
    assert sum(tagged) == 60
    assert wechat_sandbox.sandbox.calls[TAGGING] == 2


async def test_whoever_comes_back_wears_one_tag(wechat_sandbox: Running) -> None:
    await follow(wechat_sandbox, "zhangsan")
    await tagging.tag_followers()
    await followers.record_unfollow(oa(), openid_of(oa(), "zhangsan"), clock.now())
    await make.known_citizen("zhangsan")
    await follow(wechat_sandbox, "zhangsan")
    assert await tagging.tag_followers() == 1
    assert tags_of(wechat_sandbox, "zhangsan") == ["自然人"]


async def test_a_call_whose_fate_is_unknown_leaves_no_second_tag(wechat_sandbox: Running) -> None:
    person_id = await follow(wechat_sandbox, "zhangsan")
    await tagging.tag_followers()
    # A worker put on this tag and died before it could write so down.
    ids = await tagging.tag_ids(wechat.current().oa)
    await wechat.current().oa.tag_people(ids[TaxpayerGroup.ENTERPRISE_AGENT], [openid_of(oa(), "zhangsan")])
    await raw.execute("UPDATE follower_group SET tagging_since = $1", clock.now())
    await make.known_citizen("zhangsan")
    assert await tagging.tag_followers() == 0
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        assert await tagging.tag_followers() == 1
    assert tags_of(wechat_sandbox, "zhangsan") == ["自然人"]
    assert await group(person_id) == "natural_person"


async def test_a_tag_deleted_by_hand_is_made_and_worn_again(wechat_sandbox: Running) -> None:
    await follow(wechat_sandbox, "zhangsan")
    await tagging.tag_followers()
    visitors = (await tagging.tag_ids(wechat.current().oa))[TaxpayerGroup.VISITOR]
    wechat_sandbox.sandbox.tags.delete(oa(), visitors)
    await tagging.tag_ids(wechat.current().oa)
    assert await tagging.tag_followers() == 1
    assert tags_of(wechat_sandbox, "zhangsan") == ["访客"]


async def test_two_processes_make_a_tag_once(wechat_sandbox: Running) -> None:
    party = wechat.current().oa
    both: list[Any] = await asyncio.gather(*(tagging.tag_ids(party) for _ in range(3)))
    assert both[0] == both[1] == both[2]
    names = [tag.name for tag in await party.tags()]
    assert sorted(names) == sorted(["星标组", *(one.name for one in menus.current().groups)])


async def test_whoever_leaves_wears_no_tag_of_ours(wechat_sandbox: Running) -> None:
    await follow(wechat_sandbox, "zhangsan")
    citizen = await make.known_citizen("zhangsan")
    await tagging.tag_followers()
    exported = await portability.export(citizen)
    assert "natural_person" in str(exported["taxpayer_group"])
    await portability.delete(citizen)
    assert await raw.fetch_value("SELECT count(*) FROM follower_group") == 0
    assert await jobs_waiting(groups.UNTAG_JOB) == 1
    await tagging.untag_stranger({"openid": openid_of(oa(), "zhangsan")})
    assert tags_of(wechat_sandbox, "zhangsan") == []
