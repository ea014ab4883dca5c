"""An enterprise with a rating, those who act for it, and the tax authority."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from app.domain.accounts import agency
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from app.domain.accounts.sessions import Citizen
from app.sandbox.running import Running
from tests.factories import accounts
from tests.factories import credit as make
from tests.factories.credit import Authority


@dataclass(frozen=True)
class Agent:
    """Somebody who acts for the enterprise."""

    citizen: Citizen
    enterprise_id: UUID
    uscc: str


@pytest.fixture
def authority() -> Iterator[Authority]:
    """The tax authority, telling a B that can be repaired."""
    with make.asked_of_a_repairable_b() as told:
        yield told


@pytest.fixture
async def agent(wechat_sandbox: Running, authority: Authority) -> AsyncIterator[Agent]:
    """The tax agent of the enterprise, at noon of a working day."""
    async with make.after_the_release():
        citizen = await accounts.known_citizen()
        await agency.bind(citizen, accounts.uscc_number(1), AgentRole.TAX_AGENT)
        binding = await EnterpriseBinding.get(person_id=citizen.person_id).select_related("enterprise")
        yield Agent(citizen, binding.enterprise.id, accounts.uscc_number(1))
