"""QR texts of every kind and dress, read and validated by one process as fast as it can."""

import time
from datetime import date
from itertools import cycle, islice
from statistics import median
from typing import Final
from urllib.parse import quote

from app.domain.invoices import rules, texts
from app.domain.invoices.errors import NotAnInvoice
from app.gateways.exchange import demo_data
from app.gateways.exchange.demo_data import DemoInvoice

MANY: Final = 50_000
LEAST_PER_S: Final = 20_000
NOTES: Final = (
    f"{MANY:,} texts of all kinds, every tenth as an address, as JSON, in full-width signs or no invoice;"
    " read, inputs checked, window checked; one process, the middle of five rounds"
)

_ROUNDS: Final = 5
_TODAY: Final = date(2026, 11, 22)
_WIDE: Final = {code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)}


def rate() -> float:
    """Texts a second."""
    asked = _texts()
    return median(_round(asked) for _ in range(_ROUNDS))


def _round(asked: list[str]) -> float:
    began = time.perf_counter()
    accepted = sum(map(_is_askable, asked))
    took = time.perf_counter() - began
    if not accepted > len(asked) // 2:
        raise AssertionError("the texts are no invoices")
    return len(asked) / took


def _is_askable(text: str) -> bool:
    try:
        invoice = texts.read(text)
    except NotAnInvoice:
        return False
    if rules.missing_inputs(invoice) or invoice.issued_on is None:
        return False
    return not rules.is_out_of_years(invoice.issued_on, _TODAY) and bool(rules.proof_of(invoice))


def _texts() -> list[str]:
    plain = [_text_of(one) for one in demo_data.invoices().values()]
    return [_dressed(turn, text) for turn, text in enumerate(islice(cycle(plain), MANY))]


def _text_of(one: DemoInvoice) -> str:
    check = f"{'0' * 14}{one.check_code}" if one.check_code else ""
    return f"01,{one.kind_code},{one.code},{one.number},{one.amount},{one.issued_on:%Y%m%d},{check},5f98,"


def _dressed(turn: int, text: str) -> str:
    _, kind, code, number, amount, day, check, *_ = text.split(",")
    match turn % 40:
        case 0:
            return f"https://invoice.example.com/check?x={quote(text)}"
        case 10:
            named = {"fplx": kind, "fpdm": code, "fphm": number, "je": amount, "kprq": day, "jym": check}
            return str(named).replace("'", '"')
        case 20:
            return "\ufeff" + text.translate(_WIDE)
        case 30:
            return text[:20]
        case _:
            return text
