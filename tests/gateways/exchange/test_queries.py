"""Invoice checking and credit ratings: the demo, HTTP in front of the demo, and liars."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.gateways.exchange import signing
from app.gateways.exchange.contract import (
    CreditConnector,
    ExchangeDown,
    InvoiceConnector,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
)
from app.gateways.exchange.demo_queries import (
    NUMBER_DOWN,
    USCC_DOWN,
    USCC_NEVER_RATED,
    DemoCredit,
    DemoInvoices,
)
from app.gateways.exchange.http_credit import CREDIT_RATINGS, HttpCredit
from app.gateways.exchange.http_invoices import INVOICE_CHECKS, HttpInvoices
from app.kit.identity_numbers import uscc_number

TestServer.__test__ = False

KEY, SECRET = "weiban", "a secret shared with the authority"
GENUINE = InvoiceQuestion("32", "", "26427000000316294884", date(2026, 3, 30), "100.76")
USCC = "91440101MA5DEMQ01M"


async def _invoice_check(asked: dict[str, Any]) -> dict[str, Any]:
    question = InvoiceQuestion(
        asked["kind"], asked["code"], asked["number"], date.fromisoformat(asked["issued_on"]), asked["proof"]
    )
    answer = await DemoInvoices().verify(question)
    return {"outcome": answer.outcome, "state": answer.state}


async def _credit_ratings(asked: dict[str, Any]) -> dict[str, Any]:
    found = await DemoCredit().ratings(asked["uscc"])
    ratings = [
        {**asdict(one), "score": str(one.score), "published_on": str(one.published_on)} for one in found
    ]
    return {"uscc": asked["uscc"], "ratings": ratings[::-1]}


@asynccontextmanager
async def _authority(instead: dict[str, Any] | None = None) -> AsyncIterator[str]:
    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        if not signing.is_genuine(SECRET, request.method, request.path, request.headers, body):
            return web.Response(status=401)
        if instead is not None:
            return web.json_response(instead)
        answer = _invoice_check if request.path.endswith(INVOICE_CHECKS) else _credit_ratings
        try:
            return web.json_response(await answer(await request.json()))
        except ExchangeDown:
            return web.Response(status=503)

    application = web.Application()
    for path in (INVOICE_CHECKS, CREDIT_RATINGS):
        application.router.add_post(path, take)
    async with TestServer(application) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture(params=["demo", "http"])
async def invoices(request: pytest.FixtureRequest) -> AsyncIterator[InvoiceConnector]:
    if request.param == "demo":
        yield DemoInvoices()
        return
    async with _authority() as url:
        over_http = HttpInvoices(url, KEY, SECRET, pause_s=0)
        yield over_http
        await over_http.close()


@pytest.fixture(params=["demo", "http"])
async def credit(request: pytest.FixtureRequest) -> AsyncIterator[CreditConnector]:
    if request.param == "demo":
        yield DemoCredit()
        return
    async with _authority() as url:
        over_http = HttpCredit(url, KEY, SECRET, pause_s=0)
        yield over_http
        await over_http.close()


async def test_a_genuine_invoice_and_its_state(invoices: InvoiceConnector) -> None:
    answer = await invoices.verify(GENUINE)
    assert (answer.outcome, answer.state) == (InvoiceOutcome.MATCH, InvoiceState.NORMAL)


async def test_an_unknown_invoice_has_no_state(invoices: InvoiceConnector) -> None:
    answer = await invoices.verify(InvoiceQuestion("32", "", "2" * 20, date(2026, 3, 30), "1.00"))
    assert (answer.outcome, answer.state) == (InvoiceOutcome.NOT_FOUND, None)


async def test_an_invoice_platform_that_is_down(invoices: InvoiceConnector) -> None:
    with pytest.raises(ExchangeDown):
        await invoices.verify(InvoiceQuestion("01", "4400161150", NUMBER_DOWN, date(2026, 3, 30), "1.00"))


async def test_ratings_come_newest_first(credit: CreditConnector) -> None:
    years = [one.year for one in await credit.ratings(USCC)]
    assert years == sorted(years, reverse=True)
    assert len(years) == 5


async def test_an_enterprise_never_rated_has_none(credit: CreditConnector) -> None:
    assert list(await credit.ratings(USCC_NEVER_RATED)) == []


async def test_a_rating_service_that_is_down(credit: CreditConnector) -> None:
    with pytest.raises(ExchangeDown):
        await credit.ratings(USCC_DOWN)


RATING = {"year": 2025, "level": "A", "score": "95", "published_on": "2026-04-20"}


@pytest.mark.parametrize(
    "answer",
    [
        {"uscc": "91440106MA5DEMQ021", "ratings": [RATING]},
        {"uscc": USCC, "ratings": [{**RATING, "level": "S"}]},
        {"uscc": USCC, "ratings": [{**RATING, "year": "many"}]},
        {"uscc": USCC, "ratings": [{**RATING, "score": "good"}]},
        {"uscc": USCC, "ratings": [{**RATING, "score": "NaN"}]},
        {"uscc": USCC, "ratings": [{**RATING, "score": "1e9"}]},
        {"uscc": USCC, "ratings": [{**RATING, "score": -1}]},
        {"uscc": USCC, "ratings": [{**RATING, "year": 2025.5}]},
        {"uscc": USCC, "ratings": "none"},
        {"uscc": USCC},
        {},
    ],
)
async def test_a_rating_that_is_somebody_else_s_or_makes_no_sense_is_shown_to_nobody(
    answer: dict[str, Any],
) -> None:
    async with _authority(answer) as url:
        connector = HttpCredit(url, KEY, SECRET, pause_s=0)
        with pytest.raises(ExchangeDown):
            await connector.ratings(USCC)
        await connector.close()


@pytest.mark.parametrize(
    "answer", [{}, {"outcome": "fine"}, {"outcome": "match"}, {"outcome": "match", "state": "x"}]
)
async def test_an_invoice_answer_that_makes_no_sense(answer: dict[str, Any]) -> None:
    async with _authority(answer) as url:
        connector = HttpInvoices(url, KEY, SECRET, pause_s=0)
        with pytest.raises(ExchangeDown):
            await connector.verify(GENUINE)
        await connector.close()


@pytest.mark.parametrize("code", [USCC_DOWN, USCC_NEVER_RATED])
def test_codes_of_the_demo_are_valid(code: str) -> None:
    assert uscc_number(code) == code
