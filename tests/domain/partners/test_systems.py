"""Registering systems and their keys: by the security administrator, audited, the secret told once."""

from datetime import timedelta

import pytest

from app.domain.accounts import agency, proofing
from app.domain.accounts.models import Enterprise, Person, StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.domain.cases.models import Case
from app.domain.partners import systems
from app.domain.partners.errors import KeyUnknown, SystemExists, SystemInvalid, SystemUnknown, TooManyKeys
from app.domain.partners.models import PartnerKey
from app.domain.partners.systems import NewSystem
from app.kit import audit, clock, crypto, db
from app.kit.errors import NotAllowed
from app.kit.ids import uuid7
from tests.factories.accounts import id_number, staff_at_work, uscc_number
from tests.factories.cases import case_number
from tests.factories.partners import make_partner

pytestmark = pytest.mark.usefixtures("db")

NEW = NewSystem("gz-approval", "审批系统", "天河区政数局", ["application"], ["11440106"], ["440106"])


@pytest.fixture
async def member(db: None) -> StaffMember:
    return await staff_at_work("security", Post(StaffRole.SECURITY_ADMIN))


async def test_one_key_replaces_another_without_a_pause(member: StaffMember) -> None:
    await systems.create(member, NEW)
    first = await systems.add_key(member, NEW.code, days=30)
    second = await systems.add_key(member, NEW.code, days=30)
    assert first.secret
    assert second.secret
    assert first.secret != second.secret
    assert first.secret not in repr(first)
    with pytest.raises(TooManyKeys):
        await systems.add_key(member, NEW.code, days=30)
    await systems.revoke_key(member, first.id)
    with pytest.raises(KeyUnknown):
        await systems.revoke_key(member, first.id)
    await systems.add_key(member, NEW.code, days=30)
    kept = await PartnerKey.get(id=second.id)
    assert second.secret not in kept.secret_sealed
    assert crypto.unseal(kept.secret_sealed) == second.secret
    with clock.frozen(clock.now() + timedelta(days=31)):
        await systems.add_key(member, NEW.code, days=1)


async def test_every_deed_is_audited_and_none_tells_a_secret(member: StaffMember) -> None:
    await systems.create(member, NEW)
    issued = await systems.add_key(member, NEW.code, days=30)
    await systems.revoke_key(member, issued.id)
    await systems.switch(member, NEW.code, is_active=False)
    rows = await db.fetch(
        "SELECT action, detail::text FROM audit_entry WHERE action LIKE 'partner.%' ORDER BY id"
    )
    assert [row["action"] for row in rows] == [
        "partner.created", "partner.key_added", "partner.key_revoked", "partner.switched_off",
    ]  # fmt: skip
    assert issued.secret
    assert not any(issued.secret in row["detail"] for row in rows)
    assert await audit.verify() >= 4


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "x"}, {"name": ""}, {"kinds": []}, {"kinds": ["no such"]}, {"authorities": ["小写"]},
        {"regions": ["x"]}, {"relays": ["纳税信用查询"]}, {"field_map": {"field": {}}}, {"authorities": []},
        {"regions": []}, {"any_authority": True}, {"any_region": True},
    ],
)  # fmt: skip
async def test_what_is_registered_is_checked(member: StaffMember, changed: dict[str, object]) -> None:
    facts = {name: getattr(NEW, name) for name in NewSystem.__slots__}
    with pytest.raises(SystemInvalid):
        await systems.create(member, NewSystem(**{**facts, **changed}))


async def test_that_a_system_speaks_for_anybody_has_to_be_said(member: StaffMember) -> None:
    facts = {name: getattr(NEW, name) for name in NewSystem.__slots__}
    anybody = {"authorities": (), "any_authority": True, "regions": (), "any_region": True}
    assert await systems.create(member, NewSystem(**{**facts, **anybody}))


async def test_a_code_is_given_once_and_others_are_unknown(member: StaffMember) -> None:
    await systems.create(member, NEW)
    with pytest.raises(SystemExists):
        await systems.create(member, NEW)
    with pytest.raises(SystemUnknown):
        await systems.add_key(member, "nobody", days=1)
    with pytest.raises(SystemInvalid):
        await systems.add_key(member, NEW.code, days=1, public_key="no key")


async def test_only_the_security_administrator_hands_out_keys() -> None:
    operator = await staff_at_work("operator", Post(StaffRole.EXCHANGE_OPERATOR))
    with pytest.raises(NotAllowed):
        await systems.create(operator, NEW)
    with pytest.raises(NotAllowed):
        await systems.add_key(operator, NEW.code, days=1)
    assert await systems.listed(operator) == []


async def test_a_case_belongs_to_whoever_applied_if_we_know_them() -> None:
    partner, number = await make_partner(), id_number()
    code = uscc_number()
    person = await Person.create(id=uuid7(), id_number_hash=crypto.lookup_hash(number, proofing.ID_NUMBER))
    enterprise = await Enterprise.create(
        id=uuid7(),
        uscc_sealed=crypto.seal(code),
        uscc_hash=crypto.lookup_hash(code, agency.USCC),
        name="某公司",
    )
    own, acting, strange = case_number(), case_number(), case_number()
    await partner.take_in(
        partner.tell("application", own, 1, applicant_kind="person", applicant_number=number.lower()),
        partner.tell(
            "application", acting, 1, applicant_kind="enterprise", applicant_number=code, agent_number=number
        ),
        partner.tell("application", strange, 1, applicant_kind="other", applicant_number="E12345678"),
    )
    found = {case.number: (case.person_id, case.enterprise_id) for case in await Case.all()}
    assert found == {own: (person.id, None), acting: (person.id, enterprise.id), strange: (None, None)}
