"""Hand-over between channels: one token, one minute, one person let in."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from app.domain.accounts import handoffs, sessions
from app.domain.accounts.errors import HandoffGone, HandoffPathInvalid
from app.domain.accounts.models import (
    AgentRole,
    Enterprise,
    EnterpriseBinding,
    Handoff,
    HandoffState,
    IdentityLevel,
    Person,
    PersonStatus,
    ServiceChannel,
    Session,
)
from app.domain.accounts.sessions import Citizen
from app.kit import clock, db
from app.kit.ids import uuid7
from app.kit.models import AuditEntry
from tests.factories.appointments import make_person

MP, OA = ServiceChannel.MP, ServiceChannel.WX_OA

pytestmark = pytest.mark.usefixtures("db")


async def citizen() -> Citizen:
    return (await sessions.begin(await make_person(), IdentityLevel.WX_BOUND)).citizen


async def issue(who: Citizen, path: str = "/h5/") -> str:
    return (await handoffs.issue(who, path, from_channel=MP, to_channel=OA)).token


async def bound_enterprise(person_id: UUID) -> UUID:
    enterprise = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=b"-", name="广州某公司")
    await EnterpriseBinding.create(
        id=uuid7(), person_id=person_id, enterprise=enterprise, role=AgentRole.TAX_AGENT,
        expires_on=clock.today() + timedelta(days=30),
    )  # fmt: skip
    return enterprise.id


async def test_the_same_person_goes_on_elsewhere_in_a_session_of_its_own() -> None:
    who = await citizen()
    begun, path = await handoffs.redeem(await issue(who, "/h5/guides/3"), OA)
    assert (begun.citizen.person_id, path) == (who.person_id, "/h5/guides/3")
    assert begun.citizen.session_id != who.session_id
    assert (await sessions.citizen_of(begun.token)).person_id == who.person_id


async def test_who_one_acts_for_goes_along() -> None:
    who = await citizen()
    acting = await sessions.act_as(who, await bound_enterprise(who.person_id))
    begun, _ = await handoffs.redeem(await issue(acting), OA)
    assert (await sessions.citizen_of(begun.token)).enterprise_id == acting.enterprise_id


async def test_an_enterprise_no_longer_bound_stays_behind() -> None:
    who = await citizen()
    acting = await sessions.act_as(who, await bound_enterprise(who.person_id))
    token = await issue(acting)
    await EnterpriseBinding.all().update(status="unbound")
    begun, _ = await handoffs.redeem(token, OA)
    assert (await sessions.citizen_of(begun.token)).enterprise_id is None


async def test_of_many_who_redeem_one_token_one_is_let_in() -> None:
    who = await citizen()
    token = await issue(who)
    answers = await asyncio.gather(*(handoffs.redeem(token, OA) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, HandoffGone) for one in answers) == 7
    assert await Session.filter(person_id=who.person_id).count() == 2
    assert (await Handoff.get()).state is HandoffState.USED


async def test_a_minute_later_it_is_over() -> None:
    token, now = await issue(await citizen()), clock.now()
    with clock.frozen(now + timedelta(seconds=61)):
        with pytest.raises(HandoffGone):
            await handoffs.redeem(token, OA)
        assert await handoffs.expire() == 1
    assert (await Handoff.get()).state is HandoffState.EXPIRED


@pytest.mark.parametrize("token", ["", "made-up", "A" * 43])
async def test_a_guess_looks_like_a_used_token(token: str) -> None:
    await issue(await citizen())
    with pytest.raises(HandoffGone):
        await handoffs.redeem(token, OA)


async def test_a_token_is_for_one_channel() -> None:
    token = await issue(await citizen())
    with pytest.raises(HandoffGone):
        await handoffs.redeem(token, ServiceChannel.KIOSK)


async def test_somebody_frozen_meanwhile_is_not_let_in_and_the_token_is_not_spent() -> None:
    who = await citizen()
    token = await issue(who)
    await Person.filter(id=who.person_id).update(status=PersonStatus.FROZEN)
    with pytest.raises(HandoffGone):
        await handoffs.redeem(token, OA)
    assert (await Handoff.get()).state is HandoffState.ISSUED


async def test_it_leads_to_our_own_pages_only() -> None:
    with pytest.raises(HandoffPathInvalid):
        await issue(await citizen(), "https://evil.example/h5/")


async def test_only_a_hash_is_kept_and_the_use_is_on_record() -> None:
    who = await citizen()
    token = await issue(who)
    kept = await db.fetch_value("SELECT handoff::text FROM handoff")
    assert token not in kept
    await handoffs.redeem(token, OA)
    entry = await AuditEntry.get(action="handoff.used")
    assert (entry.actor, entry.detail) == (who.caller_id, {"from": "MP", "to": "WX_OA"})


async def test_the_database_forbids_a_long_life_and_a_use_without_a_time() -> None:
    await issue(await citizen())
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE handoff SET expires_at = created_at + interval '61 seconds'")
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE handoff SET state = 'used'")


async def test_old_ones_are_deleted() -> None:
    await issue(await citizen())
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert await handoffs.purge() == 1
