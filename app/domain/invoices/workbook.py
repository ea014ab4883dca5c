"""The folder as an XLSX workbook."""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from app.domain.invoices.columns import COLUMNS, SUM, Cell, cells_of, sum_of
from app.domain.invoices.snapshots import Snapshot

_WIDTHS: Final = (32, 15, 24, 12, 18, 10, 34, 20, 30, 10, 18)
"""In signs of half width."""
_MONEY: Final = "#,##0.00"


def made(found: Sequence[Snapshot]) -> bytes:
    """The file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("发票夹")
    # Both stand before the rows in the file, and can only be said before the first of them.
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append(COLUMNS)
    for one in found:
        sheet.append([_written(sheet, cell) for cell in cells_of(one)])
    sheet.append([_written(sheet, cell) for cell in (SUM, "", "", "", sum_of(found))])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _written(sheet: WriteOnlyWorksheet, value: Cell) -> object:
    """An amount shows both its decimals in every program."""
    if not isinstance(value, Decimal):
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = value
    cell.number_format = _MONEY
    return cell
