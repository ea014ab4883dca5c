"""What the QR code of an invoice says, in every form issuers print it.

The common form is ``01,<type>,<code>,<number>,<amount>,<yyyymmdd>,<check code>,<4 hex>,``. The last four
match no published checksum and are not verified. Amounts are without tax on invoices of paper age, and
the total on digital ones. Some issuers print an address or JSON instead.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from app.domain.invoices.errors import NotAnInvoice
from app.domain.invoices.kinds import InvoiceKind, kind_named, kind_of, kind_of_number

LONGEST: Final = 2000
_FIELDS: Final = 7
_PLACES: Final = Decimal("0.01")
# Eleven digits before the point, as a check takes them; thousands have their commas all or not at all.
_AMOUNT: Final = re.compile(
    r"-?(?:[0-9]{1,11}|[0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,2}(?:,[0-9]{3}){3})(?:\.[0-9]{0,2}0*)?"
)
_CODE: Final = re.compile(r"[0-9]{10}|[0-9]{12}")
_NUMBER: Final = re.compile(r"[0-9]{8}|[0-9]{20}")
_CHECK_CODE: Final = re.compile(r"[0-9]{6}|[0-9]{20}")
_COMPACT_DAY: Final = re.compile(r"[0-9]{8}")
_DAY: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T].{0,20})?")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
# A byte order mark that was read in the wrong encoding.
_MANGLED_MARK: Final = "ï»¿"

# What issuers call the same thing in addresses and JSON.
_NAMES: Final = {
    "type": ("fplx", "fp_type", "invoicetype", "type"),
    "code": ("fpdm", "fp_dm", "bill_code", "invoicecode", "code"),
    "number": ("fphm", "fp_hm", "bill_num", "billnum", "invoicenumber", "invoiceno", "number", "num"),
    "amount": ("je", "jshj", "hjje", "amount", "total", "totalamount", "bill_amount"),
    "date": ("kprq", "bill_date", "invoicedate", "issuedate", "date"),
    "check": ("jym", "check_code", "checkcode", "random"),
}


@dataclass(frozen=True, slots=True)
class InvoiceText:
    """What an invoice says of itself. ``kind`` is None where nothing tells it: ask, never guess.

    ``amount`` is exact; ``check_code`` has its last six digits only, as a check asks for them.
    """

    kind: InvoiceKind | None
    code: str
    number: str
    amount: Decimal | None
    issued_on: date | None
    check_code: str


def read(text: str) -> InvoiceText:
    """Read the text of a QR code. Raises NotAnInvoice for anything else."""
    if len(text) > LONGEST:
        raise NotAnInvoice
    plain = tidy(text)
    if plain.startswith("{"):
        return _from_names(_json(plain))
    if plain[:8].lower().startswith(("http://", "https://")):
        return _from_address(plain)
    return _from_fields(plain)


def write(invoice: InvoiceText) -> str:
    """An invoice in the common form, from which ``read`` makes the same again."""
    return ",".join(
        (
            "01",
            invoice.kind.code if invoice.kind else "",
            invoice.code,
            invoice.number,
            str(invoice.amount) if invoice.amount is not None else "",
            invoice.issued_on.isoformat().replace("-", "") if invoice.issued_on else "",
            invoice.check_code,
            "",
        )
    )


def of_inputs(
    kind: str, code: str, number: str, amount: str, issued_on: date | None, check: str
) -> InvoiceText:
    """An invoice as somebody types it in; what is missing is asked for later. Raises NotAnInvoice."""
    return _judged(kind, code, number, amount, issued_on.isoformat() if issued_on else "", check)


def tidy(text: str) -> str:
    """The text in half-width signs, without what cannot be seen."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.removeprefix(_MANGLED_MARK)).translate(_INVISIBLE)
    return text.strip()


def amount_of(text: str) -> Decimal:
    """An amount as people write it: full-width, thousands, a currency sign, 元. Raises NotAnInvoice."""
    plain = tidy(text).removeprefix("¥").removesuffix("元").replace(" ", "")
    if not _AMOUNT.fullmatch(plain):
        raise NotAnInvoice
    # Adding nothing turns a negative zero into a plain one.
    return Decimal(plain.replace(",", "")).quantize(_PLACES) + 0


def day_of(text: str) -> date:
    """A day as issuers and people write it: 20260330, 2026-03-30, 2026年3月30日. Raises NotAnInvoice."""
    found = _DAY.fullmatch(text)
    if found:
        parts = found.groups()
    elif _COMPACT_DAY.match(text) and not text[8:9].isdigit():
        parts = (text[:4], text[4:6], text[6:8])
    else:
        raise NotAnInvoice
    try:
        return date(*map(int, parts))
    except ValueError:
        raise NotAnInvoice from None


def _from_fields(text: str) -> InvoiceText:
    fields = [field.strip() for field in text.split(",")]
    if len(fields) < _FIELDS or fields[0] != "01":
        raise NotAnInvoice
    _, kind, code, number, amount, issued_on, check = fields[:_FIELDS]
    return _invoice(kind, code, number, amount, issued_on, check)


def _from_address(text: str) -> InvoiceText:
    try:
        parts = urlsplit(text)
        pairs = parse_qsl(parts.query) or parse_qsl(parts.fragment.partition("?")[2])
    except ValueError:
        raise NotAnInvoice from None
    for _, value in pairs:
        # Some addresses carry the common form in one of their parameters.
        if value.startswith("01,"):
            return _from_fields(value)
    return _from_names(dict(pairs))


def _json(text: str) -> Mapping[str, Any]:
    try:
        # An amount is taken as it is written: a float would round it.
        found = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        raise NotAnInvoice from None
    if not isinstance(found, dict):
        raise NotAnInvoice
    return found


def _from_names(given: Mapping[str, Any]) -> InvoiceText:
    known = {name.lower(): value for name, value in given.items()}

    def named(what: str) -> str:
        values = (known[name] for name in _NAMES[what] if name in known)
        value = next(values, "")
        return str(value).strip() if isinstance(value, str | int) else ""

    return _invoice(*(named(what) for what in ("type", "code", "number", "amount", "date", "check")))


def _invoice(kind: str, code: str, number: str, amount: str, issued_on: str, check: str) -> InvoiceText:
    # A number of eight digits is only somebody's within a code.
    if len(number) == 8 and not code:
        raise NotAnInvoice
    return _judged(kind, code, number, amount, issued_on, check)


def _judged(kind: str, code: str, number: str, amount: str, issued_on: str, check: str) -> InvoiceText:
    if not _NUMBER.fullmatch(number) or (code and not _CODE.fullmatch(code)):
        raise NotAnInvoice
    return InvoiceText(
        kind=_kind(kind, code, number),
        code=code,
        number=number,
        amount=amount_of(amount) if amount else None,
        issued_on=day_of(issued_on) if issued_on else None,
        check_code=check[-6:] if _CHECK_CODE.fullmatch(check) else "",
    )


def _kind(said: str, code: str, number: str) -> InvoiceKind | None:
    """What the text calls it comes first; then what the code or the number tells."""
    named = kind_named(said, is_on_paper=bool(code)) if said else None
    return named or (kind_of(code) if code else kind_of_number(number))
