"""Uploaded tables: CSV or XLSX, told apart by what is in the file, read row by row."""

from pathlib import Path
from typing import Final

from app.domain.audiences import csv_files, xlsx_files
from app.domain.audiences.cells import Rows
from app.domain.audiences.errors import ListRefused

MOST_BYTES: Final = 100 * 2**20

_XLSX, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def rows_of(path: Path) -> Rows:
    """The rows of a file, never held as a whole.

    Raises ListRefused if the file is too large or not such a table; also later, while it is read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ListRefused(fields={"文件": [f"文件超过 {MOST_BYTES // 2**20} MB，请分成几份上传"]})
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise ListRefused(fields={"文件": ["文件是空的"]})
    if start.startswith(_OLE):
        raise ListRefused(fields={"文件": ["不支持 .xls 和加密的文件，请另存为不加密的 .xlsx 或 CSV"]})
    return xlsx_files.rows(path) if start.startswith(_XLSX) else csv_files.rows(path)
