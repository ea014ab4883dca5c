"""Phone and real name: what raises a level, what is refused, and what is stored."""

import asyncio

import pytest

from app.domain.accounts import proofing, queries
from app.domain.accounts.errors import (
    IdNumberInvalid,
    IdNumberTaken,
    RealNameFixed,
    RealNameMismatch,
    RealNameUnknown,
)
from app.domain.accounts.models import IdentityLevel, Person, PersonStatus, WeChatIdentity
from app.gateways import wechat
from app.gateways.exchange import ExchangeDown
from app.gateways.exchange.demo import NAME_DOWN, NAME_MISMATCH, NAME_UNKNOWN
from app.kit import audit, crypto
from app.kit import db as raw
from app.kit.errors import TooOften
from app.sandbox.world import phone_of
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


async def test_a_phone_is_proved_by_wechat() -> None:
    citizen = await make.log_in("zhangsan")
    await proofing.prove_phone(citizen, "phone-zhangsan")
    profile = await queries.profile(citizen)
    phone = phone_of("zhangsan")
    assert profile.level is IdentityLevel.PHONE_VERIFIED
    assert profile.phone == f"{phone[:3]}****{phone[-4:]}"


async def test_a_phone_code_of_somebody_else_is_refused() -> None:
    citizen = await make.log_in("zhangsan")
    await make.log_in("lisi")
    with pytest.raises(wechat.CodeInvalid):
        await proofing.prove_phone(citizen, "phone-lisi")
    assert (await Person.get(id=citizen.person_id)).phone_sealed is None


async def test_a_real_name_is_proved_by_the_registry() -> None:
    citizen = await make.known_citizen(real_name="欧阳小明", number="36042619910101007" + "1")
    profile = await queries.profile(citizen)
    assert profile.level is citizen.level is IdentityLevel.REALNAME_L1
    assert (profile.name, profile.id_number) == ("欧**明", "360***********0071")


async def test_personal_data_are_unreadable_in_the_database() -> None:
    number = make.id_number()
    citizen = await make.known_citizen(real_name="欧阳小明", number=number)
    await proofing.prove_phone(citizen, "phone-zhangsan")
    row = await raw.fetch_value("SELECT p::text FROM person p")
    for secret in (number, "欧阳小明", phone_of("zhangsan")):
        assert secret not in row
        assert secret.encode().hex() not in row
    assert crypto.unseal((await Person.get()).id_number_sealed) == number


async def test_a_phone_after_the_real_name_lowers_nothing() -> None:
    citizen = await make.known_citizen()
    await proofing.prove_phone(citizen, "phone-zhangsan")
    assert (await Person.get()).level is IdentityLevel.REALNAME_L1


async def test_a_real_name_after_a_stronger_proof_lowers_nothing() -> None:
    citizen = await make.log_in("zhangsan")
    await Person.all().update(level=IdentityLevel.REALNAME_L2)
    await proofing.prove_real_name(citizen, "张三", make.id_number())
    assert (await Person.get()).level is IdentityLevel.REALNAME_L2


@pytest.mark.parametrize(
    ("name", "refusal"),
    [(NAME_MISMATCH, RealNameMismatch), (NAME_UNKNOWN, RealNameUnknown), (NAME_DOWN, ExchangeDown)],
)
async def test_without_the_registry_s_yes_nothing_changes(name: str, refusal: type[Exception]) -> None:
    citizen = await make.log_in("zhangsan")
    with pytest.raises(refusal):
        await proofing.prove_real_name(citizen, name, make.id_number())
    person = await Person.get()
    assert (person.level, person.id_number_hash) == (IdentityLevel.WX_BOUND, None)


async def test_a_number_that_cannot_be_never_reaches_the_registry() -> None:
    citizen = await make.log_in("zhangsan")
    with pytest.raises(IdNumberInvalid) as wrong:
        await proofing.prove_real_name(citizen, NAME_DOWN, "440106199003071230")
    assert "校验位" in wrong.value.fields["id_number"][0]


async def test_a_number_proved_by_another_is_refused_with_the_way_out() -> None:
    number = make.id_number()
    await make.known_citizen("zhangsan", number=number)
    citizen = await make.log_in("lisi")
    with pytest.raises(IdNumberTaken, match="合并账号"):
        await proofing.prove_real_name(citizen, "张三", number)
    assert (await Person.get(id=citizen.person_id)).level is IdentityLevel.WX_BOUND


async def test_ten_people_at_once_with_one_number_and_one_wins() -> None:
    people = [await make.log_in(f"p{number}") for number in range(10)]
    number = make.id_number()
    ends = await asyncio.gather(
        *(proofing.prove_real_name(one, "张三", number) for one in people), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["IdNumberTaken"] * 9 + ["NoneType"]
    assert await Person.filter(level=IdentityLevel.REALNAME_L1).count() == 1


async def test_a_number_is_free_again_once_its_person_is_gone() -> None:
    number = make.id_number()
    gone = await make.known_citizen("zhangsan", number=number)
    await Person.filter(id=gone.person_id).update(status=PersonStatus.DELETED)
    assert (await make.known_citizen("lisi", number=number)).level is IdentityLevel.REALNAME_L1


async def test_nobody_becomes_somebody_else() -> None:
    citizen = await make.known_citizen()
    with pytest.raises(RealNameFixed):
        await proofing.prove_real_name(citizen, "李四", make.id_number())


async def test_proving_the_same_name_again_is_no_fault() -> None:
    number = make.id_number()
    citizen = await make.known_citizen(number=number)
    await proofing.prove_real_name(citizen, "张三", number)
    assert await audit.verify() == 2


async def test_nobody_tries_out_names_against_the_registry() -> None:
    citizen = await make.log_in("zhangsan")
    number = make.id_number()
    for _ in range(10):
        with pytest.raises(RealNameMismatch):
            await proofing.prove_real_name(citizen, NAME_MISMATCH, number)
    with pytest.raises(TooOften):
        await proofing.prove_real_name(citizen, "张三", number)


async def test_the_phone_s_openid_is_that_of_the_mini_program() -> None:
    citizen = await make.log_in("zhangsan")
    await WeChatIdentity.create(person_id=citizen.person_id, appid="wx-oa", openid="o-elsewhere")
    await proofing.prove_phone(citizen, "phone-zhangsan")
    assert (await Person.get()).phone_sealed
