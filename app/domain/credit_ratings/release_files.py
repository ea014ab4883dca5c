"""Release files: a table with the ratings of a year, read as a stream in batches of rows."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from app.domain.credit_ratings import release_columns
from app.domain.credit_ratings.errors import ReleaseRefused
from app.domain.credit_ratings.release_rows import FIELDS, Checker, RowFault, WrongValue, as_line, masked
from app.kit import tables
from app.kit.tables import Cell

MOST_BYTES: Final = 2 * 2**30
BATCH: Final = 50_000
"""Rows written together."""
_PART: Final = 500
"""Rows checked together: so few that they are gone before Python looks for what nobody needs any more."""

TITLES: Final[Mapping[str, str]] = {
    "纳税人识别号": "taxpayer_id",
    "统一社会信用代码": "taxpayer_id",
    "纳税人名称": "name",
    "评价年度": "year",
    "级别": "level",
    "得分": "score",
    "起评分": "starting_score",
    "主管税务机关": "authority",
}
"""The columns of such a file; each may also be called by the name on the right."""
_OPTIONAL: Final = frozenset({"starting_score", "authority"})


@dataclass(slots=True)
class Batch:
    """Some rows on their way: lines for COPY in text form, faults, and the last row looked at."""

    last_row: int
    lines: bytes = b""
    faults: list[RowFault] = field(default_factory=list)


class Reader:
    """A release file under way; rows up to ``after`` were read before."""

    def __init__(self, path: Path, year: int, *, after: int = 0) -> None:
        self._rows = _rows(path)
        heading = next(self._rows, ())
        self._checker = Checker(year)
        self._places, self._width = _layout(heading)
        self._titles = _titles(heading)
        self._after = max(after, 1)

    def batches(self) -> Iterator[Batch]:
        """The file in parts of ``BATCH`` rows. Raises ReleaseRefused for what is no table."""
        for _ in islice(self._rows, self._after - 1):
            pass
        last_row = self._after
        while (batch := self._batch(last_row)).last_row > last_row:
            last_row = batch.last_row
            yield batch

    def _batch(self, last_row: int) -> Batch:
        batch, lines = Batch(last_row), io.StringIO()
        coming = islice(self._rows, BATCH)
        while rows := list(islice(coming, _PART)):
            self._take(batch, lines, rows)
            batch.last_row += len(rows)
        batch.lines = lines.getvalue().encode()
        return batch

    def _take(self, batch: Batch, lines: io.StringIO, rows: Sequence[Sequence[Cell]]) -> None:
        first = batch.last_row + 1
        straight = [at for at, cells in enumerate(rows) if len(cells) == self._width]
        sifted = self._sift([rows[at] for at in straight], [first + at for at in straight])
        lines.write(sifted.lines)
        passed = set(straight).difference(straight[at] for at in sifted.doubtful)
        for at, cells in enumerate(rows):
            if at not in passed and any(cells):
                self._look_at(batch, lines, first + at, cells)

    def _sift(self, rows: Sequence[Sequence[Cell]], row_numbers: Sequence[int]) -> release_columns.Sifted:
        if not rows:
            return release_columns.Sifted("", ())
        told = [*zip(*rows, strict=True), [""] * len(rows)]
        try:
            columns = [list(map(str.strip, told[place])) for place in self._places]
        except TypeError:
            # A cell that is no text: which one, only a look at each row can tell.
            return release_columns.Sifted("", range(len(rows)))
        return release_columns.sift(columns, row_numbers, self._checker)

    def _look_at(self, batch: Batch, lines: io.StringIO, number: int, cells: Sequence[Cell]) -> None:
        said: Sequence[Cell] = ()
        try:
            fitted = self._fitted(cells)
            said = [fitted[place] for place in self._places]
            lines.write(as_line(self._checker.rating(said), number))
        except WrongValue as wrong:
            name = FIELDS[wrong.at] if wrong.at >= 0 else ""
            value = said[wrong.at] if wrong.at >= 0 else ""
            batch.faults.append(RowFault(number, self._titles.get(name, ""), wrong.reason, masked(value)))

    def _fitted(self, cells: Sequence[Cell]) -> list[Cell]:
        """As many cells as there are titles, and an empty one for what has no column."""
        if any(cells[self._width :]):
            raise WrongValue(-1, f"这一行有 {len(cells)} 格，多于标题的 {self._width} 列")
        return [*cells[: self._width], *[""] * (self._width - len(cells) + 1)]


def _layout(heading: Sequence[Cell]) -> tuple[Sequence[int], int]:
    """In which column each field stands (one that is missing: after the last), and how many there are."""
    titles = [cell.strip() if isinstance(cell, str) else "" for cell in heading]
    names = [TITLES.get(title, title) for title in titles]
    wrong = [
        f"“{title[:40]}”不是需要的列" for title, name in zip(titles, names, strict=True) if name not in FIELDS
    ]
    wrong += [
        f"“{title}”出现了多次"
        for title in {t for t, n in zip(titles, names, strict=True) if names.count(n) > 1}
    ]
    missing = [name for name in FIELDS if name not in names and name not in _OPTIONAL]
    wrong += [f"缺少“{_title_of(name)}”" for name in missing]
    if wrong:
        raise ReleaseRefused(fields={"列": wrong, "应有的列": ["，".join(TITLES)]})
    return [names.index(name) if name in names else len(names) for name in FIELDS], len(names)


def _titles(heading: Sequence[Cell]) -> dict[str, str]:
    return {TITLES.get(str(title).strip(), str(title).strip()): str(title).strip() for title in heading}


def _title_of(name: str) -> str:
    return next(title for title, known in TITLES.items() if known == name)


def _rows(path: Path) -> tables.Rows:
    try:
        yield from tables.rows_of(path, most_bytes=MOST_BYTES)
    except tables.TableRefused as refused:
        raise ReleaseRefused(fields=refused.fields) from None
