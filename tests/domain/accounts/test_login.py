"""A tap in WeChat becomes one person, whoever taps first and however many at once."""

import asyncio
from uuid import UUID

import pytest

from app.domain.accounts import followers, identities, login
from app.domain.accounts.errors import PersonFrozen
from app.domain.accounts.models import (
    IdentityLevel,
    Person,
    PersonMerge,
    PersonStatus,
    Session,
    WeChatIdentity,
)
from app.gateways import wechat
from app.kit import clock, crypto
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


async def _meet(appid: str, openid: str, unionid: str | None) -> UUID:
    async with raw.transaction():
        return await identities.person_of(appid, openid, unionid)


async def test_a_first_login_makes_a_person_known_by_wechat() -> None:
    begun = await login.log_in("sandbox-zhangsan")
    person = await Person.get(id=begun.citizen.person_id)
    assert (person.level, person.status) == (IdentityLevel.WX_BOUND, PersonStatus.ACTIVE)
    assert begun.expires_at > clock.now()


async def test_the_same_person_comes_back() -> None:
    first, second = await make.log_in("zhangsan"), await make.log_in("zhangsan")
    assert first.person_id == second.person_id
    assert first.session_id != second.session_id
    assert (await make.log_in("lisi")).person_id != first.person_id


async def test_twenty_first_logins_at_once_make_one_person() -> None:
    everybody = await asyncio.gather(*(make.log_in("zhangsan") for _ in range(20)))
    assert len({citizen.person_id for citizen in everybody}) == 1
    assert await Person.all().count() == 1
    assert await Session.all().count() == 20


async def test_first_steps_in_both_accounts_at_once_make_one_person() -> None:
    met = await asyncio.gather(*(_meet(appid, f"o-{appid}", "union") for appid in ("oa", "mp") * 5))
    assert len(set(met)) == 1
    assert await WeChatIdentity.all().count() == 2


async def test_a_follower_who_logs_in_is_the_same_person() -> None:
    follower = await followers.record_follow("oa", "o-oa", "union", clock.now())
    assert await _meet("mp", "o-mp", "union") == follower


async def test_without_a_unionid_accounts_stay_apart() -> None:
    assert await _meet("oa", "o-oa", None) != await _meet("mp", "o-mp", None)


async def test_a_unionid_learned_late_joins_a_mere_follower() -> None:
    follower = await _meet("oa", "o-oa", None)
    citizen = await make.log_in("zhangsan")
    identity = await WeChatIdentity.get(person_id=citizen.person_id)
    assert await _meet("oa", "o-oa", identity.unionid) == follower
    assert (await Person.get(id=citizen.person_id)).status is PersonStatus.DELETED
    assert await WeChatIdentity.filter(person_id=follower).count() == 2


async def test_a_unionid_learned_late_joins_from_the_other_side_too() -> None:
    citizen = await make.log_in("zhangsan")
    await WeChatIdentity.all().update(unionid=None)
    follower = await _meet("oa", "o-oa", "union")
    mine = await WeChatIdentity.get(person_id=citizen.person_id)
    assert await _meet(mine.appid, mine.openid, "union") == citizen.person_id
    assert (await Person.get(id=follower)).status is PersonStatus.DELETED
    assert await identities.openid_of(citizen.person_id, "oa") == "o-oa"


async def test_two_who_both_acted_are_joined_and_it_is_written_down() -> None:
    one, other = await make.log_in("zhangsan"), await make.log_in("lisi")
    theirs = await WeChatIdentity.get(person_id=one.person_id)
    mine = await WeChatIdentity.get(person_id=other.person_id)
    assert await _meet(mine.appid, mine.openid, theirs.unionid) == one.person_id
    assert await PersonMerge.filter(kept_id=one.person_id, absorbed_id=other.person_id).count() == 1


async def test_two_who_proved_different_names_stay_apart() -> None:
    one = await make.known_citizen("zhangsan", "张三", make.id_number(serial=801))
    other = await make.known_citizen("lisi", "李四", make.id_number(serial=802))
    theirs = await WeChatIdentity.get(person_id=one.person_id)
    mine = await WeChatIdentity.get(person_id=other.person_id)
    assert await _meet(mine.appid, mine.openid, theirs.unionid) == other.person_id
    assert await Person.filter(status=PersonStatus.ACTIVE).count() == 2


async def test_the_session_key_is_replaced_and_never_stored_in_clear() -> None:
    await make.log_in("zhangsan")
    before = (await WeChatIdentity.get()).session_key_sealed
    await make.log_in("zhangsan")
    after = (await WeChatIdentity.get()).session_key_sealed
    assert before != after
    assert crypto.unseal(after) not in after


async def test_a_frozen_person_does_not_get_in() -> None:
    await make.log_in("zhangsan")
    await Person.all().update(status=PersonStatus.FROZEN)
    with pytest.raises(PersonFrozen):
        await make.log_in("zhangsan")
    assert await Session.all().count() == 1


async def test_a_wrong_code_makes_nobody() -> None:
    with pytest.raises(wechat.CodeInvalid):
        await login.log_in("no-such-code")
    assert await Person.all().count() == 0
