"""Invoices, ratings and base libraries: what every connector must do alike, the demo and HTTP before it."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from app.gateways.exchange import demo_data, demo_ratings
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.credit_contract import A_LIST_PAGE, AListEntry, CreditConnector
from app.gateways.exchange.demo_libraries import SUBJECT_DOWN, SUBJECT_UNKNOWN, DemoLibraries
from app.gateways.exchange.demo_queries import (
    NUMBER_DOWN,
    USCC_DOWN,
    USCC_NEVER_RATED,
    DemoCredit,
    DemoInvoices,
)
from app.gateways.exchange.http_credit import HttpCredit
from app.gateways.exchange.http_invoices import HttpInvoices
from app.gateways.exchange.http_libraries import HttpLibraries
from app.gateways.exchange.invoice_contract import (
    InvoiceConnector,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
)
from app.gateways.exchange.library_contract import Library, LibraryConnector, LibraryRecord
from app.gateways.exchange.purposes import Purpose
from app.kit.identity_numbers import uscc_number
from tests.factories import accounts as make
from tests.gateways.exchange.registry import SIGNER, running

GENUINE = InvoiceQuestion("32", "", "26427000000316294884", date(2026, 3, 30), "100.76")
USCC = "91440101MA5DEMQ01M"


@pytest.fixture(params=["demo", "http"])
async def invoices(request: pytest.FixtureRequest) -> AsyncIterator[InvoiceConnector]:
    if request.param == "demo":
        yield DemoInvoices()
        return
    async with running() as registry:
        over_http = HttpInvoices(registry.url, SIGNER, pause_s=0)
        yield over_http
        await over_http.close()


@pytest.fixture(params=["demo", "http"])
async def credit(request: pytest.FixtureRequest) -> AsyncIterator[CreditConnector]:
    if request.param == "demo":
        yield DemoCredit()
        return
    async with running() as registry:
        over_http = HttpCredit(registry.url, SIGNER, pause_s=0)
        yield over_http
        await over_http.close()


@pytest.fixture(params=["demo", "http"])
async def libraries(request: pytest.FixtureRequest) -> AsyncIterator[LibraryConnector]:
    if request.param == "demo":
        yield DemoLibraries()
        return
    async with running() as registry:
        over_http = HttpLibraries(registry.url, SIGNER, pause_s=0)
        yield over_http
        await over_http.close()


async def test_a_genuine_invoice_comes_with_its_state_and_what_is_printed(invoices: InvoiceConnector) -> None:
    answer = await invoices.verify(GENUINE)
    assert (answer.outcome, answer.state) == (InvoiceOutcome.MATCH, InvoiceState.NORMAL)
    assert answer.detail == demo_data.invoices()["", GENUINE.number].detail
    assert answer.detail.total == Decimal("100.76")


async def test_an_unknown_invoice_has_no_state(invoices: InvoiceConnector) -> None:
    answer = await invoices.verify(InvoiceQuestion("32", "", "2" * 20, date(2026, 3, 30), "1.00"))
    assert (answer.outcome, answer.state, answer.detail) == (InvoiceOutcome.NOT_FOUND, None, None)


async def test_a_wrong_amount_is_a_mismatch_and_tells_nothing(invoices: InvoiceConnector) -> None:
    answer = await invoices.verify(InvoiceQuestion("32", "", GENUINE.number, GENUINE.issued_on, "100.77"))
    assert (answer.outcome, answer.state, answer.detail) == (InvoiceOutcome.MISMATCH, None, None)


async def test_an_invoice_platform_that_is_down(invoices: InvoiceConnector) -> None:
    with pytest.raises(ExchangeDown):
        await invoices.verify(InvoiceQuestion("01", "4400161150", NUMBER_DOWN, date(2026, 3, 30), "1.00"))


async def test_ratings_come_whole_and_newest_first(credit: CreditConnector) -> None:
    found = list(await credit.ratings(USCC))
    assert [one.year for one in found] == [2025, 2024, 2023, 2022, 2021]
    assert found == demo_ratings.ratings_of(USCC)


async def test_an_enterprise_never_rated_has_none(credit: CreditConnector) -> None:
    assert list(await credit.ratings(USCC_NEVER_RATED)) == []


async def test_a_rating_service_that_is_down(credit: CreditConnector) -> None:
    with pytest.raises(ExchangeDown):
        await credit.ratings(USCC_DOWN)


async def test_the_a_list_is_read_page_by_page(credit: CreditConnector) -> None:
    whole = demo_ratings.a_list(2024)
    read: list[AListEntry] = []
    page, has_more = 0, True
    while has_more:
        page += 1
        found = await credit.a_list(2024, "", page)
        assert 0 < len(found.entries) <= A_LIST_PAGE
        read, has_more = [*read, *found.entries], found.has_more
    assert tuple(read) == whole


async def test_the_a_list_is_searched_by_name_and_by_code(credit: CreditConnector) -> None:
    one = demo_ratings.a_list(2025)[0]
    assert (await credit.a_list(2025, one.uscc, 1)).entries == (one,)
    assert one in (await credit.a_list(2025, one.name, 1)).entries
    assert (await credit.a_list(2025, "没有这样的企业", 1)).entries == ()
    assert (await credit.a_list(1999, "", 1)).entries == ()


async def test_a_library_tells_what_was_asked_and_no_more(libraries: LibraryConnector) -> None:
    number = make.id_number()
    (found,) = await libraries.look_up(
        Library.POPULATION, number, ("name", "birth_date"), purpose=Purpose.PREFILL.value
    )
    assert [name for name, _ in found.facts] == ["birth_date", "name"]
    assert found.get("birth_date") == f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    assert found.get("sex") is None


async def test_an_enterprise_is_in_its_library_by_its_registered_name(libraries: LibraryConnector) -> None:
    (found,) = await libraries.look_up(
        Library.LEGAL_PERSONS, USCC, ("name", "status"), purpose=Purpose.CASE_REVIEW.value
    )
    assert (found.get("name"), found.get("status")) == ("广州珠江晨光贸易有限公司", "在营")


@pytest.mark.parametrize("library", Library)
async def test_a_stranger_is_in_no_library(libraries: LibraryConnector, library: Library) -> None:
    found = await libraries.look_up(library, SUBJECT_UNKNOWN, ("status",), purpose=Purpose.CASE_REVIEW.value)
    assert list(found) == []


async def test_certificates_and_credit_records_have_a_status(libraries: LibraryConnector) -> None:
    told: list[LibraryRecord] = []
    for turn in range(30):
        for library in (Library.CERTIFICATES, Library.CREDIT):
            fields = ("kind", "status")
            told += await libraries.look_up(
                library, f"9144010{turn}", fields, purpose=Purpose.CASE_REVIEW.value
            )
    assert len(told) > 30
    assert all(one.get("kind") and one.get("status") for one in told)


async def test_libraries_that_are_down(libraries: LibraryConnector) -> None:
    with pytest.raises(ExchangeDown):
        await libraries.look_up(
            Library.POPULATION, SUBJECT_DOWN, ("name",), purpose=Purpose.CASE_REVIEW.value
        )


@pytest.mark.parametrize("code", [USCC_DOWN, USCC_NEVER_RATED, SUBJECT_DOWN, SUBJECT_UNKNOWN])
def test_codes_of_the_demo_are_valid(code: str) -> None:
    assert uscc_number(code) == code
