"""Two people and two enterprises, each with ratings the tax authority tells."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from app.domain.accounts import agency, proofing, sessions
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from app.gateways import exchange
from app.kit import clock
from tests.client import Client
from tests.factories import accounts
from tests.factories import credit as make
from tests.factories.credit import Authority

NOON = datetime(2026, 5, 18, 12, tzinfo=clock.SHANGHAI)


@dataclass(frozen=True)
class Bound:
    """Somebody logged in who acts for an enterprise."""

    token: str
    person_id: UUID
    enterprise_id: UUID
    binding_id: UUID
    uscc: str


async def bind(client: Client, name: str, uscc: str, role: AgentRole = AgentRole.TAX_AGENT) -> Bound:
    """Log somebody in, prove their name, and bind them."""
    token = await client.log_in(name)
    citizen = await sessions.citizen_of(token)
    if not await EnterpriseBinding.filter(person_id=citizen.person_id).exists():
        await proofing.prove_real_name(citizen, "张三", accounts.id_number())
    citizen = await sessions.citizen_of(token)
    binding_id = await agency.bind(citizen, uscc, role)
    binding = await EnterpriseBinding.get(id=binding_id).select_related("enterprise")
    return Bound(token, citizen.person_id, binding.enterprise.id, binding_id, uscc)


@pytest.fixture(autouse=True)
def authority() -> Iterator[Authority]:
    """A B with a late filing that can be repaired, and an A of the year before."""
    told = Authority(
        make.facts(2025, "B", "88", make.deduction(), make.deduction("3", is_repairable=False)),
        make.facts(2024, "A", "96"),
    )
    exchange.use_credit(told)
    yield told
    exchange.use_credit(None)


@pytest.fixture(autouse=True)
async def _after_the_release(db: None) -> AsyncIterator[None]:
    """A day on which 2025 is released, and no table of a release left behind."""
    with clock.frozen(NOON):
        yield
        await make.forget_releases()


@pytest.fixture
async def bound(client: Client) -> Bound:
    """The tax agent of the first enterprise."""
    return await bind(client, "zhang", accounts.uscc_number(1))
