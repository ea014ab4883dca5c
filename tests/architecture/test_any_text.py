"""Whatever is typed, scanned, pasted or pushed, each reader answers or refuses in its own way."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from json import dumps
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given

from app.domain.cases import cursors, numbers
from app.domain.certificates import identifiers
from app.domain.credit_ratings import taxpayer_ids
from app.domain.invoices import kinds, texts
from app.domain.invoices import tables as lists
from app.domain.invoices.errors import NotAnInvoice, UnreadableList
from app.domain.partners.kinds import Answer, Message
from app.domain.partners.mapping import PRESETS, FieldMap
from app.gateways.exchange import wire
from app.kit import identity_numbers, tables
from app.kit.cursors import BadCursor
from app.kit.identity_numbers import BadNumber
from app.kit.tables import Oddity, TableRefused
from app.partner_api import reading
from tests.factories import scribbles
from tests.factories.partners import FACTS, message
from tests.thoroughness import AT_ONCE, DRAWS, thorough

TODAY = date(2026, 11, 22)
ISSUED = date(2026, 3, 30)

READERS: Mapping[str, tuple[Callable[[str], object], tuple[type[Exception], ...]]] = {
    "invoice": (texts.read, (NotAnInvoice,)),
    "invoice typed in": (lambda text: texts.of_inputs("", text, text, text, ISSUED, text), (NotAnInvoice,)),
    "invoice code": (kinds.kind_of, ()),
    "invoice number": (kinds.kind_of_number, ()),
    "invoice kind": (kinds.kind_named, ()),
    "amount": (texts.amount_of, (NotAnInvoice,)),
    "day of an invoice": (texts.day_of, (NotAnInvoice,)),
    "list of invoices": (lists.read_text, (UnreadableList,)),
    "ID number": (lambda text: identity_numbers.id_number(text, TODAY), (BadNumber,)),
    "USCC": (identity_numbers.uscc_number, (BadNumber,)),
    "taxpayer": (taxpayer_ids.checked, (BadNumber,)),
    "taxpayer told to all": (taxpayer_ids.public, ()),
    "certificate": (identifiers.read, (BadNumber,)),
    "case number": (numbers.sought, ()),
    "official case number": (numbers.is_official, ()),
    "acceptance number": (numbers.acceptance, ()),
    "query code": (lambda text: numbers.query_code_hash("12345678", text), ()),
    "form of a query code": (numbers.is_query_code, ()),
    "place in a list of cases": (cursors.read, (BadCursor,)),
    "amount told by another system": (wire.number, (ValueError,)),
    "day told by another system": (wire.day, (ValueError,)),
    "words told by another system": (lambda text: wire.text(text, 20), (ValueError,)),
}


def times(draw: Random, make: Callable[[Random], Any]) -> list[Any]:
    return [make(draw) for _ in range(AT_ONCE)]


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_any_text_is_read_or_refused(draw: Random) -> None:
    for text in times(draw, scribbles.text):
        for name, (read, refusals) in READERS.items():
            try:
                read(text)
            except refusals:
                continue
            except Exception as escaped:
                escaped.add_note(f"reading {text!r} as {name}")
                raise


NAMES = sorted({name for kind in FACTS for name in message(kind, "12345678", 1, sequence=1)})
MAPS = (None, *(FieldMap.read(dict(preset)) for preset in PRESETS.values()))


def row_of(draw: Random) -> dict[str, Any]:
    """A message of a partner with some of it said otherwise."""
    row = message(draw.choice(list(FACTS)), "12345678", 1, sequence=1)
    for _ in range(draw.randint(1, 4)):
        name = draw.choice(NAMES) if draw.random() < 0.9 else scribbles.text(draw)
        row[name] = scribbles.value(draw)
    return row


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_any_row_of_a_partner_is_a_message_or_is_answered(draw: Random) -> None:
    for row in times(draw, row_of):
        assert isinstance(reading.read(row, draw.choice(MAPS)), Message | Answer)


def content_of(draw: Random) -> bytes:
    """A file: bytes that begin like one kind or another, or texts in one of the encodings in use."""
    match draw.randrange(6):
        case 0:
            return draw.choice((b"", b"PK\x03\x04", b'{"', b"\xef\xbb\xbf")) + draw.randbytes(
                draw.randrange(80)
            )
        case 1 | 2:
            rows = [
                dict.fromkeys(("年度", "级别")[: draw.randint(0, 2)], scribbles.value(draw)) for _ in range(3)
            ]
            return b"\n".join(
                dumps(row, ensure_ascii=draw.random() < 0.5).encode(errors="replace") for row in rows
            )
        case _:
            lines = "\n".join(scribbles.text(draw) for _ in range(draw.randint(1, 4)))
            return lines.encode(draw.choice(("utf-8", "gb18030")), errors="replace")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "list"


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_any_file_is_a_table_or_a_list_or_is_refused(file: Path, draw: Random) -> None:
    for content in times(draw, content_of):
        file.unlink(missing_ok=True)  # A file made anew is written many times faster than one emptied.
        file.write_bytes(content)
        with suppress(UnreadableList, TableRefused):
            lists.read(content)
        try:
            rows = list(tables.rows_of(file))
        except TableRefused:
            continue
        assert all(isinstance(cell, str | Oddity) for row in rows for cell in row)
