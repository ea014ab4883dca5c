"""What an invoice says, with its 票面 as the tax authority told it, sealed for keeping."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

import orjson

from app.domain.invoices import texts
from app.domain.invoices.texts import InvoiceText
from app.gateways.exchange import InvoiceDetail, InvoiceLine, InvoiceParty
from app.gateways.exchange.wire import LARGEST
from app.kit import crypto

_MONEY: Final = frozenset({"amount", "tax", "total", "quantity", "unit_price"})


@dataclass(frozen=True, slots=True)
class Content:
    """An invoice and, if it was told, its 票面."""

    invoice: InvoiceText
    detail: InvoiceDetail | None = None

    @property
    def amount(self) -> Decimal | None:
        """What it adds to a sum: 价税合计 if that is known, else the amount it was checked by."""
        told = self.detail.total if self.detail is not None else None
        return told if told is not None and abs(told) <= LARGEST else self.invoice.amount


def seal(content: Content) -> str:
    """The content as it is kept."""
    plain = {"text": texts.write(content.invoice), "detail": content.detail}
    return crypto.seal(orjson.dumps(plain, default=str).decode())


def unseal(sealed: str) -> Content:
    """The content as it was."""
    plain = orjson.loads(crypto.unseal(sealed))
    detail = plain["detail"]
    return Content(texts.read(plain["text"]), None if detail is None else _detail(detail))


def _detail(plain: Mapping[str, Any]) -> InvoiceDetail:
    known = _known(InvoiceDetail, plain)
    known["buyer"], known["seller"] = _party(known.get("buyer")), _party(known.get("seller"))
    known["lines"] = tuple(InvoiceLine(**_known(InvoiceLine, line)) for line in plain.get("lines", ()))
    known["further"] = tuple((label, value) for label, value in plain.get("further", ()))
    return InvoiceDetail(**known)


def _party(plain: Mapping[str, Any] | None) -> InvoiceParty | None:
    return None if plain is None else InvoiceParty(**_known(InvoiceParty, plain))


def _known(kind: Any, plain: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a kind; what an older version kept and this one does not know is left out."""
    names = {field.name for field in fields(kind)} & plain.keys()
    return {
        name: Decimal(plain[name]) if name in _MONEY and plain[name] is not None else plain[name]
        for name in names
    }
