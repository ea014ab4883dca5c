"""The pretend invoices: thousands of every kind and state, the same each time."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from app.gateways.exchange.demo_details import detail_of
from app.gateways.exchange.invoice_contract import InvoiceDetail, InvoiceState

_MANY = 6000
_STATES = (
    *(InvoiceState.NORMAL,) * 16, InvoiceState.VOID, InvoiceState.RED, InvoiceState.PARTLY_RED,
    InvoiceState.FULLY_RED,
)  # fmt: skip
# Kinds with a code of ten digits by its eighth one, of twelve by its last two, and without any.
_SHORT = {"01": "1", "04": "3", "02": "2", "85": "5"}
_LONG = {"10": "11", "08": "13", "11": "07", "14": "12", "15": "17"}
_DIGITAL = ("31", "32", "33", "34", "51", "61", "83", "84")
_VEHICLE = "03"
# The channel a fully digital number names in its fifth place.
_CHANNELS = {"51": "9", "61": "8"}

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

    @property
    def detail(self) -> InvoiceDetail:
        """What is printed on it."""
        return detail_of(self.kind_code, self.number, Decimal(self.amount), self.check_code)


@cache
def invoices() -> Mapping[tuple[str, str], DemoInvoice]:
    """All invoices by code and number."""
    known = [DemoInvoice(*facts, InvoiceState.NORMAL) for facts in _PUBLISHED]
    return {(one.code, one.number): one for one in (*_made(), *known)}


def _made() -> Iterator[DemoInvoice]:
    draw = random.Random(20261122)  # noqa: S311  The same data each time is the point.
    kinds = (*_SHORT, *_LONG, *_DIGITAL, _VEHICLE)
    for turn in range(_MANY):
        kind = kinds[turn % len(kinds)]
        issued_on = date(2022, 1, 4) + timedelta(days=draw.randrange(1700))
        code, number = _numbers(draw, kind, f"{issued_on:%y}")
        yield DemoInvoice(
            kind_code=kind,
            code=code,
            number=number,
            issued_on=issued_on,
            amount=f"{draw.randrange(100, 50_000_00) / 100:.2f}",
            check_code=f"{draw.randrange(10**6):06d}",
            state=draw.choice(_STATES),
        )


def _numbers(draw: random.Random, kind: str, year: str) -> tuple[str, str]:
    """Code and number as the kind has them."""
    if kind in _DIGITAL:
        return "", f"{year}44{_CHANNELS.get(kind, '2')}{draw.randrange(10**15):015d}"
    number = f"{draw.randrange(10**8):08d}"
    if kind in _SHORT:
        return f"4400{year}{draw.randrange(10)}{_SHORT[kind]}50", number
    if kind == _VEHICLE:
        return f"14400{year}2{draw.randrange(10**4):04d}", number
    return f"04400{year}{draw.randrange(1, 10):03d}{_LONG[kind]}", number
