"""Answers as services give them, kept as files, and what the connectors make of them."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.gateways.exchange.http_credit import HttpCredit
from app.gateways.exchange.http_invoices import HttpInvoices
from app.gateways.exchange.http_libraries import HttpLibraries
from app.gateways.exchange.invoice_contract import InvoiceQuestion
from app.gateways.exchange.library_contract import Library
from app.gateways.exchange.purposes import Purpose
from tests.gateways.exchange.registry import SIGNER, Registry, running

RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as started:
        yield started


def _recorded(registry: Registry, name: str) -> tuple[dict[str, Any], Any]:
    """The question and what has to be told of the answer, which the registry gives next."""
    record = json.loads((RECORDED / f"{name}.json").read_text())
    registry.faults = [json.dumps(record["answer"]).encode()]
    return record["question"], record["told"]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


async def test_an_invoice_and_what_is_printed_on_it(registry: Registry) -> None:
    asked, told = _recorded(registry, "invoice_match")
    connector = HttpInvoices(registry.url, SIGNER, pause_s=0)
    answer = await connector.verify(
        InvoiceQuestion(
            asked["kind"], asked["code"], asked["number"], date.fromisoformat(asked["issued_on"]),
            asked["proof"],
        )
    )  # fmt: skip
    await connector.close()
    detail = answer.detail
    assert detail is not None
    assert detail.buyer is not None
    assert {
        "outcome": answer.outcome, "state": answer.state,
        "total": str(detail.total), "lines": len(detail.lines),
        "first_tax": _text(detail.lines[0].tax), "second_tax": _text(detail.lines[1].tax),
        "buyer": detail.buyer.name, "remark": detail.remark, "further": [list(one) for one in detail.further],
    } == told  # fmt: skip
    assert registry.asked[0][1] == {**asked, "purpose": "发票查验"}


async def test_ratings_with_their_deductions(registry: Registry) -> None:
    asked, told = _recorded(registry, "credit_ratings")
    connector = HttpCredit(registry.url, SIGNER, pause_s=0)
    found = await connector.ratings(asked["uscc"])
    await connector.close()
    assert [
        {
            "year": one.year, "level": one.level, "score": _text(one.score), "status": one.status,
            "deductions": len(one.deductions), "authority": one.authority,
            "restored": str(sum((part.restored for part in one.deductions), Decimal(0))),
        }
        for one in found
    ] == told  # fmt: skip
    assert found[1].deductions[1].repair_until == date(2025, 12, 31)


async def test_a_page_of_the_a_list(registry: Registry) -> None:
    asked, told = _recorded(registry, "a_list")
    connector = HttpCredit(registry.url, SIGNER, pause_s=0)
    page = await connector.a_list(asked["year"], asked["query"], asked["page"])
    await connector.close()
    assert page.has_more is told["has_more"]
    assert [[one.uscc, one.name, one.year] for one in page.entries] == told["enterprises"]


async def test_records_of_a_library_without_what_was_not_asked(registry: Registry) -> None:
    asked, told = _recorded(registry, "library_records")
    connector = HttpLibraries(registry.url, SIGNER, pause_s=0)
    found = await connector.look_up(
        Library(asked["library"]), asked["subject"], asked["fields"], purpose=Purpose.PREFILL.value
    )
    await connector.close()
    assert [[list(pair) for pair in one.facts] for one in found] == told
    assert "13800000000" not in repr(found)
