"""Who is in which group follows from facts, at night and at once, and can be explained."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts import agency, groups, merging
from app.domain.accounts.models import AgentRole, IdentityLevel, Person, PersonStatus
from app.domain.audiences import enterprise_facts, memberships
from app.domain.audiences.models import EnterpriseFact, Membership
from app.kit import clock
from app.kit import db as raw
from app.kit.outbox import Relay
from app.sandbox.running import Running
from tests.factories import accounts
from tests.factories import audiences as make

USCC = "91440101MA5DEMQ01M"

pytestmark = pytest.mark.usefixtures("db")


async def groups_of(person_id: UUID) -> set[str]:
    return set(await memberships.groups_of(person_id))


async def test_each_shipped_rule_finds_its_people() -> None:
    today = clock.today()
    wanted = {
        "individual_business": await make.agent(uscc=accounts.uscc_number(1), is_individual=True),
        "small_scale": await make.agent(uscc=accounts.uscc_number(2), taxpayer_type="small_scale"),
        "general": await make.agent(uscc=accounts.uscc_number(3), taxpayer_type="general"),
        "exporter": await make.agent(uscc=accounts.uscc_number(4), is_exporter=True),
        "construction": await make.agent(uscc=accounts.uscc_number(5), industry="7010"),
        "social_insurance_payer": await make.agent(uscc=accounts.uscc_number(6), pays_social_insurance=True),
        "new_enterprise": await make.agent(uscc=accounts.uscc_number(7), registered_on=today),
    }
    nobody = await make.person()
    await memberships.renew_all()
    for group, person_id in wanted.items():
        assert await groups_of(person_id) == {group, "natural_person", "tax_agent"}
    assert await groups_of(nobody) == set()


async def test_whoever_acts_for_three_is_an_agency() -> None:
    person_id = await make.person()
    for code in make.uscc_numbers(3):
        assert await groups_of(person_id) == set()
        await make.bind(person_id, await make.enterprise(code), AgentRole.FINANCE_OFFICER)
        await memberships.renew([person_id])
    assert await groups_of(person_id) == {"tax_agent"}


async def test_the_second_night_changes_nothing() -> None:
    await make.agent(taxpayer_type="general")
    assert await memberships.renew_all() == 3
    before = await Membership.all().order_by("id").values()
    assert await memberships.renew_all() == 0
    assert await Membership.all().order_by("id").values() == before


async def test_the_night_goes_by_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        await make.person(IdentityLevel.REALNAME_L1)
    monkeypatch.setattr(memberships, "_PAGE", 2)
    assert await memberships.renew_all() == 5


async def test_bindings_that_run_out_end_memberships_at_night() -> None:
    person_id = await make.agent(is_exporter=True)
    await memberships.renew_all()
    with clock.frozen(clock.now() + timedelta(days=366)):
        assert await memberships.renew_all() == 2
        assert await groups_of(person_id) == {"natural_person"}


async def test_whoever_is_frozen_or_gone_is_in_no_group() -> None:
    person_id = await make.agent(is_exporter=True)
    await memberships.renew_all()
    await Person.filter(id=person_id).update(status=PersonStatus.FROZEN)
    await memberships.renew([person_id])
    assert await groups_of(person_id) == set()


async def test_renewing_some_leaves_the_others_alone() -> None:
    one, other = await make.agent(), await make.agent(uscc=accounts.uscc_number(2))
    await memberships.renew([one])
    assert await groups_of(one) == {"natural_person", "tax_agent"}
    assert await groups_of(other) == set()


async def test_a_binding_is_followed_at_once(wechat_sandbox: Running) -> None:
    citizen = await accounts.known_citizen()
    binding_id = await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    relay = Relay({groups.FACTS_CHANGED: memberships.follow})
    await relay.step()
    assert await groups_of(citizen.person_id) == {"natural_person", "tax_agent"}
    fact = await EnterpriseFact.all().first()
    assert fact is not None
    assert (fact.region_code, fact.is_individual, fact.source) == ("440101", False, "uscc")
    await agency.unbind(citizen, binding_id)
    await relay.step()
    assert await groups_of(citizen.person_id) == {"natural_person"}


async def test_explaining_says_the_rule_the_facts_and_what_is_unknown() -> None:
    person_id = await make.agent(taxpayer_type="general")
    await memberships.renew_all()
    told = {one.group_code: one for one in await memberships.explain(person_id)}
    assert len(told) == 10
    general = told["general"]
    assert (general.is_member, general.rule_version) == (True, 1)
    assert general.because == "绑定的企业是一般纳税人"
    assert general.facts == {"纳税人类型": "general"}
    assert general.since is not None
    exporter = told["exporter"]
    assert (exporter.is_member, exporter.since, exporter.unknown) == (None, None, ["出口企业"])
    assert told["small_scale"].is_member is False


async def test_nobody_is_explained_who_left() -> None:
    person_id = await make.agent()
    await Person.filter(id=person_id).update(status=PersonStatus.DELETED)
    assert await memberships.explain(person_id) == []


async def test_a_merge_leaves_the_absorbed_in_no_group() -> None:
    one, other = await make.agent(), await make.agent(uscc=accounts.uscc_number(2), is_exporter=True)
    await memberships.renew_all()
    kept = await merging.merge(one, other, actor="system", reason="test")
    await Relay({groups.FACTS_CHANGED: memberships.follow}).step()
    assert await groups_of(kept) == {"natural_person", "tax_agent", "exporter"}
    assert await raw.fetch_value("SELECT count(DISTINCT person_id) FROM membership") == 1


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("91440106MA5T000011", ("440106", False)),
        ("92440106MA5T000011", ("440106", True)),
        ("11100000MB2DEMA029", (None, False)),
        ("91100000MB2DEMA029", (None, False)),
    ],
)
def test_a_code_tells_county_and_kind(code: str, told: tuple[str | None, bool]) -> None:
    assert enterprise_facts.told_by_code(code) == told


async def test_enterprises_without_facts_are_placed_once() -> None:
    for code in make.uscc_numbers(3):
        await make.agent(uscc=code)
    assert await enterprise_facts.place_unknown() == 3
    assert await enterprise_facts.place_unknown() == 0
