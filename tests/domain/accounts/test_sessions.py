"""Tokens: stored as hashes, sliding, revocable at once, shared look-ups."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.accounts import agency, login, sessions
from app.domain.accounts.errors import EnterpriseNotBound, SessionEnded
from app.domain.accounts.models import AgentRole, EnterpriseBinding, Person, PersonStatus, Session
from app.kit import clock
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


async def _writes() -> int:
    """How often the one session row was written."""
    count = await raw.fetch_value("SELECT xmin::text::bigint FROM session")
    return int(count)


async def test_a_token_names_its_person() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    assert await sessions.citizen_of(begun.token) == begun.citizen


async def test_the_token_itself_is_nowhere_in_the_database() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    row = await raw.fetch_value("SELECT s::text FROM session s")
    assert begun.token not in row
    assert begun.token.encode().hex() not in row


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é"])
async def test_an_unknown_token_is_nobody(token: str) -> None:
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(token)


async def test_a_revoked_session_ends_at_once_and_others_stay() -> None:
    first, second = await login.log_in("sandbox-zhangsan"), await login.log_in("sandbox-zhangsan")
    await sessions.end(first.citizen.session_id)
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(first.token)
    await sessions.citizen_of(second.token)


async def test_a_frozen_person_is_signed_out() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    await Person.all().update(status=PersonStatus.FROZEN)
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(begun.token)


async def test_a_session_left_alone_expires() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    with clock.frozen(clock.now() + timedelta(days=31)), pytest.raises(SessionEnded):
        await sessions.citizen_of(begun.token)


async def test_a_session_in_use_slides_and_is_written_once_in_half_its_life() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    began, written = clock.now(), await _writes()
    with clock.frozen(began + timedelta(days=14)):
        await sessions.citizen_of(begun.token)
    assert await _writes() == written
    with clock.frozen(began + timedelta(days=16)):
        await sessions.citizen_of(begun.token)
        assert (await Session.get()).expires_at == clock.now() + timedelta(days=30)
    with clock.frozen(began + timedelta(days=40)):
        await sessions.citizen_of(begun.token)


async def test_concurrent_look_ups_share_statements_and_each_gets_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = [await login.log_in(f"sandbox-p{number}") for number in range(5)]
    statements: list[str] = []
    real = raw.fetch

    async def counted(sql: str, *args: object) -> object:
        statements.append(sql)
        return await real(sql, *args)

    monkeypatch.setattr(raw, "fetch", counted)
    found = await asyncio.gather(*(sessions.citizen_of(one.token) for one in begun * 20))
    assert found == [one.citizen for one in begun] * 20
    assert len(statements) <= 2


async def test_one_acts_for_an_enterprise_and_for_oneself_again() -> None:
    citizen = await make.known_citizen()
    await agency.bind(citizen, make.uscc_number(), AgentRole.TAX_AGENT)
    enterprise_id = (await EnterpriseBinding.get().select_related("enterprise")).enterprise.id
    assert (await sessions.act_as(citizen, enterprise_id)).enterprise_id == enterprise_id
    assert (await sessions.act_as(citizen, None)).enterprise_id is None


async def test_nobody_acts_for_the_enterprise_of_another() -> None:
    agent, stranger = await make.known_citizen("zhangsan"), await make.known_citizen("lisi")
    await agency.bind(agent, make.uscc_number(), AgentRole.TAX_AGENT)
    enterprise_id = (await EnterpriseBinding.get().select_related("enterprise")).enterprise.id
    with pytest.raises(EnterpriseNotBound):
        await sessions.act_as(stranger, enterprise_id)


async def test_a_lapsed_binding_is_no_longer_acted_for() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    citizen = await make.known_citizen()
    await agency.bind(citizen, make.uscc_number(), AgentRole.TAX_AGENT)
    binding = await EnterpriseBinding.get().select_related("enterprise")
    await sessions.act_as(begun.citizen, binding.enterprise.id)
    assert (await sessions.citizen_of(begun.token)).enterprise_id == binding.enterprise.id
    await EnterpriseBinding.all().update(expires_on=clock.today())
    assert (await sessions.citizen_of(begun.token)).enterprise_id == binding.enterprise.id
    await EnterpriseBinding.all().update(expires_on=clock.today() - timedelta(days=1))
    assert (await sessions.citizen_of(begun.token)).enterprise_id is None
    with pytest.raises(EnterpriseNotBound):
        await sessions.act_as(begun.citizen, binding.enterprise.id)


async def test_sessions_long_ended_are_forgotten() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    await login.log_in("sandbox-lisi")
    await sessions.end(begun.citizen.session_id)
    assert await sessions.forget_ended() == 0
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert await sessions.forget_ended() == 1
