"""An enterprise with a rating, those who act for it, and the tax authority."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest

from app.domain.accounts import agency
from app.domain.accounts.models import AgentRole, EnterpriseBinding
from app.domain.accounts.sessions import Citizen
from app.gateways import exchange
from app.kit import clock
from app.sandbox.running import Running
from tests.factories import accounts
from tests.factories import credit as make
from tests.factories.credit import Authority

NOON = datetime(2026, 5, 18, 12, tzinfo=clock.SHANGHAI)
"""A Monday after the release of 2025."""


@dataclass(frozen=True)
class Agent:
    """Somebody who acts for the enterprise."""

    citizen: Citizen
    enterprise_id: UUID
    uscc: str


@pytest.fixture
def authority() -> Iterator[Authority]:
    """The tax authority: a B with a late filing that can be repaired, and the A of the year before."""
    told = Authority(
        make.facts(2025, "B", "88", make.deduction(), make.deduction("3", is_repairable=False)),
        make.facts(2024, "A", "96"),
    )
    exchange.use_credit(told)
    yield told
    exchange.use_credit(None)


@pytest.fixture
async def agent(wechat_sandbox: Running, authority: Authority) -> AsyncIterator[Agent]:
    """The tax agent of the enterprise, at noon of a working day."""
    with clock.frozen(NOON):
        citizen = await accounts.known_citizen()
        await agency.bind(citizen, accounts.uscc_number(1), AgentRole.TAX_AGENT)
        binding = await EnterpriseBinding.get(person_id=citizen.person_id).select_related("enterprise")
        yield Agent(citizen, binding.enterprise.id, accounts.uscc_number(1))
        await make.forget_releases()
