"""What may be asked about an invoice: pure functions of what it says and of today."""

from datetime import date
from typing import Final

from app.domain.invoices.kinds import PROOF_NAMES, Proof
from app.domain.invoices.texts import InvoiceText

CHECKS_A_DAY: Final = 5
"""For one invoice, whoever asks (the national checking platform's own rule)."""
YEARS: Final = 5
"""The platform keeps invoices of the last five years."""


def missing_inputs(invoice: InvoiceText) -> list[str]:
    """What a check of this invoice still needs, by the names printed on it; its kind if nothing tells it."""
    if invoice.kind is None:
        return ["发票种类"]
    missing = [] if invoice.issued_on else ["开票日期"]
    return missing if proof_of(invoice) else [*missing, PROOF_NAMES[invoice.kind.proof]]


def proof_of(invoice: InvoiceText) -> str:
    """The fourth input in the form a check takes it; empty if the text does not hold it."""
    if invoice.kind is None:
        return ""
    if invoice.kind.proof is Proof.CHECK_CODE:
        return invoice.check_code
    return f"{invoice.amount:.2f}" if invoice.amount is not None else ""


def is_out_of_years(issued_on: date, today: date) -> bool:
    """Whether an invoice is older than five years to the day."""
    # 29 February has its birthday on 1 March.
    is_leap_day = (issued_on.month, issued_on.day) == (2, 29)
    month, day = (3, 1) if is_leap_day else (issued_on.month, issued_on.day)
    return date(issued_on.year + YEARS, month, day) < today
