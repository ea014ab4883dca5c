"""What may be asked about an invoice: pure functions of what it says and of today."""

from datetime import date, datetime, time, timedelta
from typing import Final

from app.domain.invoices.kinds import PROOF_NAMES, Numbering, Proof
from app.domain.invoices.texts import InvoiceText

CHECKS_A_DAY: Final = 5
"""For one invoice, whoever asks (the national checking platform's own rule)."""
CHECKS_A_DAY_EACH: Final = 1000
"""For one person, over all invoices: two full batches, and no more than an accountant needs."""
YEARS: Final = 5
"""The platform keeps invoices of the last five years."""
ANSWERED_FROM: Final = time(9)
"""Invoices of one day can be checked on the next, surely from this time on."""

NIGHT_ENDS: Final = time(6)
"""Invoices are looked at again from midnight until then, when nobody waits for the platform."""
RECHECKED_EVERY: Final = timedelta(days=30)
RECHECKED_FOR: Final = timedelta(days=180)
"""How long after it was saved an invoice is looked at again: most are reversed within half a year."""


def missing_inputs(invoice: InvoiceText) -> list[str]:
    """What a check of this invoice still needs, by the names printed on it; its kind if nothing tells it."""
    kind = invoice.kind
    if kind is None:
        is_half = len(invoice.number) == 8 and not invoice.code
        return ["发票代码"] if is_half else ["发票种类"]
    missing: list[str] = []
    if kind.numbering is Numbering.CODED and not invoice.code:
        missing.append("发票代码")
    if len(invoice.number) != (8 if invoice.code else 20):
        missing.append("八位发票号码" if invoice.code else "二十位发票号码")
    if not invoice.issued_on:
        missing.append("开票日期")
    return missing if proof_of(invoice) else [*missing, PROOF_NAMES[kind.proof]]


def proof_of(invoice: InvoiceText) -> str:
    """The fourth input in the form a check takes it; empty if the text does not hold it."""
    if invoice.kind is None:
        return ""
    if invoice.kind.proof is Proof.CHECK_CODE:
        return invoice.check_code
    return str(invoice.amount) if invoice.amount is not None else ""


def is_out_of_years(issued_on: date, today: date) -> bool:
    """Whether an invoice is older than five years to the day."""
    # 29 February has its birthday on 1 March.
    is_leap_day = (issued_on.month, issued_on.day) == (2, 29)
    month, day = (3, 1) if is_leap_day else (issued_on.month, issued_on.day)
    return date(issued_on.year + YEARS, month, day) < today


def next_morning(now: datetime) -> datetime:
    """When an invoice of today, or one the platform does not know yet, can be asked about."""
    return datetime.combine(now.date() + timedelta(days=1), ANSWERED_FROM, now.tzinfo)


def next_recheck(saved_at: datetime, now: datetime) -> datetime | None:
    """When a saved invoice that may still change is looked at again; ``None`` once that is over."""
    again = now + RECHECKED_EVERY
    return again if again <= saved_at + RECHECKED_FOR else None
