"""JSON Lines: one flat object a line; the keys of the first one are the heading."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from app.kit.tables.cells import Cell, Oddity, Rows
from app.kit.tables.errors import TableRefused

_LONGEST_LINE: Final = 2**16


def rows(path: Path) -> Rows:
    """The rows of a file in UTF-8, an empty line as an empty one. Raises TableRefused while it is read."""
    heading: list[str] = []
    number = 0
    with path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                raise _refused(f"第 {number} 行过长，每行应为一个 JSON 对象")
            if line.isspace():
                yield ()
                continue
            said = _object(line, number)
            if not heading:
                heading = list(said)
                yield heading
            strange = [key for key in said if key not in heading]
            if strange:
                raise _refused(f"第 {number} 行有第一行没有的项“{strange[0][:40]}”，每行的项应相同")
            yield [_cell(said.get(key)) for key in heading]


def _object(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or not said:
        raise _refused(f"第 {number} 行不是 JSON 对象（UTF-8，每行一个）")
    return said


def _cell(value: object) -> Cell:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int() | float():
            return repr(value)
        case _:
            return Oddity.NESTED


def _refused(why: str) -> TableRefused:
    return TableRefused(fields={"文件": [why]})
