"""The rows of an upload on their way: checked, and laid in a table of this transaction alone."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.domain.audiences.checking import Checker, Named, is_empty
from app.domain.audiences.columns import Form, Layout
from app.domain.audiences.errors import ListRefused
from app.domain.audiences.reports import Report, RowFault
from app.kit import clock, db, tables

MOST_ROWS: Final = 1_000_000
MOST_BROKEN_PERCENT: Final = 20

_BATCH: Final = 5000

Progress = Callable[[int], None]
"""Told how many rows are read."""

# Gone with the transaction, and never written to the log: should the process die, nothing is left.
_STAGED = """
CREATE TEMPORARY TABLE staged (row integer NOT NULL, key bytea NOT NULL, masked text NOT NULL, params jsonb)
ON COMMIT DROP
"""


_DOUBLED = """
SELECT row, masked, first, count(*) OVER () AS of FROM (
    SELECT row, masked, min(row) OVER (PARTITION BY key) AS first FROM staged
) s WHERE row > first ORDER BY row LIMIT $1
"""


@dataclass(slots=True)
class _Batch:
    named: list[Named] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    rows: int = 0
    empty: int = 0


async def stage(path: Path, form: Form, report: Report, progress: Progress | None = None) -> Layout:
    """Read a file into the table ``staged`` of the caller's transaction; ``report`` is filled on the way.

    Raises ListRefused if the file, its columns or too many of its rows are wrong.
    """
    await db.execute(_STAGED)
    reader = await asyncio.to_thread(_Reader, path, form)
    while (batch := await asyncio.to_thread(next, reader.batches, None)) is not None:
        await _copy(batch.named)
        report.rows += batch.rows
        report.empty += batch.empty
        report.broken += len(batch.faults)
        report.tell(batch.faults)
        if progress:
            progress(report.rows)
        # So many are too many of any file that may still come; nobody need wait for its end.
        if report.broken * 100 > MOST_BROKEN_PERCENT * MOST_ROWS:
            raise _too_many_broken(report)
    if not report.rows:
        raise ListRefused(fields={"文件": ["表头下面没有数据"]})
    if report.broken * 100 > MOST_BROKEN_PERCENT * report.rows:
        raise _too_many_broken(report)
    await db.execute("ANALYZE staged")
    return reader.layout


async def drop_doubled(report: Report, layout: Layout) -> None:
    """Let go of staged rows that name again whom an earlier row names."""
    rows = await db.fetch(_DOUBLED, max(report.room, 1))
    if not rows:
        return
    report.doubled = rows[0]["of"]
    report.tell(
        RowFault(one["row"], layout.identity_title, f"与第 {one['first']} 行重复", one["masked"])
        for one in rows
    )
    await db.execute(
        "DELETE FROM staged s USING (SELECT key, min(row) AS first FROM staged GROUP BY key) f"
        " WHERE f.key = s.key AND s.row > f.first"
    )


async def tell(report: Report, layout: Layout, asked: str, reason: str, *args: object) -> int:
    """Note staged rows that share a fault; answers how many there are.

    ``asked`` answers row, masked and ``of``, the count of all, and takes how many to answer as $1.
    """
    rows = await db.fetch(asked, max(report.room, 1), *args)
    report.tell(RowFault(one["row"], layout.identity_title, reason, one["masked"]) for one in rows)
    return int(rows[0]["of"]) if rows else 0


def _too_many_broken(report: Report) -> ListRefused:
    """The refusal that carries the report of the rows."""
    words = f"{report.broken} 行有误，超过 {MOST_BROKEN_PERCENT}%，没有写入任何数据；请按报告修改后重新上传"
    return ListRefused(fields={"行": [words]}, report=report)


class _Reader:
    """A file under way; its parts run in a thread, for checking is work for the processor."""

    def __init__(self, path: Path, form: Form) -> None:
        self._rows, self._first = _rows_of(path), tables.first_row(path)
        heading = next(self._rows, ())
        self.layout = Layout.read(heading, form)
        self._checker = Checker(self.layout, clock.today())
        self.batches = self._batches()

    def _batches(self) -> Iterator[_Batch]:
        batch, read = _Batch(), 0
        for number, cells in enumerate(self._rows, start=self._first):
            if is_empty(cells):
                batch.empty += 1
                continue
            batch.rows += 1
            read += 1
            if read > MOST_ROWS:
                raise ListRefused(fields={"文件": [f"超过 {MOST_ROWS:,} 行，请分成几份上传"]})
            checked = self._checker.check(number, cells)
            if isinstance(checked, Named):
                batch.named.append(checked)
            else:
                batch.faults.append(checked)
            if batch.rows == _BATCH:
                yield batch
                batch = _Batch()
        yield batch


def _rows_of(path: Path) -> tables.Rows:
    """The rows of a file. Raises ListRefused, also later, while it is read."""
    try:
        yield from tables.rows_of(path)
    except tables.TableRefused as refused:
        raise ListRefused(fields=refused.fields) from None


async def _copy(named: list[Named]) -> None:
    async with db.connection().acquire_connection() as raw:
        await raw.copy_records_to_table("staged", records=named, columns=list(Named._fields))
