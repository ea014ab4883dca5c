"""The data behind the pretend connectors: invoices of every kind, years of ratings, the same each time."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from app.gateways.exchange.contract import InvoiceState, RatingFacts

_MANY = 3000
_STATES = (
    *(InvoiceState.NORMAL,) * 16, InvoiceState.VOID, InvoiceState.RED, InvoiceState.PARTLY_RED,
    InvoiceState.FULLY_RED,
)  # fmt: skip
# Kinds with a code of ten digits by its eighth one, of twelve by its last two, and without any.
_SHORT = {"01": "1", "04": "3", "02": "2"}
_LONG = {"10": "11", "08": "13", "11": "07", "14": "12", "15": "17"}
_DIGITAL = ("31", "32", "51", "61")

_PUBLISHED = (
    ("10", "011001605111", "80100798", date(2016, 10, 18), "64.90", "380258"),
    ("04", "4200161350", "00015045", date(2016, 5, 1), "165106.00", "294433"),
    ("01", "1200154130", "03630024", date(2016, 6, 21), "94339.62", ""),
    ("32", "", "26427000000316294884", date(2026, 3, 30), "100.76", ""),
    ("31", "", "24312000000358032546", date(2024, 11, 18), "633.00", ""),
    ("51", "", "26339132621000219582", date(2026, 4, 23), "56.00", ""),
)


@dataclass(frozen=True, slots=True)
class DemoInvoice:
    """One invoice of the data set; ``amount`` is the one its kind is checked by."""

    kind_code: str
    code: str
    number: str
    issued_on: date
    amount: str
    check_code: str
    state: InvoiceState


@cache
def invoices() -> Mapping[tuple[str, str], DemoInvoice]:
    """All invoices by code and number."""
    known = [DemoInvoice(*facts, InvoiceState.NORMAL) for facts in _PUBLISHED]
    return {(one.code, one.number): one for one in (*_made(), *known)}


def _made() -> Iterator[DemoInvoice]:
    draw = random.Random(20261122)  # noqa: S311  The same data each time is the point.
    kinds = (*_SHORT, *_LONG, *_DIGITAL)
    for turn in range(_MANY):
        kind = kinds[turn % len(kinds)]
        issued_on = date(2022, 1, 4) + timedelta(days=draw.randrange(1700))
        digits = f"{draw.randrange(10**8):08d}"
        if kind in _SHORT:
            code = f"4400{issued_on:%y}{draw.randrange(10)}{_SHORT[kind]}50"
        elif kind in _LONG:
            code = f"04400{issued_on:%y}{draw.randrange(1, 10):03d}{_LONG[kind]}"
        else:
            channel = {"51": "9", "61": "8"}.get(kind, "2")
            code, digits = "", f"{issued_on:%y}44{channel}{draw.randrange(10**15):015d}"
        yield DemoInvoice(
            kind_code=kind,
            code=code,
            number=digits,
            issued_on=issued_on,
            amount=f"{draw.randrange(100, 50_000_00) / 100:.2f}",
            check_code=f"{draw.randrange(10**6):06d}",
            state=draw.choice(_STATES),
        )


def ratings_of(uscc: str) -> list[RatingFacts]:
    """Five years of ratings of an enterprise, the newest first; each is published in the next April."""
    draw = random.Random(f"ratings {uscc}")  # noqa: S311  As above.
    score = draw.randrange(60, 99)
    found = []
    for year in range(2021, 2026):
        score = min(99, max(30, score + draw.randrange(-6, 7)))
        found.append(RatingFacts(year, level_of(score), Decimal(score), date(year + 1, 4, 20)))
    return found[::-1]


def level_of(score: int) -> str:
    """The level a score alone gives (≥ 90 A, ≥ 70 B, ≥ 40 C)."""
    return next(level for level, least in (("A", 90), ("B", 70), ("C", 40), ("D", 0)) if score >= least)
