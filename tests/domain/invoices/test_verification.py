"""A check of an invoice keeps the platform's limits and says in words what came of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.domain.invoices import rules, texts, verification
from app.domain.invoices.kinds import KINDS
from app.domain.invoices.models import InvoiceAsker, InvoiceChecks, Outcome
from app.gateways import exchange
from app.gateways.exchange import (
    ExchangeDown,
    InvoiceAnswer,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
    NotConnected,
    demo_data,
)
from app.gateways.exchange.demo_data import DemoInvoice
from app.gateways.exchange.demo_queries import NUMBER_DOWN
from app.kit import clock
from app.kit.errors import TooOften
from config import settings

pytestmark = pytest.mark.usefixtures("db")

TOTAL = "01,32,,26427000000316294884,100.76,20260330,,5F98"


@pytest.fixture(autouse=True)
def _fresh_connectors() -> Iterator[None]:
    exchange.use_invoices(None)
    yield
    exchange.use_invoices(None)


def _text_of(one: DemoInvoice) -> texts.InvoiceText:
    return texts.read(
        f"01,{one.kind_code},{one.code},{one.number},{one.amount},{one.issued_on:%Y%m%d},"
        f"{'0' * 14 + one.check_code if one.check_code else ''},ABCD,"
    )


async def test_a_true_invoice_is_confirmed() -> None:
    found = await verification.verify(texts.read(TOTAL), asked_by="x")
    assert (found.outcome, found.state, found.remaining_today) == (Outcome.MATCH, InvoiceState.NORMAL, 4)
    assert "26427000000316294884" in found.text


@pytest.mark.parametrize("state", InvoiceState)
async def test_every_state_is_told(state: InvoiceState) -> None:
    recent = date(2022, 6, 1)
    one = next(i for i in demo_data.invoices().values() if i.state is state and i.issued_on > recent)
    found = await verification.verify(_text_of(one), asked_by="x")
    assert (found.outcome, found.state) == (Outcome.MATCH, state)


async def test_the_data_set_holds_every_kind_it_speaks_of() -> None:
    kinds = {one.kind_code for one in demo_data.invoices().values()}
    assert kinds <= KINDS.keys()
    for one in list(demo_data.invoices().values())[:40]:
        read = _text_of(one)
        assert read.kind is KINDS[one.kind_code]
        assert rules.missing_inputs(read) == []


async def test_a_wrong_amount_and_an_unknown_number() -> None:
    wrong = await verification.verify(texts.read(TOTAL.replace("100.76", "100.77")), asked_by="x")
    unknown = await verification.verify(texts.read(TOTAL.replace("294884", "294885")), asked_by="x")
    assert (wrong.outcome, unknown.outcome) == (Outcome.MISMATCH, Outcome.NOT_FOUND)


async def test_what_is_missing_is_asked_for_by_name_and_costs_no_check() -> None:
    whole = texts.read("01,10,011001605111,80100798,64.9,20261018,85342965681116380258")
    for lacking, name in (
        (replace(whole, check_code=""), "校验码后六位"),
        (replace(whole, issued_on=None), "开票日期"),
        (replace(whole, kind=None), "发票种类"),
        (replace(whole, kind=KINDS["01"], amount=None), "不含税金额"),
    ):
        found = await verification.verify(lacking, asked_by="x")
        assert (found.outcome, name in found.text) == (Outcome.NEEDS_INPUT, True)
    assert await InvoiceChecks.all().count() == 0


async def test_the_window_of_five_years_and_of_today() -> None:
    invoice = texts.read(TOTAL)
    with clock.frozen(datetime(2031, 3, 30, 23, 59, tzinfo=clock.SHANGHAI)):
        assert (await verification.verify(invoice, asked_by="x")).outcome is Outcome.MATCH
    with clock.frozen(datetime(2031, 3, 31, 0, 0, tzinfo=clock.SHANGHAI)):
        assert (await verification.verify(invoice, asked_by="x")).outcome is Outcome.OUT_OF_YEARS
    with clock.frozen(datetime(2026, 3, 30, 8, 0, tzinfo=clock.SHANGHAI)):
        assert (await verification.verify(invoice, asked_by="x")).outcome is Outcome.TOO_NEW
    with clock.frozen(datetime(2026, 3, 29, 8, 0, tzinfo=clock.SHANGHAI)):
        assert (await verification.verify(invoice, asked_by="x")).outcome is Outcome.IN_THE_FUTURE


def test_a_leap_day_is_five_years_old_on_the_first_of_march() -> None:
    assert not rules.is_out_of_years(date(2024, 2, 29), date(2029, 3, 1))
    assert rules.is_out_of_years(date(2024, 2, 29), date(2029, 3, 2))


async def test_five_checks_a_day_for_everybody_together_even_at_once() -> None:
    invoice = texts.read(TOTAL)
    found = await asyncio.gather(*(verification.verify(invoice, asked_by=f"p{n}") for n in range(12)))
    outcomes = [one.outcome for one in found]
    assert (outcomes.count(Outcome.MATCH), outcomes.count(Outcome.OVER_LIMIT)) == (5, 7)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert (await verification.verify(invoice, asked_by="p")).outcome is Outcome.MATCH
        await verification.forget_past()
        assert (await InvoiceChecks.all().count(), await InvoiceAsker.all().count()) == (1, 1)


async def test_a_platform_that_is_down_gives_the_check_back() -> None:
    down = replace(texts.read(TOTAL), code="044001900111", kind=KINDS["32"], number=NUMBER_DOWN)
    for _ in range(6):
        with pytest.raises(ExchangeDown):
            await verification.verify(down, asked_by="x")
    assert [one.checks for one in await InvoiceChecks.all()] == [0]


class Slow:
    """A platform that never answers in time."""

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        await asyncio.sleep(60)
        raise AssertionError(question)

    async def close(self) -> None: ...


async def test_who_runs_out_of_patience_has_spent_no_check() -> None:
    exchange.use_invoices(Slow())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await verification.verify(texts.read(TOTAL), asked_by="x")
    assert [one.checks for one in await InvoiceChecks.all()] == [0]


async def test_one_person_cannot_ask_without_end() -> None:
    others = [texts.read(TOTAL.replace("316294884", f"{serial:09d}")) for serial in range(11)]
    for invoice in others[:10]:
        await verification.verify(invoice, asked_by="x")
    with pytest.raises(TooOften):
        await verification.verify(others[10], asked_by="x")
    assert (await verification.verify(others[10], asked_by="y")).outcome is Outcome.NOT_FOUND


async def test_one_persons_checks_of_a_day_end_however_many_invoices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CHECKS_A_DAY_EACH", 3)
    others = [texts.read(TOTAL.replace("316294884", f"{serial:09d}")) for serial in range(8)]
    at_once = [verification.verify(one, asked_by="x", is_paced=False) for one in others]
    found = [one.outcome for one in await asyncio.gather(*at_once)]
    assert (found.count(Outcome.NOT_FOUND), found.count(Outcome.OVER_OWN_LIMIT)) == (3, 5)
    assert (await verification.verify(others[7], asked_by="y")).outcome is Outcome.NOT_FOUND
    assert (await verification.verify(others[6], asked_by=None)).outcome is Outcome.NOT_FOUND


async def test_what_reaches_the_limit_of_an_invoice_costs_nobody_anything() -> None:
    invoice = texts.read(TOTAL)
    for _ in range(6):
        await verification.verify(invoice, asked_by="x", is_paced=False)
    assert [one.checks for one in await InvoiceAsker.all()] == [5]


class TooNew:
    """A platform that does not look at invoices of today, whatever their day."""

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        del question
        return InvoiceAnswer(InvoiceOutcome.TOO_NEW)

    async def close(self) -> None: ...


async def test_an_invoice_the_platform_did_not_look_at_has_spent_no_check() -> None:
    exchange.use_invoices(TooNew())
    found = await verification.verify(texts.read(TOTAL), asked_by="x")
    assert found.outcome is Outcome.TOO_NEW
    assert [one.checks for one in await InvoiceChecks.all()] == [0]
    assert [one.checks for one in await InvoiceAsker.all()] == [0]


def test_every_outcome_has_its_words() -> None:
    assert set(verification.WORDS) == set(Outcome)
    assert all(not text.isascii() for text in verification.WORDS.values())


async def test_without_a_connection_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIBAN_INVOICE_CONNECTOR", "off")
    settings.current.cache_clear()
    try:
        with pytest.raises(NotConnected):
            await verification.verify(texts.read(TOTAL), asked_by="x")
    finally:
        settings.current.cache_clear()
    assert await InvoiceChecks.all().count() == 0
