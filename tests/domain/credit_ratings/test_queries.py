"""Ratings are told to those who act for an enterprise: as released, with what the authority adds."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.accounts import agency, sessions
from app.domain.accounts.errors import EnterpriseNotBound
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from app.domain.accounts.sessions import Citizen
from app.domain.credit_ratings import queries
from app.domain.credit_ratings.rule_sets import Level
from app.gateways import exchange
from app.gateways.exchange import ExchangeDown, RatingFacts
from app.gateways.exchange.demo_queries import USCC_DOWN, USCC_NEVER_RATED, DemoCredit
from app.kit import clock
from tests.factories import accounts
from tests.factories import credit as make
from tests.factories.credit import Authority

pytestmark = pytest.mark.usefixtures("wechat_sandbox", "releases_table")

USCC = "91440101MA5DEMQ01M"
NAME = "广州珠江晨光贸易有限公司"


class Demo(Authority):
    """The demonstration's ratings, and how often they were asked for."""

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        await super().ratings(uscc)
        return await DemoCredit().ratings(uscc)


@pytest.fixture
def credit() -> Iterator[Authority]:
    demo = Demo()
    exchange.use_credit(demo)
    yield demo
    exchange.use_credit(None)


async def agent_of(uscc: str = USCC, role: AgentRole = AgentRole.TAX_AGENT) -> tuple[Citizen, UUID]:
    citizen = await accounts.known_citizen()
    await agency.bind(citizen, uscc, role)
    binding = await EnterpriseBinding.get(person_id=citizen.person_id).select_related("enterprise")
    return citizen, binding.enterprise.id


async def test_each_enterprise_once_with_its_last_rating(credit: Authority) -> None:
    citizen = await accounts.known_citizen()
    for role in (AgentRole.TAX_AGENT, AgentRole.FINANCE_OFFICER):
        await agency.bind(citizen, USCC, role)
    (found,) = await queries.ratings_of(citizen.person_id)
    last = (await DemoCredit().ratings(USCC))[0]
    assert (found.enterprise_name, found.year, found.level, found.score) == (
        NAME, last.year, last.level, last.score,
    )  # fmt: skip
    assert found.meaning


async def test_the_authority_is_asked_once_in_ten_minutes(credit: Authority) -> None:
    citizen, _ = await agent_of()
    assert await queries.ratings_of(citizen.person_id) == await queries.ratings_of(citizen.person_id)
    assert credit.asked == [USCC]


async def test_of_very_many_enterprises_those_bound_last_are_told(
    credit: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = await accounts.known_citizen()
    for uscc in (USCC_DOWN, USCC_NEVER_RATED, USCC):
        await agency.bind(citizen, uscc, AgentRole.TAX_AGENT)
    monkeypatch.setattr(queries, "MOST", 2)
    assert len(await queries.ratings_of(citizen.person_id)) == 2, "the first one is not asked about"


async def test_an_expired_agent_is_told_nothing(credit: Authority) -> None:
    citizen, _ = await agent_of()
    await EnterpriseBinding.all().update(expires_on=clock.today() - timedelta(days=1))
    assert list(await queries.ratings_of(citizen.person_id)) == []
    assert credit.asked == []


async def test_an_enterprise_never_rated_is_told_so(credit: Authority) -> None:
    citizen, _ = await agent_of(USCC_NEVER_RATED)
    (found,) = await queries.ratings_of(citizen.person_id)
    assert (found.level, found.year, found.score) == (None, None, None)


async def test_a_service_that_is_down_is_not_guessed_around(credit: Authority) -> None:
    citizen, _ = await agent_of(USCC_DOWN)
    with pytest.raises(ExchangeDown):
        await queries.ratings_of(citizen.person_id)


async def test_the_release_speaks_first_and_the_authority_fills_in(
    authority: Authority, tmp_path: Path
) -> None:
    citizen, enterprise_id = await agent_of()
    rows = [f"{USCC},{NAME},2025,B,88,,国家税务总局广州市天河区税务局", make.row(2)]
    await make.published(tmp_path, rows)
    authority.told = [
        make.facts(2025, "C", "66", make.deduction()),
        make.facts(2024, "A", "96"),
    ]
    found = await queries.own(citizen.person_id, enterprise_id)
    first, second = found.years
    assert (first.year, first.level, first.score, first.starting_score) == (
        2025, Level.B, Decimal(88), Decimal(100),
    )  # fmt: skip
    assert (first.authority, first.published_on) == ("国家税务总局广州市天河区税务局", clock.today())
    assert first.has_details
    assert len(first.deductions) == 1
    assert (second.year, second.level, second.published_on) == (2024, "A", date(2025, 4, 20))
    assert (found.enterprise_name, found.taxpayer_id) == (NAME, USCC)
    assert found.as_of is not None


async def test_what_was_released_is_told_while_the_authority_is_down(
    authority: Authority, tmp_path: Path
) -> None:
    citizen, enterprise_id = await agent_of()
    await make.published(tmp_path, [f"{USCC},{NAME},2025,B,88,100,"])
    authority.is_down = True
    found = await queries.own(citizen.person_id, enterprise_id)
    (only,) = found.years
    assert (only.level, only.has_details, only.deductions, found.as_of) == ("B", False, (), None)


async def test_nobody_is_told_of_an_enterprise_that_is_not_theirs(authority: Authority) -> None:
    _, enterprise_id = await agent_of()
    stranger = await accounts.log_in("lisi")
    with pytest.raises(EnterpriseNotBound):
        await queries.own(stranger.person_id, enterprise_id)
    with pytest.raises(EnterpriseNotBound):
        await queries.own(stranger.person_id, stranger.person_id)
    assert authority.asked == []


async def test_one_who_was_let_go_is_told_nothing_more(authority: Authority) -> None:
    citizen, enterprise_id = await agent_of()
    authority.told = [make.facts()]
    await queries.own(citizen.person_id, enterprise_id)
    await agency.unbind(citizen, (await EnterpriseBinding.get()).id)
    with pytest.raises(EnterpriseNotBound):
        await queries.own(citizen.person_id, enterprise_id)
    with pytest.raises(EnterpriseNotBound):
        await sessions.check_acts_for(citizen.person_id, enterprise_id)
