"""A certificate about to expire is told to its holder, or to everybody who acts for the enterprise."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.domain.accounts import proofing
from app.domain.accounts.models import BindingStatus, EnterpriseBinding, Person
from app.domain.certificates import expiry
from app.kit import clock, crypto, db
from config import settings
from tests.factories.accounts import id_number, uscc_number
from tests.factories.certificates import certificate
from tests.factories.partners import make_partner
from tests.factories.sharing import make_citizen, make_enterprise
from tests.notifications.conftest import Story


@pytest.fixture(autouse=True)
def _at_any_hour(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These messages keep quiet at night; the tests run at any hour."""
    monkeypatch.setenv("WEIBAN_QUIET_HOURS", "off")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


async def ends_in(days: int, **facts: Any) -> None:
    """A certificate comes in, and the night after it so many days are left."""
    partner = await make_partner()
    await partner.take_in(certificate(1, valid_until=str(clock.today() + timedelta(days=31)), **facts))
    with clock.frozen(clock.now() + timedelta(days=31 - days)):
        await expiry.move_on()


async def test_a_holder_hears_what_ends_when_and_what_to_do(story: Story) -> None:
    person_id, number = await story.person(), id_number()
    await Person.filter(id=person_id).update(id_number_hash=crypto.lookup_hash(number, proofing.ID_NUMBER))
    await ends_in(20, holder_kind="person", holder_number=number, holder_name="张三")
    await story.deliver()
    (message,) = story.phone()
    told = {line["label"]: line["value"] for line in message["lines"]}
    assert (message["title"], told["证照名称"]) == ("证照到期提醒", "食品经营许可证")
    assert told["温馨提示"] == "即将到期，请尽快申请延续"
    assert number not in str(message)


async def test_all_who_act_for_the_enterprise_hear_of_it_and_nobody_who_left(story: Story) -> None:
    enterprise_id = await make_enterprise(uscc_number(1))
    acting = await make_citizen(enterprise_id=enterprise_id, has_consent=False)
    fired = await make_citizen(enterprise_id=enterprise_id, has_consent=False)
    expired = await make_citizen(enterprise_id=enterprise_id, has_consent=False)
    await EnterpriseBinding.filter(person_id=fired.person_id).update(
        status=BindingStatus.UNBOUND, ended_at=clock.now()
    )
    await EnterpriseBinding.filter(person_id=expired.person_id).update(
        expires_on=clock.today() - timedelta(days=1)
    )
    await ends_in(20)
    await story.relay()
    told = {row["person_id"] for row in await told_in_the_app()}
    assert told == {acting.person_id}


async def test_one_renewed_before_the_message_left_is_not_told(story: Story) -> None:
    await make_citizen(enterprise_id=await make_enterprise(uscc_number(1)), has_consent=False)
    await ends_in(20)
    await (await make_partner()).take_in(certificate(9, version=2, hours=1))
    await story.relay()
    assert await told_in_the_app() == []


async def told_in_the_app() -> list[Any]:
    return list(await db.fetch("SELECT person_id FROM inbox_item"))
