"""Kinds of invoices 发票种类: their codes, which inputs a check of each needs, and reading them from numbers.

Source: the national VAT invoice checking platform's own rules for code and number, as of 2026.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Proof(StrEnum):
    """The fourth input of a check, beside code, number and date."""

    NET_AMOUNT = "net_amount"  # 不含税金额
    SUM_AMOUNT = "sum_amount"  # 合计金额
    VEHICLE_PRICE = "vehicle_price"  # 车价合计
    TOTAL_AMOUNT = "total_amount"  # 价税合计
    CHECK_CODE = "check_code"  # 校验码后六位


PROOF_NAMES: Final = MappingProxyType(
    {
        Proof.NET_AMOUNT: "不含税金额",
        Proof.SUM_AMOUNT: "合计金额",
        Proof.VEHICLE_PRICE: "车价合计",
        Proof.TOTAL_AMOUNT: "价税合计",
        Proof.CHECK_CODE: "校验码后六位",
    }
)


class Numbering(StrEnum):
    """What an invoice of a kind is known by."""

    CODED = "coded"  # 发票代码 and a number of eight digits
    DIGITAL = "digital"  # a number of twenty digits, no code
    EITHER = "either"  # a digital invoice that is also printed on numbered paper


@dataclass(frozen=True, slots=True)
class InvoiceKind:
    """One kind, by its two-digit code."""

    code: str
    name: str
    numbering: Numbering
    proof: Proof


KINDS: Final = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            InvoiceKind("01", "增值税专用发票", Numbering.CODED, Proof.NET_AMOUNT),
            InvoiceKind("02", "货物运输业增值税专用发票", Numbering.CODED, Proof.SUM_AMOUNT),
            InvoiceKind("03", "机动车销售统一发票", Numbering.CODED, Proof.NET_AMOUNT),
            InvoiceKind("04", "增值税普通发票", Numbering.CODED, Proof.CHECK_CODE),
            InvoiceKind("08", "增值税电子专用发票", Numbering.CODED, Proof.NET_AMOUNT),
            InvoiceKind("10", "增值税电子普通发票", Numbering.CODED, Proof.CHECK_CODE),
            InvoiceKind("11", "增值税普通发票（卷式）", Numbering.CODED, Proof.CHECK_CODE),
            InvoiceKind("14", "通行费增值税电子普通发票", Numbering.CODED, Proof.CHECK_CODE),
            InvoiceKind("15", "二手车销售统一发票", Numbering.CODED, Proof.VEHICLE_PRICE),
            InvoiceKind("31", "数电发票（增值税专用发票）", Numbering.DIGITAL, Proof.TOTAL_AMOUNT),
            InvoiceKind("32", "数电发票（普通发票）", Numbering.EITHER, Proof.TOTAL_AMOUNT),
            InvoiceKind("33", "数电发票（机动车销售统一发票）", Numbering.EITHER, Proof.TOTAL_AMOUNT),
            InvoiceKind("34", "数电发票（二手车销售统一发票）", Numbering.EITHER, Proof.VEHICLE_PRICE),
            InvoiceKind("51", "电子发票（铁路电子客票）", Numbering.DIGITAL, Proof.TOTAL_AMOUNT),
            InvoiceKind("61", "电子发票（航空运输电子客票行程单）", Numbering.DIGITAL, Proof.TOTAL_AMOUNT),
            InvoiceKind("83", "数电发票（机动车销售统一发票）", Numbering.DIGITAL, Proof.TOTAL_AMOUNT),
            InvoiceKind("84", "数电发票（二手车销售统一发票）", Numbering.EITHER, Proof.VEHICLE_PRICE),
            InvoiceKind("85", "数电纸质发票（增值税专用发票）", Numbering.CODED, Proof.NET_AMOUNT),
        )
    }
)

# The QR text writes 20 for what everything else calls 08.
_ALIASES: Final = {"20": "08"}
# The QR text writes one type for both; with a code the digital invoice is one on numbered paper.
_ON_PAPER: Final = {"31": "85"}

# Four codes of the first trial of electronic invoices, which begin like vehicle invoices.
_TRIAL_CODES: Final = frozenset({"144031539110", "131001570151", "133011501118", "111001571071"})
_BY_LAST_TWO: Final = {
    "04": "04", "05": "04", "06": "11", "07": "11", "11": "10", "12": "14", "13": "08", "17": "15",
}  # fmt: skip
_BY_EIGHTH: Final = {"1": "01", "5": "01", "3": "04", "6": "04", "2": "02", "7": "02"}
_BY_CHANNEL: Final = {"8": "61", "9": "51"}
_DIGITS: Final = re.compile(r"[0-9]+")


def kind_named(code: str, *, is_on_paper: bool = False) -> InvoiceKind | None:
    """The kind of a two-digit type code, also as a QR text writes it; ``is_on_paper`` says it has a code."""
    named = _ALIASES.get(code, code)
    return KINDS.get(_ON_PAPER.get(named, named) if is_on_paper else named)


def kind_of(invoice_code: str) -> InvoiceKind | None:
    """The kind an invoice code 发票代码 of 10 or 12 digits tells; ``None`` where it tells nothing."""
    if not _DIGITS.fullmatch(invoice_code):
        return None
    found: str | None = None
    if invoice_code in _TRIAL_CODES:
        found = "10"
    elif len(invoice_code) == 12 and invoice_code[0] == "0":
        found = _BY_LAST_TWO.get(invoice_code[-2:])
    elif len(invoice_code) == 12 and invoice_code[7] == "2":
        found = "03"
    elif len(invoice_code) == 10:
        found = _BY_EIGHTH.get(invoice_code[7])
    return KINDS[found] if found else None


def kind_of_number(number: str) -> InvoiceKind | None:
    """The kind a number of twenty digits tells: of tickets only, for the rest it is asked, never guessed."""
    if len(number) != 20 or not _DIGITS.fullmatch(number):
        return None
    found = _BY_CHANNEL.get(number[4])
    return KINDS[found] if found else None
