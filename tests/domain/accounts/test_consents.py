"""The consent ledger."""

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from app.domain.accounts import consents
from app.domain.accounts.errors import ConsentUnknown
from app.domain.accounts.models import ConsentEntry
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


async def test_nobody_has_agreed_before_they_were_asked() -> None:
    citizen = await make.log_in("zhangsan")
    standing = await consents.standing(citizen.person_id)
    assert {one.is_granted for one in standing} == {None}
    assert {one.purpose for one in standing} == set(consents.texts())


async def test_yes_and_no_are_both_kept_and_the_last_counts() -> None:
    citizen = await make.log_in("zhangsan")
    for is_granted in (True, False):
        answered = await consents.answer(citizen, "location", "1", is_granted=is_granted)
        assert answered.is_granted is is_granted
        assert answered.at is not None
        assert await consents.is_granted(citizen.person_id, "location") is is_granted
    entries = await ConsentEntry.all().order_by("id")
    assert [one.is_granted for one in entries] == [True, False]
    assert len(bytes(entries[0].text_hash)) == 32


@pytest.mark.parametrize(("purpose", "version"), [("everything", "1"), ("location", "0")])
async def test_only_words_in_force_can_be_agreed_to(purpose: str, version: str) -> None:
    with pytest.raises(ConsentUnknown):
        await consents.answer(await make.log_in("zhangsan"), purpose, version, is_granted=True)


async def test_new_words_are_asked_anew() -> None:
    citizen = await make.log_in("zhangsan")
    await ConsentEntry.create(
        person_id=citizen.person_id,
        purpose="location",
        is_granted=True,
        text_version="0",
        text_hash=b"",
        channel="MP",
    )
    assert not await consents.is_granted(citizen.person_id, "location")


async def test_the_ledger_is_never_rewritten() -> None:
    await consents.answer(await make.log_in("zhangsan"), "location", "1", is_granted=True)
    with pytest.raises((asyncpg.RestrictViolationError, OperationalError)):
        await raw.execute("UPDATE consent_entry SET is_granted = false")
