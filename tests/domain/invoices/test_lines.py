"""Lists of invoices are read as people paste and upload them, and nothing in them is guessed."""

import io
from collections.abc import Sequence
from datetime import date
from random import Random

import pytest
from hypothesis import given
from openpyxl import Workbook

from app.domain.invoices import tables, texts
from app.domain.invoices.errors import UnreadableList
from app.kit.tables import TableRefused
from tests.factories import scribbles
from tests.thoroughness import AT_ONCE, DRAWS, thorough

DIGITAL = "01,32,,26427000000316294884,100.76,20260330,,5F98"
PAPER = "01,04,4200161350,00015045,165106.00,20160501,48114255542168294433,DBFE,"
TICKET = texts.read("01,51,,26339132621000219582,56.00,20260423,,219a")
ROLL = texts.read("01,04,4200161350,00015045,,20160501,294433,")
SPECIAL = texts.read("01,01,1200154130,03630024,94339.62,20160621,,9335,")
HEADINGS = ["发票种类", "发票代码", "发票号码", "数电发票号码", "开票日期", "金额", "税额", "价税合计"]


@pytest.mark.parametrize(
    ("line", "invoice"),
    [
        (DIGITAL, texts.read(DIGITAL)),
        (PAPER, texts.read(PAPER)),
        ("https://inv.example.com/?bill_num=26339132621000219582&kprq=20260423&je=56", TICKET),
        ('{"fphm":"26339132621000219582","kprq":"20260423","jshj":56.0}', TICKET),
        ("26339132621000219582,2026-04-23,56.00", TICKET),
        ("26339132621000219582\t2026年4月23日\t￥56", TICKET),
        ("26339132621000219582 20260423 56.00", TICKET),
        ("4200161350，00015045，20160501，294433", ROLL),
        ("4200161350;00015045;2016/5/1;48114255542168294433", ROLL),
        ("1200154130\t03630024\t20160621\t94,339.62", SPECIAL),
    ],
)
def test_a_pasted_line_in_every_form(line: str, invoice: texts.InvoiceText) -> None:
    assert [one.invoice for one in tables.read_text(f"\n{line}\r\n\n")] == [invoice]


@pytest.mark.parametrize(
    "line",
    ["你好", "00015045,20160501,294433", "4200161350,0001504,20160501,1", "26339132621000219582,昨天,1"],
)
def test_what_is_no_invoice_keeps_its_place_and_its_text(line: str) -> None:
    found = tables.read_text(f"{DIGITAL}\n{line}\n{DIGITAL}")
    assert [(one.place, one.invoice is None) for one in found] == [(1, False), (2, True), (3, False)]
    assert found[1].text == line


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_table_with_headings_takes_the_amount_its_kind_is_checked_by() -> None:
    digital = ["", "", "", "26427000000316294884", date(2026, 3, 30), 89.17, 11.59, 100.76]
    special = ["增值税专用发票", "1200154130", "03630024", "", "2016-06-21", "94339.62", "1", "94340.62"]
    found = tables.read(workbook(HEADINGS, digital, special))
    asked, known = (one.invoice for one in found)
    assert asked is not None
    assert (asked.kind, asked.issued_on) == (None, date(2026, 3, 30)), "the kind is asked, never guessed"
    assert known == SPECIAL
    digital[0] = "数电发票（普通发票）"
    (named,) = tables.read(workbook(HEADINGS, digital))
    assert named.invoice == texts.read(DIGITAL)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_of_offices(encoding: str) -> None:
    text = '发票代码,发票号码,开票日期,金额\r\n1200154130,03630024,20160621,"94,339.62"\r\n'
    (line,) = tables.read(text.encode(encoding))
    assert line.invoice == SPECIAL


def test_a_text_file_of_qr_texts() -> None:
    assert len(tables.read(f"{DIGITAL}\n{PAPER}".encode())) == 2
    quoted = f'"{DIGITAL}"\n"{PAPER}"'.encode()
    assert [one.invoice for one in tables.read(quoted)] == [texts.read(DIGITAL), texts.read(PAPER)]


def test_a_long_number_that_a_sheet_rounded_is_no_invoice() -> None:
    (line,) = tables.read(
        workbook(["发票号码", "开票日期", "价税合计"], [26427000000316294884, 20260330, 100.76])
    )
    assert line.invoice is None


def test_five_hundred_lines_and_no_more() -> None:
    assert len(tables.read_text("\n".join([DIGITAL] * 500))) == 500
    with pytest.raises(UnreadableList) as refused:
        tables.read_text("\n".join([DIGITAL] * 501))
    assert "500" in refused.value.fields["file"][0]


def test_a_workbook_of_hardly_anything_but_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = workbook([DIGITAL], *([[" "]] * 30))
    assert len(tables.read(empty)) == 1
    monkeypatch.setattr(tables, "_MOST_ROWS", 20)
    with pytest.raises(UnreadableList):
        tables.read(empty)
    monkeypatch.undo()
    large = workbook([DIGITAL], *([["", " " * 2000, index] for index in range(9000)]))
    assert len(large) < tables.MOST_BYTES
    monkeypatch.setattr(tables, "_MOST_UNPACKED", 2**18)
    with pytest.raises(TableRefused):
        tables.read(large)


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"\xff\xfe1", b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0", b"a\0b", b"0" * 1048577]
)
def test_files_that_are_no_lists(content: bytes) -> None:
    with pytest.raises((UnreadableList, TableRefused)):
        tables.read(content)


@thorough(AT_ONCE)
@given(draw=DRAWS)
def test_what_is_read_of_any_text_has_its_places(draw: Random) -> None:
    for _ in range(AT_ONCE):
        text = "\n".join(scribbles.text(draw) for _ in range(draw.randint(1, 5)))
        try:
            found = tables.read_text(text)
        except UnreadableList:
            continue
        assert [one.place for one in found] == list(range(1, len(found) + 1))
