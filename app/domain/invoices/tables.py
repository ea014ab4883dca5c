"""Uploaded lists of invoices: text as one would paste it, or a table, told apart by what is in the file."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from app.domain.invoices import lines
from app.domain.invoices.errors import UnreadableList
from app.kit import tables

MOST_LINES: Final = 500
"""Of one batch."""
MOST_BYTES: Final = 1024 * 1024

# Anybody may upload one, and reading it takes a thread of the process that answers everybody.
_MOST_UNPACKED: Final = 16 * MOST_BYTES
_MOST_ROWS: Final = 10_000
"""Read of a workbook, the empty ones included."""
_LONGEST_LINE: Final = 2000
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_NO_TEXT: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xfe\xff")
_ODD: Final = "?"
"""In place of a cell that is no text: nobody knows what was typed there."""


def read(content: bytes) -> list[lines.Line]:
    """The invoices of an uploaded file. Raises UnreadableList or TableRefused with the reason."""
    if not 0 < len(content) <= MOST_BYTES:
        raise _unreadable("文件不能为空，且不超过 1 MB")
    text = _decoded(content)
    if text is None or _has_quoted_cells(text):
        # A workbook is opened by its ending alone; of other files nobody looks at it.
        with tempfile.NamedTemporaryFile(prefix="weiban-invoices-", suffix=".xlsx") as file:
            file.write(content)
            file.flush()
            return _limited(lines.read(_cells(Path(file.name))))
    return read_text(text)


def read_text(text: str) -> list[lines.Line]:
    """The invoices of a pasted text, one a line. Raises UnreadableList."""
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise _unreadable(f"有一行超过 {_LONGEST_LINE} 个字，请每行只放一张发票")
    return _limited(lines.read(lines.split(text)))


def _limited(found: Iterator[lines.Line]) -> list[lines.Line]:
    listed: list[lines.Line] = []
    for line in found:
        if len(listed) == MOST_LINES:
            raise _unreadable(f"每批最多 {MOST_LINES} 张，请分批提交")
        listed.append(line)
    if not listed:
        raise _unreadable("没有内容，请每行放一张发票")
    return listed


def _decoded(content: bytes) -> str | None:
    """The text of a file that is one; ``None`` for a workbook and for what a table reader has to judge."""
    if content.startswith(_NO_TEXT) or b"\0" in content:
        return None
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _has_quoted_cells(text: str) -> bool:
    """Whether only a reader of CSV can cut the lines; the quotes of a QR code's JSON stand in braces."""
    first = text.lstrip().partition("\n")[0]
    return '"' in text and not first.startswith("{") and "://" not in first[:10]


def _cells(path: Path) -> Iterator[Sequence[str]]:
    for number, row in enumerate(tables.rows_of(path, most_unpacked=_MOST_UNPACKED)):
        if number == _MOST_ROWS:
            raise _unreadable(f"表格超过 {_MOST_ROWS} 行，请删除多余的空行后重新上传")
        yield [cell[:_LONGEST_LINE] if isinstance(cell, str) else _ODD for cell in row]


def _unreadable(reason: str) -> UnreadableList:
    return UnreadableList(fields={"file": [reason]})
