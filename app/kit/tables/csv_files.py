"""CSV files as offices save them: UTF-8 with or without a mark, or GB18030; comma, semicolon or tab."""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from app.kit.tables.cells import Rows
from app.kit.tables.errors import TableRefused

_LONGEST_LINE: Final = 2**16
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t"
_CJK = re.compile("[\u2e80-\U0010ffff]")


def rows(path: Path) -> Rows:
    """The rows of a CSV file. Raises TableRefused, at once or while it is read."""
    encoding, line = encoding_of(path), 0
    with path.open(encoding=encoding, newline="") as file:
        try:
            delimiter = max(_DELIMITERS, key=file.readline(_LONGEST_LINE).count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for row in reader:
                line = reader.line_num
                yield row
        except csv.Error:
            raise _refused(f"第 {line + 1} 行的引号没有配对，或单元格过长") from None
        except UnicodeDecodeError:
            raise _refused(f"第 {line + 1} 行附近有不能识别的字符，请另存为 UTF-8 编码") from None


def encoding_of(path: Path) -> str:
    """The one encoding all lines of a file are in.

    Nearly every text in GB18030 breaks the rules of UTF-8, but a short line may happen to keep them;
    so a line speaks for UTF-8 only if it then holds a Chinese sign. Raises TableRefused for a mixture.
    """
    utf8 = other = 0
    with path.open("rb") as file:
        has_mark = file.read(3) == codecs.BOM_UTF8
        file.seek(0)
        for number, line in enumerate(_lines(file), start=1):
            if line.isascii():
                continue
            try:
                if _CJK.search(line.decode()):
                    utf8 = utf8 or number
            except UnicodeDecodeError:
                other = other or number
            if other and (utf8 or has_mark):
                raise _refused(
                    f"文件混用了两种编码（第 {max(utf8, other)} 行与前面不同），请另存为 UTF-8 编码"
                )
    if other:
        return "gb18030"
    return "utf-8-sig"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, none of them long: one endless line would be the whole file in memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if number == 1 and line.startswith(_UTF_16):
            raise _refused("文件是 UTF-16 编码，请另存为 UTF-8 编码的 CSV")
        if b"\0" in line:
            raise _refused("文件不是 CSV 或 XLSX 表格")
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            raise _refused(f"第 {number} 行过长，请检查文件是否为 CSV")
        yield line


def _refused(why: str) -> TableRefused:
    return TableRefused(fields={"文件": [why]})
