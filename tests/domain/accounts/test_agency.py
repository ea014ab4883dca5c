"""Enterprises and the people who act for them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.domain.accounts import agency, queries
from app.domain.accounts.errors import (
    AgentMismatch,
    BindingNotFound,
    EnterpriseUnknown,
    RealNameRequired,
    UsccInvalid,
)
from app.domain.accounts.models import AgentRole, Enterprise, EnterpriseBinding
from app.gateways.exchange.demo import USCC_NO_AGENT, USCC_UNKNOWN
from app.kit import audit, clock
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")

USCC = "91440101MA5DEMQ01M"


async def test_a_known_person_binds_an_enterprise_for_a_year() -> None:
    citizen = await make.known_citizen()
    binding_id = await agency.bind(citizen, USCC.lower(), AgentRole.FINANCE_OFFICER)
    bound = await queries.binding(citizen, binding_id)
    assert (bound.name, bound.uscc, bound.role) == (
        "广州珠江晨光贸易有限公司",
        USCC,
        AgentRole.FINANCE_OFFICER,
    )
    assert bound.expires_on.year == clock.today().year + 1
    assert not bound.is_expired


async def test_the_code_is_unreadable_in_the_database() -> None:
    await agency.bind(await make.known_citizen(), USCC, AgentRole.TAX_AGENT)
    row = await raw.fetch_value("SELECT e::text FROM enterprise e")
    assert USCC not in row
    assert USCC.encode().hex() not in row


async def test_several_agents_share_one_enterprise() -> None:
    for name in ("zhangsan", "lisi"):
        await agency.bind(await make.known_citizen(name), USCC, AgentRole.TAX_AGENT)
    assert await Enterprise.all().count() == 1
    assert await EnterpriseBinding.all().count() == 2


async def test_one_person_may_hold_two_roles() -> None:
    citizen = await make.known_citizen()
    await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    await agency.bind(citizen, USCC, AgentRole.INVOICE_COLLECTOR)
    assert {one.role for one in await queries.enterprises_of(citizen.person_id)} == {
        AgentRole.TAX_AGENT,
        AgentRole.INVOICE_COLLECTOR,
    }


async def test_binding_again_renews() -> None:
    citizen = await make.known_citizen()
    first = await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    await EnterpriseBinding.all().update(expires_on=clock.today() - timedelta(days=1))
    assert (await queries.binding(citizen, first)).is_expired
    assert await agency.bind(citizen, USCC, AgentRole.TAX_AGENT) == first
    assert not (await queries.binding(citizen, first)).is_expired


async def test_a_stranger_to_us_binds_nothing() -> None:
    with pytest.raises(RealNameRequired):
        await agency.bind(await make.log_in("zhangsan"), USCC, AgentRole.TAX_AGENT)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [(USCC_NO_AGENT, AgentMismatch), (USCC_UNKNOWN, EnterpriseUnknown), ("91440101MA5DEMQ01N", UsccInvalid)],
)
async def test_what_the_registry_does_not_confirm_is_not_bound(code: str, refusal: type[Exception]) -> None:
    citizen = await make.known_citizen()
    with pytest.raises(refusal):
        await agency.bind(citizen, code, AgentRole.TAX_AGENT)
    assert await Enterprise.all().count() == 0


async def test_unbinding_ends_it_once_and_leaves_room_for_a_new_one() -> None:
    citizen = await make.known_citizen()
    first = await agency.bind(citizen, USCC, AgentRole.TAX_AGENT)
    await agency.unbind(citizen, first)
    assert await queries.enterprises_of(citizen.person_id) == []
    with pytest.raises(BindingNotFound):
        await agency.unbind(citizen, first)
    assert await agency.bind(citizen, USCC, AgentRole.TAX_AGENT) != first
    assert await audit.verify() == 4


async def test_nobody_ends_the_binding_of_another() -> None:
    binding_id = await agency.bind(await make.known_citizen(), USCC, AgentRole.TAX_AGENT)
    stranger = await make.log_in("lisi")
    for unknown in (binding_id, uuid4()):
        with pytest.raises(BindingNotFound):
            await agency.unbind(stranger, unknown)
