"""The folder as printed sheets: a PDF of as many pages as it needs."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from app.domain.invoices.columns import COLUMNS, SUM, Cell, cells_of, sum_of
from app.domain.invoices.snapshots import Snapshot
from app.kit.pdf import Sheet

_WIDTHS_MM: Final = (46, 26, 40, 20, 24, 18, 46, 20, 14, 22)
_PRINTED: Final = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10)
_SIZE: Final = 7
"""Of the letters of a row, in points."""


class _Table(Sheet):
    """A table over as many pages as it needs: each has the headings and says which of how many it is."""

    def header(self) -> None:
        if self.page_no() > 1:
            self.size(_SIZE)
            _row(self, COLUMNS)

    def footer(self) -> None:
        self.set_y(-12)
        self.size(_SIZE)
        self.cell(0, 6, f"第 {self.page_no()} 页，共 {{nb}} 页", align="C")


def made(found: Sequence[Snapshot], made_at: datetime) -> bytes:
    """The file."""
    sheet = _Table("发票夹", made_at, face="hei", is_wide=True)
    sheet.add_page()
    sheet.size(16)
    sheet.cell(0, 10, "发票夹", align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.size(9)
    told = f"导出时间 {made_at:%Y-%m-%d %H:%M}，共 {len(found)} 张，{SUM} {sum_of(found):,} 元"
    sheet.cell(0, 7, told, new_x="LMARGIN", new_y="NEXT")
    sheet.size(_SIZE)
    _row(sheet, COLUMNS)
    for one in found:
        _row(sheet, cells_of(one))
    return sheet.file()


def _row(sheet: Sheet, cells: Sequence[Cell]) -> None:
    """One line of the table; what is too long for its column is cut, the workbook has all of it."""
    for place, width in zip(_PRINTED, _WIDTHS_MM, strict=True):
        value = cells[place]
        text = f"{value:,}" if isinstance(value, Decimal) else str(value)
        while text and sheet.get_string_width(text) > width - 2:
            text = text[: max(len(text) - 2, 0)]
        align = "R" if isinstance(value, Decimal) else "L"
        sheet.cell(width, 6, text, border=1, align=align)
    sheet.ln()
