"""Every answer and state code of the national invoice checking platform."""

from collections.abc import AsyncIterator

import pytest

from app.gateways.exchange import invoice_codes
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.http_invoices import HttpInvoices
from app.gateways.exchange.invoice_codes import PlatformBusy, PlatformFault, ProvinceNotOpen
from app.gateways.exchange.invoice_contract import InvoiceOutcome, InvoiceState
from tests.gateways.exchange.registry import SIGNER, Registry, Wrong, running
from tests.gateways.exchange.test_queries import GENUINE

TRAP = "发票信息不符时不得作为财务报销凭证"


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as started:
        yield started


@pytest.fixture
async def connector(registry: Registry) -> AsyncIterator[HttpInvoices]:
    made = HttpInvoices(registry.url, SIGNER, pause_s=0)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("001", InvoiceOutcome.MATCH),
        ("002", InvoiceOutcome.OVER_LIMIT),
        ("006", InvoiceOutcome.MISMATCH),
        ("009", InvoiceOutcome.NOT_FOUND),
        ("rqerr", InvoiceOutcome.TOO_NEW),
        *((one.value, one) for one in InvoiceOutcome),
    ],
)
async def test_codes_that_answer(
    registry: Registry, connector: HttpInvoices, code: str, outcome: InvoiceOutcome
) -> None:
    registry.faults = [Wrong(facts=lambda facts: {**facts, "outcome": code, "message": TRAP})]
    answer = await connector.verify(GENUINE)
    assert answer.outcome is outcome
    assert (answer.state is None) == (outcome is not InvoiceOutcome.MATCH)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("003", PlatformBusy),
        ("004", PlatformBusy),
        ("005", PlatformFault),
        ("007", PlatformFault),
        ("008", PlatformFault),
        ("010", PlatformFault),
        ("010_", PlatformFault),
        ("016", PlatformBusy),
        ("020", PlatformFault),
        ("1", ProvinceNotOpen),
    ],
)
async def test_codes_that_do_not_answer(
    registry: Registry, connector: HttpInvoices, code: str, fault: type[ExchangeDown]
) -> None:
    registry.faults = [Wrong(facts=lambda facts: {**facts, "outcome": code, "message": TRAP})]
    with pytest.raises(fault) as told:
        await connector.verify(GENUINE)
    assert told.value.retry_after >= 60
    assert "查" in told.value.message


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("0", InvoiceState.NORMAL),
        ("N", InvoiceState.NORMAL),
        ("2", InvoiceState.VOID),
        ("Y", InvoiceState.VOID),
        ("3", InvoiceState.RED),
        ("7", InvoiceState.PARTLY_RED),
        ("8", InvoiceState.FULLY_RED),
        *((one.value, one) for one in InvoiceState),
    ],
)
def test_states(code: str, state: InvoiceState) -> None:
    assert invoice_codes.state_of(code) is state


@pytest.mark.parametrize("code", ["", "000", "011", "不符", TRAP, "match ", "MATCH"])
def test_what_is_no_code_is_not_guessed(code: str) -> None:
    with pytest.raises(ValueError, match="not a valid"):
        invoice_codes.outcome_of(code)
    with pytest.raises(ValueError, match="not a valid"):
        invoice_codes.state_of(code)
