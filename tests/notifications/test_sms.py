"""Text messages: to a proven phone, and receipts that find their message."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.accounts.models import Person, PersonStatus
from app.gateways import sms as gateway
from app.gateways.sms import SmsReceipt, SmsRefused, SmsUnreachable
from app.gateways.sms.demo import PHONE_UNDELIVERED, DemoSms, last_messages
from app.gateways.wechat import ErrorClass
from app.kit import clock, crypto, db
from config import settings
from notifications.channels import sms
from notifications.messages import FilledSms

pytestmark = pytest.mark.usefixtures("db")

FILLED = FilledSms("SMS_DOCUMENT_SERVED", "天河区税务局已向您送达文书。", {"issuer": "天河区税务局"})


async def person(
    phone: str | None = "13800138000", status: str = "active", *, is_proven: bool = True
) -> UUID:
    """Somebody, perhaps with a proven phone."""
    made = await Person.create(
        id=uuid4(),
        phone_sealed=crypto.seal(phone) if phone else None,
        phone_verified_at=clock.now() if is_proven else None,
        status=PersonStatus(status),
    )
    return made.id


async def receipt_rows() -> list[tuple[str, str, str, str]]:
    rows = await db.fetch(
        "SELECT account_id, msgid, openid, result FROM notification_receipt ORDER BY received_at, id"
    )
    return [(row["account_id"], row["msgid"], row["openid"], row["result"]) for row in rows]


async def test_a_message_goes_to_the_proven_phone() -> None:
    serial = await sms.send(await person(), FILLED, "1f-18a0")
    (shown,) = await last_messages()
    assert (shown["phone"], shown["code"]) == ("138****8000", "SMS_DOCUMENT_SERVED")
    assert serial.startswith("demo")


@pytest.mark.parametrize(
    "facts", [{"phone": None}, {"is_proven": False}, {"status": "frozen"}, {"status": "deleted"}]
)
async def test_who_cannot_be_reached_is_refused_as_a_recipient(facts: dict[str, Any]) -> None:
    with pytest.raises(SmsRefused) as refused:
        await sms.send(await person(**facts), FILLED, "1f-18a0")
    assert refused.value.error_class is ErrorClass.RECIPIENT
    assert await last_messages() == []


async def test_a_phone_that_cannot_be_opened_is_nobody_s() -> None:
    whose = await person()
    await Person.filter(id=whose).update(phone_sealed="k0.AAAA")
    with pytest.raises(SmsRefused):
        await sms.send(whose, FILLED, "1f-18a0")


async def test_without_an_operator_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"sms_connector": "off"})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    with pytest.raises(SmsUnreachable) as failure:
        await sms.send(await person(), FILLED, "1f-18a0")
    assert not failure.value.sent_maybe
    assert await sms.pull_receipts() == 0


async def test_receipts_are_appended_and_come_once() -> None:
    arrived = await sms.send(await person(), FILLED, "a-1")
    missed = await sms.send(await person(PHONE_UNDELIVERED), FILLED, "a-2")
    assert await sms.pull_receipts() == 2
    assert await sms.pull_receipts() == 0
    assert await receipt_rows() == [
        ("sms", arrived, "a-1", "success"),
        ("sms", missed, "a-2", "failed:UNDELIV"),
    ]


class Forgetful(DemoSms):
    """Dies before it hears that the receipts were kept."""

    async def acknowledge(self, receipts: object) -> None:
        del receipts
        raise SmsUnreachable("gone", sent_maybe=False)


async def test_receipts_that_were_not_acknowledged_come_again() -> None:
    await sms.send(await person(), FILLED, "a-1")
    gateway.use(Forgetful("微办"))
    try:
        with pytest.raises(SmsUnreachable):
            await sms.pull_receipts()
    finally:
        gateway.use(None)
    assert await sms.pull_receipts() == 1
    assert len(await receipt_rows()) == 2


class Babbler(DemoSms):
    """Reports words no column takes."""

    def __init__(self) -> None:
        super().__init__("微办")
        self._left = [SmsReceipt("s\0" + "1" * 60, "a\0-1", is_delivered=False, reason="\0" + "坏" * 99)]

    async def receipts(self) -> list[SmsReceipt]:
        return self._left

    async def acknowledge(self, receipts: object) -> None:
        del receipts
        self._left = []


async def test_odd_words_of_the_operator_do_no_harm() -> None:
    gateway.use(Babbler())
    try:
        assert await sms.pull_receipts() == 1
    finally:
        gateway.use(None)
    ((_, msgid, openid, result),) = await receipt_rows()
    assert (msgid, openid, result) == ("s" + "1" * 60, "a-1", "failed:" + "坏" * 73)
