"""Asking the tax authority whether an invoice is true (发票查验), within its limits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.domain.invoices import rules
from app.domain.invoices.models import Outcome
from app.domain.invoices.texts import InvoiceText
from app.gateways import exchange
from app.gateways.exchange import (
    InvoiceAnswer,
    InvoiceDetail,
    InvoiceOutcome,
    InvoiceQuestion,
    InvoiceState,
)
from app.kit import clock, crypto, db, limits


@dataclass(frozen=True, slots=True)
class InvoiceVerdict:
    """The verdict and what the person reads; ``state`` with a match, ``remaining_today`` after a check.

    ``detail`` is 票面, for the owner of the folder alone.
    """

    outcome: Outcome
    text: str
    state: InvoiceState | None = None
    checked_at: datetime | None = None
    remaining_today: int | None = None
    detail: InvoiceDetail | None = None


_MOST_PER_MINUTE: Final = 10

STATE_NAMES: Final = {
    InvoiceState.NORMAL: "正常",
    InvoiceState.VOID: "作废",
    InvoiceState.RED: "红冲",
    InvoiceState.PARTLY_RED: "部分红冲",
    InvoiceState.FULLY_RED: "全额红冲",
}

_STATES: Final = {
    InvoiceState.NORMAL: "正常",
    InvoiceState.VOID: "已作废，不能作为报销凭证",
    InvoiceState.RED: "已红冲，不能作为报销凭证",
    InvoiceState.PARTLY_RED: "已部分红冲，请核对剩余金额",
    InvoiceState.FULLY_RED: "已全额红冲，不能作为报销凭证",
}

WORDS: Final = {
    Outcome.NEEDS_INPUT: "内容不全，请补充后再查",
    Outcome.IN_THE_FUTURE: "开票日期在今天之后，请核对",
    Outcome.TOO_NEW: "当日开具的发票次日起才能查验，请明天再查",
    Outcome.QUEUED: "当日开具的发票次日起才能查验，已为您排队，明天 9 点后自动查验并通知您",
    Outcome.OUT_OF_YEARS: "只能查验最近五年开具的发票，更早的请到办税服务厅查询",
    Outcome.OVER_LIMIT: "这张发票今天已查验五次，请明天再查",
    Outcome.OVER_OWN_LIMIT: f"您今天已查验 {rules.CHECKS_A_DAY_EACH} 次，请明天再查",
    Outcome.MATCH: "查验一致",
    Outcome.MISMATCH: "查到这张发票，但您提供的内容与登记的不一致，请核对票面后再查",
    Outcome.NOT_FOUND: "查无此票，请核对发票代码和号码；仍查不到的，请向开票方或税务机关核实",
    Outcome.UNREADABLE: "没有认出发票，请核对这一行",
    Outcome.DUPLICATE: "与本批前面的一张是同一张发票，没有重复查验",
    Outcome.UNAVAILABLE: "查验平台暂时没有答复，请稍后对这一批重新查验",
}
"""What each outcome is told as, where nothing more can be said."""

# What the platform answers without having looked at the invoice costs none of its five checks.
_COSTS_NOTHING: Final = frozenset({InvoiceOutcome.TOO_NEW})


def hash_of(invoice: InvoiceText) -> bytes:
    """By which an invoice is known wherever it must not be readable."""
    return crypto.lookup_hash(f"{invoice.code} {invoice.number}", "invoice")


async def verify(invoice: InvoiceText, *, asked_by: str | None, is_paced: bool = True) -> InvoiceVerdict:
    """Check one invoice. What cannot be asked is said without spending one of its five checks of the day.

    ``asked_by`` is counted per day, and per minute unless somebody else sets the pace; a check of our own
    accord counts as nobody's. Raises TooOften for somebody who asks too fast, NotConnected, and
    ExchangeDown with the check given back.
    """
    today = clock.today()
    refusal = refusal_of(invoice, today)
    if refusal is not None:
        return refusal
    connector = exchange.invoices()
    if asked_by is not None and is_paced:
        await limits.hit("invoice", asked_by, allowance=_MOST_PER_MINUTE, per_s=60, closed=True)
    spent = await _Spending.begin(invoice, asked_by, today)
    if isinstance(spent, Outcome):
        return said(spent)
    try:
        answer = await connector.verify(_question(invoice))
    except BaseException:
        # Whoever got no answer, or ran out of patience, asks again, and one question costs one check.
        await spent.give_back()
        raise
    if answer.outcome in _COSTS_NOTHING:
        await spent.give_back()
    return _verdict(invoice, answer, spent.remaining)


async def forget_past() -> int:
    """Remove the counters of days gone by; answers how many. For a timed job."""
    today = clock.today()
    invoices = await db.execute('DELETE FROM invoice_checks WHERE "on" < $1', today)
    return invoices + await db.execute('DELETE FROM invoice_asker WHERE "on" < $1', today)


def refusal_of(invoice: InvoiceText, today: date) -> InvoiceVerdict | None:
    """Why an invoice cannot be asked about, if so; asks nobody."""
    missing = rules.missing_inputs(invoice)
    if missing:
        return InvoiceVerdict(
            Outcome.NEEDS_INPUT, f"还缺{'、'.join(missing)}，请补充，或粘贴发票二维码扫出的整段文字"
        )
    if invoice.issued_on is None or invoice.issued_on > today:
        return said(Outcome.IN_THE_FUTURE)
    if invoice.issued_on == today:
        return said(Outcome.TOO_NEW)
    return said(Outcome.OUT_OF_YEARS) if rules.is_out_of_years(invoice.issued_on, today) else None


def said(outcome: Outcome) -> InvoiceVerdict:
    """The verdict of an outcome that needs no more words."""
    return InvoiceVerdict(outcome, WORDS[outcome])


def _question(invoice: InvoiceText) -> InvoiceQuestion:
    if invoice.kind is None or invoice.issued_on is None:
        raise ValueError("an invoice that may be asked about has a kind and a day")
    return InvoiceQuestion(
        invoice.kind.code, invoice.code, invoice.number, invoice.issued_on, rules.proof_of(invoice)
    )


_COUNT: Final = {
    table: (
        f'INSERT INTO {table} AS c ({column}, "on", checks) VALUES ($1, $2, 1)'  # noqa: S608  Names of ours.
        f' ON CONFLICT ({column}, "on") DO UPDATE SET checks = c.checks + 1 WHERE c.checks < $3'
        " RETURNING checks"
    )
    for table, column in (("invoice_checks", "invoice_hash"), ("invoice_asker", "asker_hash"))
}
_UNCOUNT: Final = {
    table: f'UPDATE {table} SET checks = checks - 1 WHERE {column} = $1 AND "on" = $2 AND checks > 0'  # noqa: S608
    for table, column in (("invoice_checks", "invoice_hash"), ("invoice_asker", "asker_hash"))
}


@dataclass(frozen=True, slots=True)
class _Spending:
    """One check counted for the invoice and for who asked; ``remaining`` are left of the invoice's today."""

    invoice_hash: bytes
    asker_hash: bytes | None
    on: date
    remaining: int

    @classmethod
    async def begin(cls, invoice: InvoiceText, asked_by: str | None, on: date) -> "_Spending | Outcome":
        """Count in one statement each, so that no check too many passes; or which limit is reached."""
        asker_hash = None if asked_by is None else crypto.lookup_hash(asked_by, "invoice asker")
        if asker_hash is not None:
            own = await db.fetch_value(_COUNT["invoice_asker"], asker_hash, on, rules.CHECKS_A_DAY_EACH)
            if own is None:
                return Outcome.OVER_OWN_LIMIT
        invoice_hash = hash_of(invoice)
        spent = await db.fetch_value(_COUNT["invoice_checks"], invoice_hash, on, rules.CHECKS_A_DAY)
        if spent is None:
            if asker_hash is not None:
                await db.execute(_UNCOUNT["invoice_asker"], asker_hash, on)
            return Outcome.OVER_LIMIT
        return cls(invoice_hash, asker_hash, on, rules.CHECKS_A_DAY - int(spent))

    async def give_back(self) -> None:
        """As if it had never been asked."""
        await db.execute(_UNCOUNT["invoice_checks"], self.invoice_hash, self.on)
        if self.asker_hash is not None:
            await db.execute(_UNCOUNT["invoice_asker"], self.asker_hash, self.on)


def _verdict(invoice: InvoiceText, answer: InvoiceAnswer, remaining: int) -> InvoiceVerdict:
    outcome = Outcome(answer.outcome.value)
    if outcome is not Outcome.MATCH or answer.state is None:
        return InvoiceVerdict(outcome, WORDS[outcome], None, clock.now(), remaining)
    name = invoice.kind.name if invoice.kind else "发票"
    text = (
        f"{name}\n号码 {invoice.number}\n查验一致，状态：{_STATES[answer.state]}\n今天还可查验 {remaining} 次"
    )
    return InvoiceVerdict(outcome, text, answer.state, clock.now(), remaining, answer.detail)
