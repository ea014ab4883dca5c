"""Asking the tax authority whether an invoice is true (发票查验), within its limits."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.domain.invoices import rules
from app.domain.invoices.texts import InvoiceText
from app.gateways import exchange
from app.gateways.exchange import ExchangeDown, InvoiceAnswer, InvoiceQuestion, InvoiceState
from app.kit import clock, crypto, db, limits


class Outcome(StrEnum):
    """What became of one wish to check (SM-INV)."""

    NEEDS_INPUT = "needs_input"
    IN_THE_FUTURE = "in_the_future"
    TOO_NEW = "too_new"
    OUT_OF_YEARS = "out_of_years"
    OVER_LIMIT = "over_limit"
    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class InvoiceVerdict:
    """The verdict and what the person reads; ``state`` with a match, ``remaining_today`` after a check."""

    outcome: Outcome
    text: str
    state: InvoiceState | None = None
    checked_at: datetime | None = None
    remaining_today: int | None = None


_MOST_PER_MINUTE: Final = 10

_STATES: Final = {
    InvoiceState.NORMAL: "正常",
    InvoiceState.VOID: "已作废，不能作为报销凭证",
    InvoiceState.RED: "已红冲，不能作为报销凭证",
    InvoiceState.PARTLY_RED: "已部分红冲，请核对剩余金额",
    InvoiceState.FULLY_RED: "已全额红冲，不能作为报销凭证",
}

_WORDS: Final = {
    Outcome.IN_THE_FUTURE: "开票日期在今天之后，请核对",
    Outcome.TOO_NEW: "当日开具的发票次日起才能查验，请明天再查",
    Outcome.OUT_OF_YEARS: "只能查验最近五年开具的发票，更早的请到办税服务厅查询",
    Outcome.OVER_LIMIT: "这张发票今天已查验五次，请明天再查",
    Outcome.MISMATCH: "查到这张发票，但您提供的内容与登记的不一致，请核对票面后再查",
    Outcome.NOT_FOUND: "查无此票，请核对发票代码和号码；仍查不到的，请向开票方或税务机关核实",
}


async def verify(invoice: InvoiceText, *, asked_by: str) -> InvoiceVerdict:
    """Check one invoice. What cannot be asked is said without spending one of its five checks of the day.

    Raises TooOften for somebody who asks too fast, NotConnected, and ExchangeDown with the check given back.
    """
    today = clock.today()
    refusal = _refusal(invoice, today)
    if refusal is not None:
        return refusal
    connector = exchange.invoices()
    await limits.hit("invoice", asked_by, allowance=_MOST_PER_MINUTE, per_s=60, closed=True)
    invoice_hash = crypto.lookup_hash(f"{invoice.code} {invoice.number}", "invoice")
    remaining = await _spend(invoice_hash, today)
    if remaining is None:
        return _said(Outcome.OVER_LIMIT)
    try:
        answer = await connector.verify(_question(invoice))
    except (ExchangeDown, asyncio.CancelledError):
        # Whoever ran out of patience asks again, and one question costs one check.
        await _give_back(invoice_hash, today)
        raise
    return _verdict(invoice, answer, remaining)


async def forget_past() -> int:
    """Remove the counters of days gone by; answers how many. For a timed job."""
    return await db.execute('DELETE FROM invoice_checks WHERE "on" < $1', clock.today())


def _refusal(invoice: InvoiceText, today: date) -> InvoiceVerdict | None:
    missing = rules.missing_inputs(invoice)
    if missing:
        return InvoiceVerdict(
            Outcome.NEEDS_INPUT, f"还缺{'、'.join(missing)}，请粘贴发票二维码扫出的整段文字"
        )
    if invoice.issued_on is None or invoice.issued_on > today:
        return _said(Outcome.IN_THE_FUTURE)
    if invoice.issued_on == today:
        return _said(Outcome.TOO_NEW)
    return _said(Outcome.OUT_OF_YEARS) if rules.is_out_of_years(invoice.issued_on, today) else None


def _question(invoice: InvoiceText) -> InvoiceQuestion:
    if invoice.kind is None or invoice.issued_on is None:
        raise ValueError("an invoice that may be asked about has a kind and a day")
    return InvoiceQuestion(
        invoice.kind.code, invoice.code, invoice.number, invoice.issued_on, rules.proof_of(invoice)
    )


async def _spend(invoice_hash: bytes, today: date) -> int | None:
    """Count one check in one statement, so that a sixth never passes; answers what is left, or None."""
    spent: int | None = await db.fetch_value(
        'INSERT INTO invoice_checks AS c (invoice_hash, "on", checks) VALUES ($1, $2, 1)'
        ' ON CONFLICT (invoice_hash, "on") DO UPDATE SET checks = c.checks + 1 WHERE c.checks < $3'
        " RETURNING checks",
        invoice_hash, today, rules.CHECKS_A_DAY,
    )  # fmt: skip
    return None if spent is None else rules.CHECKS_A_DAY - spent


async def _give_back(invoice_hash: bytes, today: date) -> None:
    await db.execute(
        'UPDATE invoice_checks SET checks = checks - 1 WHERE invoice_hash = $1 AND "on" = $2 AND checks > 0',
        invoice_hash, today,
    )  # fmt: skip


def _verdict(invoice: InvoiceText, answer: InvoiceAnswer, remaining: int) -> InvoiceVerdict:
    outcome = Outcome(answer.outcome.value)
    if outcome is not Outcome.MATCH or answer.state is None:
        return InvoiceVerdict(outcome, _WORDS[outcome], None, clock.now(), remaining)
    name = invoice.kind.name if invoice.kind else "发票"
    text = (
        f"{name}\n号码 {invoice.number}\n查验一致，状态：{_STATES[answer.state]}\n今天还可查验 {remaining} 次"
    )
    return InvoiceVerdict(outcome, text, answer.state, clock.now(), remaining)


def _said(outcome: Outcome) -> InvoiceVerdict:
    return InvoiceVerdict(outcome, _WORDS[outcome])
