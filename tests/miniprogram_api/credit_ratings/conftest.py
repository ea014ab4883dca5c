"""Two people and two enterprises, each with ratings the tax authority tells."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from app.domain.accounts import agency, proofing, sessions
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from tests.client import Client
from tests.factories import accounts
from tests.factories import credit as make
from tests.factories.credit import Authority


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
    """The tax authority, telling a B that can be repaired."""
    with make.asked_of_a_repairable_b() as told:
        yield told


@pytest.fixture(autouse=True)
async def _after_the_release(db: None) -> AsyncIterator[None]:
    async with make.after_the_release():
        yield


@pytest.fixture
async def bound(client: Client) -> Bound:
    """The tax agent of the first enterprise."""
    return await bind(client, "zhang", accounts.uscc_number(1))
