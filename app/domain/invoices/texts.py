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
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from app.domain.invoices.errors import NotAnInvoice
from app.domain.invoices.kinds import InvoiceKind, kind_named, kind_of

LONGEST: Final = 2000
_FIELDS: Final = 7
_AMOUNT: Final = re.compile(r"-?[0-9]{1,11}(\.[0-9]{1,2})?")
_CODE: Final = re.compile(r"[0-9]{10}|[0-9]{12}")
_NUMBER: Final = re.compile(r"[0-9]{8}|[0-9]{20}")
_CHECK_CODE: Final = re.compile(r"[0-9]{6}|[0-9]{20}")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))

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
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).strip()
    if plain.startswith("{"):
        return _from_names(_json(plain))
    if plain.lower().startswith(("http://", "https://")):
        return _from_address(plain)
    return _from_fields(plain)


def amount_of(text: str) -> Decimal:
    """An amount as people write it: full-width, thousands, a currency sign, 元. Raises NotAnInvoice."""
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("¥").removesuffix("元")
    plain = plain.replace(",", "").replace(" ", "")
    # 64.900 says no more than 64.9; more places than two that mean something are no amount.
    if "." in plain:
        plain = plain.rstrip("0").removesuffix(".") or "0"
    if not _AMOUNT.fullmatch(plain):
        raise NotAnInvoice
    try:
        return Decimal(plain).quantize(Decimal("0.01"))
    except InvalidOperation:
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
        found = json.loads(text)
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
        return str(value).strip() if isinstance(value, str | int | float | Decimal) else ""

    return _invoice(*(named(what) for what in ("type", "code", "number", "amount", "date", "check")))


def _invoice(kind: str, code: str, number: str, amount: str, issued_on: str, check: str) -> InvoiceText:
    if not _NUMBER.fullmatch(number) or (code and not _CODE.fullmatch(code)):
        raise NotAnInvoice
    # A number of eight digits is only somebody's within a code.
    if len(number) == 8 and not code:
        raise NotAnInvoice
    return InvoiceText(
        kind=(kind_named(kind) if kind else None) or (kind_of(code) if code else None),
        code=code,
        number=number,
        amount=amount_of(amount) if amount else None,
        issued_on=_day(issued_on) if issued_on else None,
        check_code=check[-6:] if _CHECK_CODE.fullmatch(check) else "",
    )


def _day(text: str) -> date:
    digits = re.sub(r"[-/.年月日 ]", "", text)[:8]
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise NotAnInvoice
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise NotAnInvoice from None
