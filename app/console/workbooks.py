"""A table of a desk as an XLSX workbook, written row by row."""

from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.kit.spreadsheets import plain

_WIDTH: Final = 20
"""Of a column, in signs of half width."""


class Book:
    """One sheet: who took it and when, the heads, then the rows; the mark stands on each printed page too."""

    def __init__(self, mark: str, heads: Sequence[str]) -> None:
        self._book = Workbook(write_only=True)
        self._sheet: Any = self._book.create_sheet()
        # These stand before the rows in the file, and can only be said before the first of them.
        self._sheet.freeze_panes = "A3"
        self._sheet.oddFooter.center.text = mark.replace("&", "&&")
        for place in range(1, len(heads) + 1):
            self._sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
        self._sheet.append([mark])
        self._sheet.append([self._bold(head) for head in heads])

    def append(self, rows: Iterable[Sequence[object]]) -> None:
        """Rows below those before."""
        for row in rows:
            self._sheet.append([plain(value) if isinstance(value, str) else value for value in row])

    def save(self, file: IO[bytes]) -> None:
        """Write the workbook; nothing can be appended any more."""
        self._book.save(file)

    def _bold(self, text: str) -> Any:
        made = WriteOnlyCell(self._sheet, text)
        made.font = Font(bold=True)
        return made
