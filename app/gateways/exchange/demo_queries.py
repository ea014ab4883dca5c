"""Pretend invoice checking and credit ratings over the demonstration data; never in production."""

from collections.abc import Sequence

from app.gateways.exchange import demo_data, demo_ratings
from app.gateways.exchange.contract import ExchangeDown
from app.gateways.exchange.credit_contract import A_LIST_PAGE, AListPage, RatingFacts
from app.gateways.exchange.invoice_contract import InvoiceAnswer, InvoiceOutcome, InvoiceQuestion

NUMBER_DOWN = "00000503"
"""Asking about an invoice of this number meets a platform that is down."""
USCC_DOWN = "91440101MA5DEMQ50P"
"""Asking about this enterprise meets a service that is down."""
USCC_NEVER_RATED = "91440101MA5DEMQ19F"
"""An enterprise too young to be rated."""


class DemoInvoices:
    """See ``InvoiceConnector``."""

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        if question.number == NUMBER_DOWN:
            raise ExchangeDown
        known = demo_data.invoices().get((question.code, question.number))
        if known is None:
            return InvoiceAnswer(InvoiceOutcome.NOT_FOUND)
        proofs = {known.amount, known.check_code} - {""}
        if question.issued_on != known.issued_on or question.proof not in proofs:
            return InvoiceAnswer(InvoiceOutcome.MISMATCH)
        return InvoiceAnswer(InvoiceOutcome.MATCH, known.state, known.detail)

    async def close(self) -> None:
        """There is nothing to close."""


class DemoCredit:
    """See ``CreditConnector``."""

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        if uscc == USCC_DOWN:
            raise ExchangeDown
        return [] if uscc == USCC_NEVER_RATED else demo_ratings.ratings_of(uscc)

    async def a_list(self, year: int, query: str, page: int) -> AListPage:
        found = [one for one in demo_ratings.a_list(year) if query in one.name or query == one.uscc]
        since = (page - 1) * A_LIST_PAGE
        return AListPage(tuple(found[since : since + A_LIST_PAGE]), len(found) > since + A_LIST_PAGE)

    async def close(self) -> None:
        """There is nothing to close."""
