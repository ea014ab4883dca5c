"""Invoice checking over HTTP.

``POST {url}/v1/invoice-checks`` ``{kind, code, number, issued_on, proof, purpose}`` →
``{outcome, code, number, state, detail}``. ``outcome`` and ``state`` are our words or the national platform's
codes; with a match ``code`` and ``number`` repeat the question's, and ``detail`` may tell what is printed.
"""

from collections.abc import Mapping
from typing import Any

from app.gateways.exchange import invoice_codes, wire
from app.gateways.exchange.invoice_contract import (
    InvoiceAnswer,
    InvoiceDetail,
    InvoiceLine,
    InvoiceOutcome,
    InvoiceParty,
    InvoiceQuestion,
)
from app.gateways.exchange.purposes import Purpose, Source
from app.gateways.exchange.upstream import Upstream

INVOICE_CHECKS = "/v1/invoice-checks"
_MOST_LINES = 2000
_MOST_FURTHER = 60


class HttpInvoices(Upstream):
    """See ``InvoiceConnector``."""

    source = Source.INVOICES

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        asked = {
            "kind": question.kind_code,
            "code": question.code,
            "number": question.number,
            "issued_on": question.issued_on.isoformat(),
            "proof": question.proof,
        }
        answer = await self.ask(
            INVOICE_CHECKS, asked, purpose=Purpose.INVOICE_CHECK, about=("code", "number"), must_echo=False
        )
        try:
            outcome = invoice_codes.outcome_of(wire.text(answer.get("outcome"), 20))
            if outcome is not InvoiceOutcome.MATCH:
                return InvoiceAnswer(outcome)
            if "number" not in answer or (question.code and "code" not in answer):
                raise ValueError("a match without its code and number")
            told = answer.get("detail")
            return InvoiceAnswer(
                outcome,
                invoice_codes.state_of(wire.text(answer.get("state"), 20)),
                None if told is None else detail_of(wire.mapping(told)),
            )
        except ValueError:
            raise self.nonsense(INVOICE_CHECKS) from None


def detail_of(given: Mapping[str, Any]) -> InvoiceDetail:
    """What is printed on an invoice, out of its JSON. Raises ValueError."""
    return InvoiceDetail(
        buyer=_party(given.get("buyer")),
        seller=_party(given.get("seller")),
        lines=tuple(_line(wire.mapping(one)) for one in wire.items(given.get("lines") or [], _MOST_LINES)),
        amount=wire.optional_number(given.get("amount")),
        tax=wire.optional_number(given.get("tax")),
        total=wire.optional_number(given.get("total")),
        total_in_words=wire.optional_text(given.get("total_in_words"), 100),
        check_code=wire.optional_text(given.get("check_code"), 20),
        machine_number=wire.optional_text(given.get("machine_number"), 20),
        remark=wire.optional_text(given.get("remark"), 1000),
        times_checked=None
        if given.get("times_checked") is None
        else wire.whole(given["times_checked"], 0, 10**9),
        further=tuple(_pair(one) for one in wire.items(given.get("further") or [], _MOST_FURTHER)),
    )


def _party(given: object) -> InvoiceParty | None:
    if given is None:
        return None
    told = wire.mapping(given)
    return InvoiceParty(
        name=wire.text(told.get("name"), 200),
        tax_number=wire.optional_text(told.get("tax_number"), 40),
        address_and_phone=wire.optional_text(told.get("address_and_phone"), 300),
        bank_account=wire.optional_text(told.get("bank_account"), 300),
    )


def _line(told: Mapping[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        name=wire.text(told.get("name"), 300),
        specification=wire.optional_text(told.get("specification"), 200),
        unit=wire.optional_text(told.get("unit"), 40),
        quantity=wire.optional_number(told.get("quantity")),
        unit_price=wire.optional_number(told.get("unit_price")),
        amount=wire.optional_number(told.get("amount")),
        tax_rate=wire.optional_text(told.get("tax_rate"), 20),
        tax=wire.optional_number(told.get("tax")),
    )


def _pair(given: object) -> tuple[str, str]:
    label, value = wire.items(given, 2)
    return wire.text(label, 40), wire.text(value, 200)
