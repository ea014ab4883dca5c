"""Invoice checking over HTTP.

``POST {url}/v1/invoice-checks`` ``{kind, code, number, issued_on, proof, purpose}`` → ``{outcome, state}``.
"""

import logging

from app.gateways.exchange.contract import (
    ExchangeDown,
    InvoiceAnswer,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
)
from app.gateways.exchange.upstream import Upstream

log = logging.getLogger(__name__)

INVOICE_CHECKS = "/v1/invoice-checks"


class HttpInvoices(Upstream):
    """See ``InvoiceConnector``."""

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        asked = {
            "kind": question.kind_code,
            "code": question.code,
            "number": question.number,
            "issued_on": question.issued_on.isoformat(),
            "proof": question.proof,
        }
        answer = await self.ask(INVOICE_CHECKS, asked, purpose="发票查验")
        try:
            outcome = InvoiceOutcome(answer["outcome"])
            state = InvoiceState(answer["state"]) if outcome is InvoiceOutcome.MATCH else None
        except (KeyError, ValueError):
            log.error("the invoice platform gave an answer we do not know")
            raise ExchangeDown from None
        return InvoiceAnswer(outcome, state)
