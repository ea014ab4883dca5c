"""The HTTP connector of text messages against an operator that fails in every way."""

import logging
from collections.abc import AsyncIterator

import pytest

from app.gateways.exchange.circuit import State
from app.gateways.sms import SmsRefused, SmsUnreachable
from app.gateways.sms.http import HttpSms
from app.gateways.wechat import ErrorClass
from tests.gateways.sms.operator import KEY, SECRET, SIGNATURE, Operator, message, running, told

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def operator() -> AsyncIterator[Operator]:
    async with running() as started:
        yield started


@pytest.fixture
async def connector(operator: Operator) -> AsyncIterator[HttpSms]:
    made = HttpSms(operator.url, KEY, SECRET, signature=SIGNATURE, timeout_s=0.3)
    yield made
    await made.close()


async def test_the_operator_gets_signature_template_and_text(operator: Operator, connector: HttpSms) -> None:
    await connector.send(message(out_id="a-1"))
    (asked,) = operator.asked
    assert asked == {
        "phone": "13800138000",
        "code": "SMS_HALL_CANCELLED",
        "params": {"hall": "天河区办税服务厅", "number": "48210957"},
        "text": "天河区办税服务厅取消了您的预约（48210957）。",
        "out_id": "a-1",
    }


async def test_a_message_is_tried_once_a_call(operator: Operator, connector: HttpSms) -> None:
    operator.faults = [500]
    with pytest.raises(SmsUnreachable) as failure:
        await connector.send(message())
    assert failure.value.sent_maybe
    assert len(operator.asked) == 1


async def test_a_slow_operator_may_have_sent(operator: Operator, connector: HttpSms) -> None:
    operator.faults = [1.0]
    with pytest.raises(SmsUnreachable) as failure:
        await connector.send(message())
    assert failure.value.sent_maybe


async def test_a_phone_in_the_operator_s_words_is_not_repeated(
    operator: Operator, connector: HttpSms
) -> None:
    operator.faults = ['{"refusal": 1002, "text": "+86 138-0013-8000 在黑名单"}'.encode()]
    with pytest.raises(SmsRefused) as refused:
        await connector.send(message())
    assert str(refused.value) == "sms: 1002 *** 在黑名单"


async def test_a_code_that_no_column_holds_is_no_code(operator: Operator, connector: HttpSms) -> None:
    operator.faults = [b'{"refusal": 99999999999}']
    with pytest.raises(SmsUnreachable) as failure:
        await connector.send(message())
    assert failure.value.sent_maybe


async def test_nobody_listening_has_sent_nothing() -> None:
    nowhere = HttpSms("http://127.0.0.1:9", KEY, SECRET, signature=SIGNATURE)
    with pytest.raises(SmsUnreachable) as failure:
        await nowhere.send(message())
    assert not failure.value.sent_maybe
    await nowhere.close()


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (401, ErrorClass.OPERATOR),
        (402, ErrorClass.OPERATOR),
        (422, ErrorClass.DATA),
        (429, ErrorClass.MINUTE),
        (503, ErrorClass.RETRY),
    ],
)
async def test_a_status_says_what_to_do(
    operator: Operator, connector: HttpSms, status: int, error_class: ErrorClass
) -> None:
    operator.always = status
    with pytest.raises(SmsRefused) as refused:
        await connector.send(message())
    assert refused.value.error_class is error_class


async def test_a_wrong_secret_is_refused(operator: Operator) -> None:
    stranger = HttpSms(operator.url, KEY, "another secret", signature=SIGNATURE)
    with pytest.raises(SmsRefused) as refused:
        await stranger.send(message())
    assert refused.value.error_class is ErrorClass.OPERATOR
    await stranger.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"no json", b"[]", b"{}", b'{"serial": ""}', b'{"serial": 7}', b'{"refusal": "x"}',
        b'{"refusal": true}', b'{"serial": "' + b"x" * 65 + b'"}', b'"' + b"x" * 2_000_000 + b'"',
    ],
)  # fmt: skip
async def test_an_answer_that_makes_no_sense_leaves_doubt(
    operator: Operator, connector: HttpSms, raw: bytes
) -> None:
    operator.faults = [raw]
    with pytest.raises(SmsUnreachable) as failure:
        await connector.send(message())
    assert failure.value.sent_maybe


async def test_receipts_nobody_can_read_do_not_hide_the_others(
    operator: Operator, connector: HttpSms, caplog: pytest.LogCaptureFixture
) -> None:
    given = (
        b'{"receipts": [{"serial": "s1", "out_id": "a-1", "is_delivered": true}, 7, {"serial": "s2"},'
        b' {"serial": "s3", "out_id": null, "is_delivered": false, "reason": "EXPIRED"}]}'
    )
    operator.faults = [given]
    found = list(await connector.receipts())
    assert told(found) == [("a-1", True), ("", False)]
    assert "2 receipts" in caplog.text
    # They would come for ever, and in the end nothing else.
    assert operator.asked[1:] == [{"serials": ["s2"]}]


async def test_after_five_failures_the_operator_is_left_alone(operator: Operator, connector: HttpSms) -> None:
    operator.always = 500
    for _ in range(5):
        with pytest.raises(SmsUnreachable):
            await connector.send(message())
    with pytest.raises(SmsUnreachable) as failure:
        await connector.send(message())
    assert not failure.value.sent_maybe
    assert len(operator.asked) == 5
    assert connector.circuit.state is State.OPEN


async def test_refused_messages_close_the_operator_to_nobody(operator: Operator, connector: HttpSms) -> None:
    operator.always = 422
    for _ in range(6):
        with pytest.raises(SmsRefused):
            await connector.send(message())
    assert connector.circuit.state is State.CLOSED


async def test_neither_phone_nor_text_nor_secret_is_told_to_anybody(
    operator: Operator, connector: HttpSms, caplog: pytest.LogCaptureFixture
) -> None:
    said = [repr(message())]
    with caplog.at_level(logging.DEBUG):
        for fault in (500, 422, b"no json"):
            operator.faults = [fault]
            with pytest.raises((SmsRefused, SmsUnreachable)) as failure:
                await connector.send(message())
            said.append(str(failure.value))
    said += [str(vars(line)) for line in caplog.records]
    for secret in ("13800138000", "天河区", SECRET):
        assert secret not in "".join(said)
