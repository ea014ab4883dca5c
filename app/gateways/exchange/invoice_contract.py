"""What we ask of the tax authority's invoice checking (发票查验), whoever answers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class InvoiceOutcome(StrEnum):
    """What the checking platform answers, whatever its own codes are (001, 002, 006, 009, rqerr …)."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"
    OVER_LIMIT = "over_limit"
    TOO_NEW = "too_new"
    """Issued today; it can be checked from tomorrow on."""


class InvoiceState(StrEnum):
    """发票状态."""

    NORMAL = "normal"  # 正常
    VOID = "void"  # 作废
    RED = "red"  # 红冲
    PARTLY_RED = "partly_red"  # 部分红冲
    FULLY_RED = "fully_red"  # 全额红冲


@dataclass(frozen=True, slots=True)
class InvoiceQuestion:
    """What an invoice check needs. ``proof`` is the amount (two decimals) or six digits, as the kind asks."""

    kind_code: str
    code: str
    number: str
    issued_on: date
    proof: str


@dataclass(frozen=True, slots=True)
class InvoiceParty:
    """购方 or 销方, as printed; for a person there may be no tax number."""

    name: str
    tax_number: str | None = None
    address_and_phone: str | None = None
    bank_account: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line of goods or services; money in yuan, ``tax_rate`` as printed (13%, 免税, 不征税)."""

    name: str
    specification: str | None = None
    unit: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    tax_rate: str | None = None
    tax: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """票面: what stands on the invoice. It tells of people's trade and is shown to owners only.

    Every fact may be missing. Money is in yuan with two decimals, at most ``wire.LARGEST``: ``amount``
    不含税金额, ``tax`` 税额, ``total`` 价税合计. ``further`` are labelled facts of special kinds, such as
    车架号 or 发动机号.
    """

    buyer: InvoiceParty | None = None
    seller: InvoiceParty | None = None
    lines: tuple[InvoiceLine, ...] = ()
    amount: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    total_in_words: str | None = None
    check_code: str | None = None
    machine_number: str | None = None
    remark: str | None = None
    times_checked: int | None = None
    further: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceAnswer:
    """The answer; a state comes with a match only, a detail with a match if the platform tells it."""

    outcome: InvoiceOutcome
    state: InvoiceState | None = None
    detail: InvoiceDetail | None = None


class InvoiceConnector(Protocol):
    """The tax authority's invoice checking. Raises ``ExchangeDown``."""

    async def verify(self, question: InvoiceQuestion) -> InvoiceAnswer:
        """Whether there is such an invoice, and in which state. Counts as one of five checks a day there."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
