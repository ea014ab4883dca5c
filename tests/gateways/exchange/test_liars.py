"""Services that lie, stumble or are slow: what is not to be believed is shown to nobody, and rings."""

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from app.gateways.exchange.alarms import ALARMS, Alarm
from app.gateways.exchange.circuit import State
from app.gateways.exchange.contract import ExchangeDown, NotGenuine
from app.gateways.exchange.hops import HOPS, REQUEST_ID, hops_of
from app.gateways.exchange.http_credit import HttpCredit
from app.gateways.exchange.http_invoices import HttpInvoices
from app.gateways.exchange.http_libraries import HttpLibraries
from app.gateways.exchange.library_contract import Library
from app.gateways.exchange.purposes import Purpose, ShareRefused, Source
from app.gateways.exchange.upstream import LeftAlone
from app.kit import signing
from config.logging import told_about
from tests.gateways.exchange.registry import (
    SIGNER,
    SM2_SIGNER,
    Registry,
    Wrong,
    answer_signature,
    running,
)
from tests.gateways.exchange.test_queries import GENUINE, USCC

OTHER = "91440106MA5DEMQ021"
RATING = {"year": 2025, "level": "A", "score": "95", "published_on": "2026-04-20"}


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as started:
        yield started


@pytest.fixture
async def credit(registry: Registry) -> AsyncIterator[HttpCredit]:
    made = HttpCredit(registry.url, SIGNER, timeout_s=0.5, pause_s=0)
    yield made
    await made.close()


def _rung(alarm: Alarm, source: Source = Source.CREDIT) -> float:
    return float(ALARMS.labels(source.value, alarm.value)._value.get())


@pytest.mark.parametrize(
    ("wrong", "alarm"),
    [
        (Wrong(signature=""), Alarm.BAD_SIGNATURE),
        (Wrong(signature="0" * 64), Alarm.BAD_SIGNATURE),
        (Wrong(signature="not hexadecimal at all"), Alarm.BAD_SIGNATURE),
        (Wrong(nonce="of another question"), Alarm.BAD_SIGNATURE),
        (Wrong(clock_s=-3600), Alarm.CLOCK_SKEW),
        (Wrong(clock_s=3600), Alarm.CLOCK_SKEW),
        (Wrong(facts=lambda facts: {**facts, "uscc": OTHER}), Alarm.WRONG_SUBJECT),
        (Wrong(facts=lambda facts: {"ratings": facts["ratings"]}), Alarm.WRONG_SUBJECT),
        (Wrong(facts=lambda facts: {"uscc": facts["uscc"]}), Alarm.NONSENSE),
    ],
)
async def test_what_is_not_to_be_believed_is_shown_to_nobody_and_rings(
    registry: Registry, credit: HttpCredit, wrong: Wrong, alarm: Alarm, caplog: pytest.LogCaptureFixture
) -> None:
    before = _rung(alarm)
    registry.faults = [wrong]
    with caplog.at_level(logging.ERROR), pytest.raises(NotGenuine):
        await credit.ratings(USCC)
    assert _rung(alarm) == before + 1
    assert [line.__dict__["alarm"] for line in caplog.records if line.levelno == logging.ERROR] == [
        alarm.value
    ]
    assert len(registry.asked) == 1, "a liar is not asked again at once"
    assert USCC not in caplog.text
    assert OTHER not in caplog.text


async def test_a_small_difference_of_the_clocks_is_normal(registry: Registry, credit: HttpCredit) -> None:
    registry.faults = [Wrong(clock_s=-200), Wrong(clock_s=200)]
    assert await credit.ratings(USCC) == await credit.ratings(USCC)


async def test_an_answer_recorded_yesterday_does_not_fit_today_s_question(
    registry: Registry, credit: HttpCredit
) -> None:
    at = str(int(time.time()))
    recorded = answer_signature(at, "yesterday's nonce", b"{}")
    registry.faults = [Wrong(signature=recorded)]
    with pytest.raises(NotGenuine):
        await credit.ratings(USCC)


async def test_a_liar_is_left_alone_after_five_lies(registry: Registry, credit: HttpCredit) -> None:
    registry.always = Wrong(signature="")
    for _ in range(5):
        with pytest.raises(NotGenuine):
            await credit.ratings(USCC)
    assert credit.circuit.state is State.OPEN
    with pytest.raises(LeftAlone):
        await credit.ratings(USCC)
    assert len(registry.asked) == 5


@pytest.mark.parametrize(
    "ratings",
    [
        [{**RATING, "level": "S"}], [{**RATING, "level": ["A"]}], [{**RATING, "year": "many"}],
        [{**RATING, "score": "good"}], [{**RATING, "score": "NaN"}], [{**RATING, "score": "1e9"}],
        [{**RATING, "score": -1}], [{**RATING, "score": True}], [{**RATING, "year": 2025.5}],
        [{**RATING, "published_on": "soon"}], [{**RATING, "status": "odd"}], [RATING] * 51, "none", [7],
        [{**RATING, "deductions": [{"code": "1"}]}],
    ],
)  # fmt: skip
async def test_ratings_that_make_no_sense(registry: Registry, credit: HttpCredit, ratings: Any) -> None:
    registry.faults = [Wrong(facts=lambda facts: {**facts, "ratings": ratings})]
    with pytest.raises(NotGenuine):
        await credit.ratings(USCC)


@pytest.mark.parametrize(
    "changed",
    [
        {"outcome": "fine"}, {"outcome": 1}, {"outcome": None}, {"state": "x"}, {"state": None},
        {"number": "26427000000316294885"}, {"code": "011001605111"},
        {"detail": []}, {"detail": {"total": "many"}}, {"detail": {"lines": [{"amount": "1"}]}},
        {"detail": {"further": [["alone"]]}}, {"detail": {"buyer": {"name": ""}}},
    ],
)  # fmt: skip
async def test_an_invoice_answer_that_makes_no_sense_or_is_another_s(
    registry: Registry, changed: dict[str, Any]
) -> None:
    connector = HttpInvoices(registry.url, SIGNER, pause_s=0)
    registry.faults = [Wrong(facts=lambda facts: {**facts, **changed})]
    with pytest.raises(NotGenuine):
        await connector.verify(GENUINE)
    await connector.close()


@pytest.mark.parametrize(
    ("code", "told"), [("", {}), ("011001605111", {"number": GENUINE.number})], ids=["number", "code"]
)
async def test_a_match_that_does_not_say_of_which_invoice(
    registry: Registry, code: str, told: dict[str, str]
) -> None:
    connector = HttpInvoices(registry.url, SIGNER, pause_s=0)
    registry.faults = [Wrong(facts=lambda _: {"outcome": "match", "state": "normal", **told})]
    with pytest.raises(NotGenuine):
        await connector.verify(replace(GENUINE, code=code))
    await connector.close()


async def test_a_library_that_tells_too_much_rings_and_is_heard_only_as_far_as_asked(
    registry: Registry,
) -> None:
    connector = HttpLibraries(registry.url, SIGNER, pause_s=0)
    before = _rung(Alarm.SURPLUS_FIELDS, Source.LIBRARIES)
    registry.faults = [
        Wrong(facts=lambda facts: {**facts, "records": [{"name": "甲", "phone": "13800000000"}]})
    ]
    (found,) = await connector.look_up(Library.POPULATION, USCC, ("name",), purpose=Purpose.PREFILL.value)
    await connector.close()
    assert found.facts == (("name", "甲"),)
    assert _rung(Alarm.SURPLUS_FIELDS, Source.LIBRARIES) == before + 1


async def test_a_field_without_a_ground_does_not_leave(registry: Registry) -> None:
    connector = HttpLibraries(registry.url, SIGNER, pause_s=0)
    for fields, purpose in ((("name", "phone"), Purpose.PREFILL), (("name",), Purpose.RATING)):
        with pytest.raises(ShareRefused):
            await connector.look_up(Library.POPULATION, USCC, fields, purpose=purpose.value)
    await connector.close()
    assert registry.asked == []


async def test_an_answer_elsewhere_is_not_followed(registry: Registry, credit: HttpCredit) -> None:
    registry.headers = {"Location": "http://127.0.0.1:9/"}
    registry.always = 302
    with pytest.raises(ExchangeDown):
        await credit.ratings(USCC)
    assert len(registry.asked) == 1


async def test_who_says_when_to_come_back_is_not_asked_before(registry: Registry, credit: HttpCredit) -> None:
    registry.headers = {"Retry-After": "40"}
    registry.faults = [429]
    with pytest.raises(ExchangeDown) as told:
        await credit.ratings(USCC)
    assert told.value.retry_after == 40
    with pytest.raises(LeftAlone) as left:
        await credit.ratings(USCC)
    assert 38 <= left.value.retry_after <= 40
    assert len(registry.asked) == 1


async def test_a_short_wait_is_waited(registry: Registry, credit: HttpCredit) -> None:
    registry.headers = {"Retry-After": "1"}
    registry.faults = [429]
    began = time.monotonic()
    assert await credit.ratings(USCC)
    assert time.monotonic() - began >= 1
    assert len(registry.asked) == 2


@pytest.mark.parametrize("said", ["soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 40])
async def test_a_wait_nobody_understands_is_none(registry: Registry, credit: HttpCredit, said: str) -> None:
    registry.headers = {"Retry-After": said}
    registry.faults = [429]
    assert await credit.ratings(USCC)
    assert len(registry.asked) == 2


async def test_being_busy_is_not_being_ill(registry: Registry, credit: HttpCredit) -> None:
    registry.always = 429
    for _ in range(4):
        with pytest.raises(ExchangeDown):
            await credit.ratings(USCC)
    assert credit.circuit.state is State.CLOSED


async def test_sm2_signs_both_ways(registry: Registry) -> None:
    registry.is_sm2 = True
    connector = HttpCredit(registry.url, SM2_SIGNER, pause_s=0)
    assert len(await connector.ratings(USCC)) == 5
    registry.faults = [Wrong(signature=answer_signature("1", "2", b"3", is_sm2=True))]
    with pytest.raises(NotGenuine):
        await connector.ratings(USCC)
    await connector.close()


async def test_hmac_where_sm2_was_agreed_is_no_signature(registry: Registry) -> None:
    registry.always = Wrong(signature="ab" * 32)
    registry.is_sm2 = True
    connector = HttpCredit(registry.url, SM2_SIGNER, pause_s=0)
    with pytest.raises(NotGenuine):
        await connector.ratings(USCC)
    await connector.close()


async def test_our_number_goes_along(registry: Registry, credit: HttpCredit) -> None:
    with told_about(request_id="01890a5d"):
        await credit.ratings(USCC)
    assert registry.asked[0][0][REQUEST_ID] == "01890a5d"
    assert len(registry.asked[0][0][signing.NONCE]) >= 16


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("gd-gateway;12, national;30", "gd-gateway;12,national;30"),
        ("one", "one"),
        ("<script>, ok;1, 13800000000x;9999999999", "ok;1"),
        (",".join("abcdefghijkl"), "a,b,c,d,e,f,g,h"),
        ("", ""),
    ],
)
def test_stations_are_kept_and_rubbish_is_not(told: str, kept: str) -> None:
    assert hops_of({HOPS: told}) == kept
