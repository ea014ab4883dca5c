"""What a cell of a table file may hold."""

from collections.abc import Iterator, Sequence
from enum import Enum


class Oddity(Enum):
    """Something else than a text; the value says what to do about it."""

    FORMULA = "单元格是公式，请改成文字或数字"
    ROUNDED = "长数字被表格软件改写了，请把该列设为文本后重新填写"
    FAULTY = "单元格是错误值，请改正"
    NESTED = "这一格是一组值，应为文字或数字"


Cell = str | Oddity
Rows = Iterator[Sequence[Cell]]
"""The rows of a table in order, the heading first; an empty row is an empty sequence."""
