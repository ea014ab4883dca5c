"""What a person takes back in WeChat is deleted here, once, and nothing else with it."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.accounts import followers, revocations
from app.domain.accounts.models import IdentityLevel, Person, PersonStatus
from app.kit import crypto, db
from tests.public_account.conftest import Platform


async def person_with_phone(mini: Platform, level: IdentityLevel) -> UUID:
    await mini.client.log_in("zhang")
    person_id = await followers.person_behind(mini.account.appid, mini.openid())
    assert person_id is not None
    phone = {"phone_sealed": crypto.seal("13800138000"), "phone_hash": b"x" * 32}
    await Person.filter(id=person_id).update(level=level, name_sealed="n", **phone)
    return person_id


def revoked(mini: Platform, info: str = "8", event: str = "user_authorization_revoke") -> str:
    """As WeChat pushes it: the sender is the platform, the person is named in OpenID."""
    told = (
        f"<OpenID>{mini.openid()}</OpenID><AppID>{mini.account.appid}</AppID><RevokeInfo>{info}</RevokeInfo>"
    )
    return mini.event(event, told, name="platform")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (IdentityLevel.PHONE_VERIFIED, IdentityLevel.WX_BOUND),
        (IdentityLevel.REALNAME_L1, IdentityLevel.REALNAME_L1),
    ],
)
@pytest.mark.parametrize("event", ["user_authorization_revoke", "user_authorization_cancellation"])
async def test_phone_taken_back_is_deleted(
    platform: Platform, before: IdentityLevel, after: IdentityLevel, event: str
) -> None:
    mini = replace(platform, path="/wechat/mp")
    person_id = await person_with_phone(mini, before)
    for info in ("8", "6,8"):
        assert (await mini.hear(revoked(mini, info, event))).kind == "none"
    (person,) = await Person.filter(id=person_id).values("phone_sealed", "phone_hash", "level", "name_sealed")
    assert person == {"phone_sealed": None, "phone_hash": None, "level": after, "name_sealed": "n"}
    rows = await db.fetch("SELECT 1 FROM audit_entry WHERE action = 'person.phone_revoked'")
    assert len(rows) == 1


async def test_somebody_frozen_may_take_back_too(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    person_id = await person_with_phone(mini, IdentityLevel.PHONE_VERIFIED)
    await Person.filter(id=person_id).update(status=PersonStatus.FROZEN)
    await mini.hear(revoked(mini))
    (person,) = await Person.filter(id=person_id).values("phone_sealed", "phone_hash", "status")
    assert person == {"phone_sealed": None, "phone_hash": None, "status": PersonStatus.FROZEN}


async def test_what_we_never_kept_changes_nothing(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    person_id = await person_with_phone(mini, IdentityLevel.PHONE_VERIFIED)
    for info in ("6", "19", "", "88", "<b/>"):
        assert (await mini.hear(revoked(mini, info))).kind == "none"
    assert (await Person.get(id=person_id)).phone_sealed is not None


async def test_two_people_may_take_back_in_the_same_second(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    person_id = await person_with_phone(mini, IdentityLevel.PHONE_VERIFIED)
    stranger = revoked(mini).replace(mini.openid(), "oSomebodyElse")
    assert (await mini.hear(stranger)).kind == "none"
    assert (await mini.hear(revoked(mini))).kind == "none"
    assert (await Person.get(id=person_id)).phone_sealed is None


async def test_taking_back_without_having_given_is_no_deed(platform: Platform) -> None:
    mini = replace(platform, path="/wechat/mp")
    await mini.client.log_in("zhang")
    person_id = await followers.person_behind(mini.account.appid, mini.openid())
    assert person_id is not None
    assert not await revocations.revoke(person_id, {revocations.PHONE})


async def test_changed_profile_is_asked_for_anew(platform: Platform) -> None:
    told = f"<OpenID>{platform.openid()}</OpenID><AppID>{platform.account.appid}</AppID>"
    await platform.hear(platform.event("user_info_modified", told, name="platform"))
    (job,) = await db.fetch("SELECT entrypoint FROM pgqueuer")
    assert job["entrypoint"] == "resolve_follower"
