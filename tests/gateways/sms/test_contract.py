"""What every connector of text messages must do alike: the demo, and HTTP in front of the demo."""

from collections.abc import AsyncIterator

import pytest

from app.gateways import sms
from app.gateways.sms import SmsConnector, SmsRefused, SmsUnreachable, choice
from app.gateways.sms.demo import (
    PHONE_BLACKLISTED,
    PHONE_BUSY,
    PHONE_DAY_USED_UP,
    PHONE_EMPTY,
    PHONE_SILENT,
    PHONE_UNANSWERED,
    PHONE_UNDELIVERED,
    DemoSms,
    last_messages,
)
from app.gateways.sms.http import HttpSms
from app.gateways.wechat import ErrorClass
from config import settings
from tests.gateways.sms.operator import KEY, SECRET, SIGNATURE, message, running, told

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(params=["demo", "http"])
async def connector(request: pytest.FixtureRequest) -> AsyncIterator[SmsConnector]:
    if request.param == "demo":
        yield DemoSms(SIGNATURE)
        return
    async with running() as operator:
        over_http = HttpSms(operator.url, KEY, SECRET, signature=SIGNATURE)
        yield over_http
        await over_http.close()


async def test_a_message_is_taken_and_its_receipt_names_it_by_both_ids(connector: SmsConnector) -> None:
    serial = await connector.send(message(out_id="a-1"))
    (receipt,) = await connector.receipts()
    assert (receipt.serial, receipt.out_id, receipt.is_delivered) == (serial, "a-1", True)
    assert 0 < len(serial) <= 64


async def test_a_receipt_comes_until_it_is_acknowledged(connector: SmsConnector) -> None:
    await connector.send(message(out_id="a-1"))
    await connector.send(message(PHONE_UNDELIVERED, out_id="a-2"))
    first = list(await connector.receipts())
    assert list(await connector.receipts()) == first
    assert told(first) == [("a-1", True), ("a-2", False)]
    assert first[1].reason == "UNDELIV"
    await connector.acknowledge(first[:1])
    assert told(list(await connector.receipts())) == [("a-2", False)]


async def test_some_phones_never_get_a_receipt(connector: SmsConnector) -> None:
    await connector.send(message(PHONE_SILENT))
    assert list(await connector.receipts()) == []


@pytest.mark.parametrize(
    ("phone", "error_class"),
    [
        (PHONE_EMPTY, ErrorClass.RECIPIENT),
        (PHONE_BLACKLISTED, ErrorClass.RECIPIENT),
        (PHONE_BUSY, ErrorClass.RETRY),
        (PHONE_DAY_USED_UP, ErrorClass.DAY),
    ],
)
async def test_a_refusal_has_the_class_that_says_what_to_do(
    connector: SmsConnector, phone: str, error_class: ErrorClass
) -> None:
    with pytest.raises(SmsRefused) as refused:
        await connector.send(message(phone))
    assert refused.value.error_class is error_class
    assert phone not in str(refused.value)
    assert list(await connector.receipts()) == []


async def test_a_lost_answer_leaves_in_doubt_whether_it_was_sent(connector: SmsConnector) -> None:
    with pytest.raises(SmsUnreachable) as failure:
        await connector.send(message(PHONE_UNANSWERED, out_id="a-3"))
    assert failure.value.sent_maybe
    assert told(list(await connector.receipts())) == [("a-3", True)]


async def test_a_developer_sees_the_text_and_no_phone_number() -> None:
    await DemoSms(SIGNATURE).send(message("13800138000"))
    (shown,) = await last_messages()
    assert shown["text"] == "【微办】天河区办税服务厅取消了您的预约（48210957）。"
    assert shown["phone"] == "138****8000"


async def test_the_demo_keeps_a_hundred_messages() -> None:
    demo = DemoSms(SIGNATURE)
    for number in range(103):
        await demo.send(message(out_id=str(number)))
    assert len(await last_messages()) == 100


def test_an_unknown_refusal_is_one_for_the_operator() -> None:
    assert SmsRefused(9999).error_class is ErrorClass.OPERATOR


@pytest.fixture
async def chosen(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[pytest.MonkeyPatch]:
    """No connector chosen before or after."""
    await choice.close()
    yield monkeypatch
    await choice.close()


def set_to(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    found = settings.current().model_copy(update=values)
    monkeypatch.setattr(settings, "current", lambda: found)


async def test_settings_choose_the_operator(chosen: pytest.MonkeyPatch) -> None:
    assert isinstance(sms.connector(), DemoSms)
    await sms.close()
    set_to(chosen, sms_connector="off")
    assert not sms.is_connected()
    with pytest.raises(sms.NotConnected):
        sms.connector()


async def test_an_operator_without_its_secret_is_refused(chosen: pytest.MonkeyPatch) -> None:
    set_to(chosen, sms_connector="http", sms_url="https://sms.example", sms_key="k", sms_secret=None)
    with pytest.raises(settings.BadSettings, match="WEIBAN_SMS_SECRET"):
        sms.connector()
