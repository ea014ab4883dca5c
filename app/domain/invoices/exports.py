"""The folder as a file: XLSX for accountants to go on with, PDF to print and file away."""

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from app.domain.invoices import folder
from app.domain.invoices.errors import FolderTooLarge, NothingToExport
from app.domain.invoices.folder import Wanted
from app.domain.invoices.owners import Owner
from app.domain.invoices.snapshots import FINAL, Snapshot
from app.domain.invoices.verification import STATE_NAMES
from app.kit import clock, pdf
from app.kit.clock import SHANGHAI
from app.kit.spreadsheets import harmless

MOST: Final = 5_000
"""Invoices of one file."""

COLUMNS: Final = (
    "发票种类", "发票代码", "发票号码", "开票日期", "金额", "状态", "销售方", "标签", "备注", "重复提交",
    "查验时间",
)  # fmt: skip
_WIDTHS_MM: Final = (46, 26, 40, 20, 24, 18, 46, 20, 14, 22)
_PRINTED: Final = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10)
_LONGEST_PRINTED: Final = 24
_SUM: Final = "合计（不含作废、红冲）"

Cell = str | int | Decimal


async def xlsx(owner: Owner, wanted: Wanted) -> bytes:
    """The chosen invoices as a workbook. Raises FolderTooLarge, NothingToExport."""
    found = await _all(owner, wanted)
    return await asyncio.to_thread(_workbook, found)


async def printed(owner: Owner, wanted: Wanted) -> bytes:
    """The chosen invoices as a PDF. Raises FolderTooLarge, NothingToExport."""
    found = await _all(owner, wanted)
    made_at = clock.now()
    return await pdf.made(lambda: _sheets(found, made_at))


async def _all(owner: Owner, wanted: Wanted) -> Sequence[Snapshot]:
    found, following = await folder.find(owner, wanted, before=None, limit=MOST)
    if following is not None:
        raise FolderTooLarge
    if not found:
        raise NothingToExport
    return found


def _cells(one: Snapshot) -> tuple[Cell, ...]:
    invoice, detail = one.content.invoice, one.content.detail
    seller = detail.seller.name if detail is not None and detail.seller is not None else ""
    return (
        invoice.kind.name if invoice.kind else "",
        invoice.code,
        invoice.number,
        one.issued_on.isoformat(),
        "" if one.amount is None else one.amount,
        STATE_NAMES[one.state],
        _plain(seller),
        _plain("、".join(one.tags)),
        _plain(one.note),
        one.repeats,
        f"{one.checked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    )


def _plain(text: str) -> str:
    """A text as a cell may hold it; what was told us may hold control characters."""
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", text))


def _sum(found: Sequence[Snapshot]) -> Decimal:
    return sum((one.amount for one in found if one.amount is not None and one.state not in FINAL), Decimal())


def _workbook(found: Sequence[Snapshot]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("发票夹")
    sheet.append(COLUMNS)
    for one in found:
        sheet.append(_cells(one))
    sheet.append((_SUM, "", "", "", _sum(found)))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _sheets(found: Sequence[Snapshot], made_at: datetime) -> bytes:
    sheet = pdf.Sheet("发票夹", made_at, face="hei", is_wide=True)
    sheet.add_page()
    sheet.size(16)
    sheet.cell(0, 10, "发票夹", align="C", new_x="LMARGIN", new_y="NEXT")
    sheet.size(9)
    told = f"导出时间 {made_at:%Y-%m-%d %H:%M}，共 {len(found)} 张，{_SUM} {_sum(found):,} 元"
    sheet.cell(0, 7, told, new_x="LMARGIN", new_y="NEXT")
    sheet.size(7)
    _row(sheet, COLUMNS)
    for one in found:
        _row(sheet, _cells(one))
    return sheet.file()


def _row(sheet: pdf.Sheet, cells: Sequence[Cell]) -> None:
    """One line of the table; what is too long for its column is cut, the workbook has all of it."""
    for place, width in zip(_PRINTED, _WIDTHS_MM, strict=True):
        value = cells[place]
        text = f"{value:,}" if isinstance(value, Decimal) else str(value)
        while text and sheet.get_string_width(text) > width - 2:
            text = text[: max(len(text) - 2, 0)]
        align = "R" if isinstance(value, Decimal) else "L"
        sheet.cell(width, 6, text, border=1, align=align)
    sheet.ln()
