"""XLSX files: the first sheet, read as a stream, and nothing that could do harm."""

import warnings
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from app.kit.tables.cells import Cell, Oddity, Rows
from app.kit.tables.errors import TableRefused

_MOST_PARTS: Final = 1000
MOST_UNPACKED: Final = 2**30
_MOST_STRINGS: Final = 256 * 2**20  # Shared strings are the one part that is held in memory.
_MOST_TIMES: Final = 300
"""How many times larger a part may unpack; a sheet of a million like rows comes to about forty."""

_LAST_ROW: Final = 2**20  # Of the format itself; a file may claim any.
_LAST_COLUMN: Final = 1000  # One cell at the edge of each row, and every row is filled up to there.
_EXACT: Final = 10**15
"""Numbers from here on are not what was typed: a sheet keeps fifteen digits."""


def rows(path: Path, *, most_unpacked: int = MOST_UNPACKED) -> Rows:
    """The rows of the first sheet. Raises TableRefused, at once or while it is read."""
    from openpyxl import load_workbook  # See app.kit.press.

    _check(path, most_unpacked)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of styles and extensions, which do not concern us.
            book = load_workbook(path, read_only=True, keep_links=False)
        try:
            sheet: Any = book.worksheets[0]
            sheet.reset_dimensions()  # What a file claims of its size is not believed.
            for number, row in enumerate(sheet.iter_rows(), start=1):
                if number > _LAST_ROW:
                    raise _refused("工作表的行号超出范围")
                if len(row) > _LAST_COLUMN:
                    raise _refused(f"第 {number} 行超过 {_LAST_COLUMN} 列，请删除右侧多余的列后重新上传")
                yield _trimmed([_cell(one) for one in row])
        finally:
            book.close()
    except TableRefused:
        raise
    except Exception:  # noqa: BLE001  openpyxl and what is below it raise nearly anything at a broken file.
        raise _refused("文件已损坏，或不是 Excel 工作簿，请重新另存为 .xlsx") from None


def _check(path: Path, most_unpacked: int) -> None:
    """Look into the archive before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if _is_bomb(parts, most_unpacked):
                raise _refused("文件解压后过大，请另存为 CSV 上传")
            if any(_declares_types(archive, part) for part in parts):
                raise _refused("文件含有不允许的声明，请用 Excel 或 WPS 重新另存为 .xlsx")
            kinds = _kinds(archive)
            if any("macro" in kind or "vba" in kind or "activex" in kind for kind in kinds.values()):
                raise _refused("文件带有宏或控件，请另存为不带宏的 .xlsx")
            for part in parts:
                if "sharedstrings" in kinds.get(part.filename, "") and part.file_size > _MOST_STRINGS:
                    raise _refused("文件中的文字过多，请另存为 CSV 上传")
    except TableRefused:
        raise
    except KeyError:
        raise _refused("文件不是 Excel 工作簿（.xlsx）") from None
    except Exception:  # noqa: BLE001  As below: each way of packing breaks in its own words.
        raise _refused("文件已损坏或已加密，请重新另存为 .xlsx") from None


def _is_bomb(parts: Sequence[zipfile.ZipInfo], most_unpacked: int) -> bool:
    return (
        len(parts) > _MOST_PARTS
        or sum(part.file_size for part in parts) > most_unpacked
        or any(part.file_size > 2**20 and part.file_size > _MOST_TIMES * part.compress_size for part in parts)
    )


def _declares_types(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether an XML part brings entities of its own; none that a spreadsheet program writes does."""
    if not part.filename.lower().endswith((".xml", ".rels")):
        return False
    with archive.open(part) as file:
        return b"<!DOCTYPE" in file.read(4096).upper()


def _kinds(archive: zipfile.ZipFile) -> dict[str, str]:
    """The content type of each part, in small letters. Raises KeyError for another kind of archive."""
    listed = archive.getinfo("[Content_Types].xml")
    if listed.file_size > 2**20:
        raise zipfile.BadZipFile
    archive.getinfo("xl/workbook.xml")
    types = ET.fromstring(archive.read(listed))  # noqa: S314  Small, and without entities.
    said = {one.get("PartName", "").lstrip("/"): one.get("ContentType", "").lower() for one in types}
    # What is not listed by name is of the kind of its ending.
    by_ending = {one.get("Extension", "").lower(): one.get("ContentType", "").lower() for one in types}
    return {
        name: said.get(name) or by_ending.get(name.rpartition(".")[2].lower(), "")
        for name in archive.namelist()
    }


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "f":
            return Oddity.FORMULA
        return Oddity.FAULTY if cell.data_type == "e" else value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return Oddity.ROUNDED
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    return str(value) if isinstance(value, date | time) else Oddity.FORMULA


def _trimmed(row: list[Cell]) -> list[Cell]:
    while row and row[-1] == "":
        row.pop()
    return row


def _refused(why: str) -> TableRefused:
    return TableRefused(fields={"文件": [why]})
