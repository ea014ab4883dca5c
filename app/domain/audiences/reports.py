"""What became of an uploaded table, row by row, within bounds."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.kit.spreadsheets import harmless

MOST_FAULTS: Final = 10_000
"""Faults kept with their rows; the rest are counted."""


class RowFault(NamedTuple):
    """What is wrong with a row; ``value`` is masked."""

    row: int
    column: str
    reason: str
    value: str


@dataclass(slots=True)
class Report:
    """Rows by what became of them, and the first faults.

    ``list_id`` is ``None`` if nothing was taken in. ``rows`` counts what is not empty: broken ones, those
    that repeat an earlier one, those of whom we know nobody, and the rest.
    """

    list_id: int | None = None
    rows: int = 0
    empty: int = 0
    broken: int = 0
    doubled: int = 0
    unknown: int = 0
    shared: int = 0
    """Rows whose people were all named by an earlier row, as an agent of several enterprises is."""
    people: int = 0
    faults: list[RowFault] = field(default_factory=list)

    @property
    def room(self) -> int:
        """How many more faults are kept."""
        return MOST_FAULTS - len(self.faults)

    @property
    def untold(self) -> int:
        """Faults that are counted but not kept."""
        return self.broken + self.doubled + self.unknown + self.shared - len(self.faults)

    def tell(self, faults: Iterable[RowFault]) -> None:
        """Keep these faults while there is room."""
        for fault in faults:
            if not self.room:
                return
            self.faults.append(fault)

    def counts(self) -> dict[str, int]:
        """The numbers alone, as they are kept with a list."""
        return {
            "rows": self.rows, "empty": self.empty, "broken": self.broken, "doubled": self.doubled,
            "unknown": self.unknown, "shared": self.shared, "people": self.people,
        }  # fmt: skip

    def as_csv(self) -> str:
        """The faults as a CSV that no spreadsheet takes for formulas, with the mark Excel wants."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("行号", "列", "问题", "内容（已遮盖）"))
        writer.writerows(tuple(harmless(str(one)) for one in fault) for fault in sorted(self.faults))
        if self.untold:
            writer.writerow(("", "", f"另有 {self.untold} 行有问题，未逐行列出", ""))
        return "\ufeff" + text.getvalue()
