"""Table files: CSV, XLSX or JSON Lines, told apart by what is in the file, read row by row."""

from pathlib import Path
from typing import Final

from app.kit.tables import csv_files, json_lines, xlsx_files
from app.kit.tables.cells import Cell, Oddity, Rows
from app.kit.tables.errors import TableRefused

__all__ = ["MOST_BYTES", "Cell", "Oddity", "Rows", "TableRefused", "first_row", "rows_of"]

MOST_BYTES: Final = 100 * 2**20

_XLSX, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def rows_of(path: Path, *, most_bytes: int | None = None, most_unpacked: int | None = None) -> Rows:
    """The rows of a file, the heading first, never held as a whole; ``most_bytes`` is else MOST_BYTES.

    ``most_unpacked`` bounds what an XLSX file may unpack to, where it comes from just anybody.

    Raises TableRefused if the file is too large or not such a table; also later, while it is read.
    """
    most = most_bytes or MOST_BYTES
    if path.stat().st_size > most:
        raise TableRefused(fields={"文件": [f"文件超过 {most // 2**20} MB，请分成几份上传"]})
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise TableRefused(fields={"文件": ["文件是空的"]})
    if start.startswith(_OLE):
        raise TableRefused(fields={"文件": ["不支持 .xls 和加密的文件，请另存为不加密的 .xlsx 或 CSV"]})
    if start.startswith(_XLSX):
        return xlsx_files.rows(path, most_unpacked=most_unpacked or xlsx_files.MOST_UNPACKED)
    return json_lines.rows(path) if _is_json_lines(start) else csv_files.rows(path)


def first_row(path: Path) -> int:
    """The number people know the first row after the heading by: JSON Lines has no line for its heading."""
    with path.open("rb") as file:
        return 1 if _is_json_lines(file.read(8)) else 2


def _is_json_lines(start: bytes) -> bool:
    return start.lstrip().startswith(b"{")
