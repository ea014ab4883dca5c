"""Ratings are told to those who act for an enterprise, as the authority published them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from app.domain.accounts import agency
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from app.domain.credit_ratings import queries
from app.gateways import exchange
from app.gateways.exchange import ExchangeDown, RatingFacts, demo_data
from app.gateways.exchange.demo_queries import USCC_DOWN, USCC_NEVER_RATED
from app.kit import clock
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")

USCC = "91440101MA5DEMQ01M"


class Counting:
    """The demo's ratings, and how often they were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        self.asked += 1
        if uscc == USCC_DOWN:
            raise ExchangeDown
        return [] if uscc == USCC_NEVER_RATED else demo_data.ratings_of(uscc)

    async def close(self) -> None: ...


@pytest.fixture
def credit() -> Iterator[Counting]:
    counting = Counting()
    exchange.use_credit(counting)
    yield counting
    exchange.use_credit(None)


async def test_each_enterprise_once_with_its_last_rating(credit: Counting) -> None:
    citizen = await make.known_citizen()
    for role in (AgentRole.TAX_AGENT, AgentRole.FINANCE_OFFICER):
        await agency.bind(citizen, USCC, role)
    (found,) = await queries.ratings_of(citizen.person_id)
    last = demo_data.ratings_of(USCC)[0]
    assert (found.enterprise_name, found.year, found.level, found.score) == (
        "广州珠江晨光贸易有限公司",
        last.year,
        last.level,
        last.score,
    )
    assert found.meaning


async def test_the_authority_is_asked_once_in_ten_minutes(credit: Counting) -> None:
    citizen = await make.known_citizen()
    await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    assert await queries.ratings_of(citizen.person_id) == await queries.ratings_of(citizen.person_id)
    assert credit.asked == 1


async def test_of_very_many_enterprises_those_bound_last_are_told(
    credit: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    citizen = await make.known_citizen()
    for uscc in (USCC_DOWN, USCC_NEVER_RATED, USCC):
        await agency.bind(citizen, uscc, AgentRole.TAX_AGENT)
    monkeypatch.setattr(queries, "MOST", 2)
    assert len(await queries.ratings_of(citizen.person_id)) == 2, "the first one is not asked about"


async def test_an_expired_agent_is_told_nothing(credit: Counting) -> None:
    citizen = await make.known_citizen()
    await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    await EnterpriseBinding.all().update(expires_on=clock.today() - timedelta(days=1))
    assert list(await queries.ratings_of(citizen.person_id)) == []
    assert credit.asked == 0


async def test_an_enterprise_never_rated_is_told_so(credit: Counting) -> None:
    citizen = await make.known_citizen()
    await agency.bind(citizen, USCC_NEVER_RATED, AgentRole.TAX_AGENT)
    (found,) = await queries.ratings_of(citizen.person_id)
    assert (found.level, found.year, found.score) == (None, None, None)


async def test_a_service_that_is_down_is_not_guessed_around(credit: Counting) -> None:
    citizen = await make.known_citizen()
    await agency.bind(citizen, USCC_DOWN, AgentRole.TAX_AGENT)
    with pytest.raises(ExchangeDown):
        await queries.ratings_of(citizen.person_id)
