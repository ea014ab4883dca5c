"""Lists of invoices as people paste or upload them: QR texts, or columns with or without a heading."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Final

from app.domain.invoices import texts
from app.domain.invoices.errors import NotAnInvoice
from app.domain.invoices.kinds import KINDS, InvoiceKind, Proof, kind_named, kind_of, kind_of_number
from app.domain.invoices.texts import InvoiceText

# The first of these that a line holds cuts it; behind a tab an amount may have its thousands.
_SEPARATORS: Final = ("\t", ";", ",")
_GUESSED: Final = ("code", "number", "date", "proof")
_CODE: Final = re.compile(r"[0-9]{10}|[0-9]{12}")

# What the tax bureau's own exports and people's sheets call each column.
_HEADINGS: Final = MappingProxyType(
    {
        "kind": ("发票种类", "票种", "发票类型", "发票票种"),
        "code": ("发票代码", "代码"),
        "number": ("发票号码", "号码"),
        "digital": ("数电发票号码", "数电票号码", "全电发票号码"),
        "date": ("开票日期", "日期"),
        "net": ("不含税金额", "合计金额", "金额"),
        "total": ("价税合计", "车价合计", "含税金额"),
        "check": ("校验码", "校验码后六位", "校验码后6位"),
    }
)
_BY_HEADING: Final = {title: name for name, titles in _HEADINGS.items() for title in titles}
_BY_NAME: Final = {texts.tidy(kind.name): kind.code for kind in reversed(tuple(KINDS.values()))}
_OF_TOTALS: Final = frozenset({Proof.TOTAL_AMOUNT, Proof.VEHICLE_PRICE})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list at its place, counted from 1; ``invoice`` is None for what is none."""

    place: int
    text: str
    invoice: InvoiceText | None


def read(rows: Iterable[Sequence[str]]) -> Iterator[Line]:
    """Every row that is not empty, in order; a first row of headings names the columns."""
    filled = ([cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row))
    first = next(filled, None)
    if first is None:
        return
    headings = _headings(first)
    rest = filled if headings else chain((first,), filled)
    for place, row in enumerate(rest, start=1):
        yield _line(place, row, headings)


def split(text: str) -> Iterator[Sequence[str]]:
    """The rows of a pasted text: a QR text stays whole, anything else is cut at its separators."""
    for line in text.splitlines():
        plain = texts.tidy(line)
        is_whole = plain.startswith(("01,", "{")) or "://" in plain[:10]
        yield [plain] if is_whole else _cut(plain)


def _cut(line: str) -> Sequence[str]:
    separator = next((sign for sign in _SEPARATORS if sign in line), None)
    return line.split(separator)


def _line(place: int, row: Sequence[str], headings: Sequence[str | None] | None) -> Line:
    text = ",".join(row) if len(row) > 1 else row[0]
    try:
        whole = _whole(row)
        if whole:
            return Line(place, text, texts.read(whole))
        named = _named(row, headings) if headings else _in_order(row)
        return Line(place, text, _composed(named))
    except NotAnInvoice:
        return Line(place, text, None)


def _whole(row: Sequence[str]) -> str:
    """The QR text a row holds: in its only cell, or cut into many by a program that reads CSV."""
    filled = [cell for cell in row if cell]
    if len(filled) == 1:
        return filled[0]
    return ",".join(row) if row[0] == "01" and len(row) > len(_GUESSED) + 1 else ""


def _headings(row: Sequence[str]) -> list[str | None] | None:
    """What each column holds, if this row says so."""
    found = [_BY_HEADING.get(texts.tidy(cell).replace(" ", "")) for cell in row]
    return found if {"number", "digital"} & set(found) else None


def _named(row: Sequence[str], headings: Sequence[str | None]) -> dict[str, str]:
    return {name: texts.tidy(cell) for name, cell in zip(headings, row, strict=False) if name and cell}


def _in_order(row: Sequence[str]) -> dict[str, str]:
    """Code, number, day and the fourth input; a digital invoice has no code."""
    cells = [texts.tidy(cell) for cell in row]
    if len(cells[0]) == 20:
        cells = ["", *cells]
    if cells[0] and not _CODE.fullmatch(cells[0]):
        raise NotAnInvoice
    return dict(zip(_GUESSED, cells, strict=False))


def _composed(named: Mapping[str, str]) -> InvoiceText:
    """An invoice from its parts. Raises NotAnInvoice."""
    number = named.get("digital") or named.get("number", "")
    # A sheet leaves the code of a digital invoice empty, or puts a dash there.
    code = "" if len(number) == 20 else named.get("code", "")
    kind = _kind(named.get("kind", ""), code, number)
    day = texts.day_of(named["date"]) if named.get("date") else None
    amount, check = named.get("net", ""), named.get("check", "")
    if kind is not None and kind.proof in _OF_TOTALS:
        amount = named.get("total", "") or amount
    if "proof" in named:
        is_check = kind is not None and kind.proof is Proof.CHECK_CODE
        amount, check = ("", named["proof"]) if is_check else (named["proof"], "")
    return texts.of_inputs(kind.code if kind else "", code, number, amount, day, check)


def _kind(said: str, code: str, number: str) -> InvoiceKind | None:
    named = kind_named(_BY_NAME.get(said, said), is_on_paper=bool(code)) if said else None
    return named or (kind_of(code) if code else kind_of_number(number))
