"""The rows of a release file: which columns they have, and whether each of them can be."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from app.domain.accounts import agency
from app.domain.credit_ratings import rules, taxpayer_ids
from app.domain.credit_ratings.errors import ReleaseRefused
from app.domain.credit_ratings.rule_sets import Level, RuleSet, rule_set_of
from app.kit import crypto, masking, tables
from app.kit.identity_numbers import BadNumber
from app.kit.tables import Cell, Oddity

MOST_BYTES: Final = 2 * 2**30
BATCH: Final = 50_000

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
_FIELDS: Final = ("taxpayer_id", "name", "year", "level", "score", "starting_score", "authority")
_OPTIONAL: Final = frozenset({"starting_score", "authority"})

COLUMNS: Final = (
    "taxpayer_hash", "level", "score", "starting_score", "authority", "name", "taxpayer_id", "row_number",
)  # fmt: skip
"""Of the table, in the order of what ``Checker.line`` writes."""

_LONGEST_NAME, _LONGEST_AUTHORITY = 200, 80
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]")
# No more than the database reads the same way: Decimal takes 9_5 and full-width digits as well.
_AMOUNT: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,2})?")
_NULL: Final = "\\N"


class RowFault(NamedTuple):
    """A row that is left out: where it stands, what is wrong with it first, and the masked value."""

    row_number: int
    title: str
    reason: str
    value: str


class Rating(NamedTuple):
    """A row that can be. ``name`` and ``taxpayer_id`` are only of an A; scores are decimal texts."""

    taxpayer_hash: bytes
    level: str
    score: str | None
    starting_score: str | None
    authority: str | None
    name: str | None
    taxpayer_id: str | None


@dataclass(slots=True)
class Batch:
    """Some rows on their way: lines for COPY in text form, faults, and the last row looked at."""

    last_row: int
    lines: list[str] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


class _Wrong(Exception):
    """What is wrong with a value of a column."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at, self.reason = at, reason


class Reader:
    """A release file under way; rows up to ``after`` were read before."""

    def __init__(self, path: Path, year: int, *, after: int = 0) -> None:
        self._rows = _rows(path)
        heading = next(self._rows, ())
        self._checker = Checker(year)
        self._pick, self._width = _layout(heading)
        self._titles = _titles(heading)
        self._after = max(after, 1)

    def batches(self) -> Iterator[Batch]:
        """The file in parts of ``BATCH`` rows. Raises ReleaseRefused for what is no table."""
        for _ in islice(self._rows, self._after - 1):
            pass
        last_row = self._after
        while rows := list(islice(self._rows, BATCH)):
            batch = Batch(last_row=last_row + len(rows))
            for number, cells in enumerate(rows, start=last_row + 1):
                self._take(batch, number, cells)
            last_row = batch.last_row
            yield batch

    def _take(self, batch: Batch, number: int, cells: Sequence[Cell]) -> None:
        if not any(cells):
            return
        try:
            said = self._pick([*cells, ""] if len(cells) == self._width else self._fitted(cells))
            batch.lines.append(as_line(self._checker.rating(said), number))
        except _Wrong as wrong:
            name = _FIELDS[wrong.at] if wrong.at >= 0 else ""
            value = said[wrong.at] if wrong.at >= 0 else ""
            batch.faults.append(RowFault(number, self._titles.get(name, ""), wrong.reason, masked(value)))

    def _fitted(self, cells: Sequence[Cell]) -> list[Cell]:
        if any(cells[self._width :]):
            raise _Wrong(-1, f"这一行有 {len(cells)} 格，多于标题的 {self._width} 列")
        return [*cells[: self._width], *[""] * (self._width - len(cells) + 1)]


class Checker:
    """Checks ratings of one year, in the order of the fields taxpayer_id, name, year, level, score …"""

    def __init__(self, year: int) -> None:
        self._year = str(year)
        self._rules = rule_set_of(year)

    def rating(self, said: Sequence[Cell]) -> Rating:
        """The rating a row tells. Raises _Wrong for the first value that cannot be."""
        number, name, year, level, score, start, authority = _texts(said)
        try:
            number = taxpayer_ids.checked(number)
        except BadNumber as bad:
            raise _Wrong(0, str(bad)) from None
        if not name or len(name) > _LONGEST_NAME or _FORBIDDEN.search(name):
            raise _Wrong(1, f"名称应为 1 到 {_LONGEST_NAME} 个字，不含控制字符")
        if year != self._year:
            raise _Wrong(2, f"应为 {self._year} 年度")
        verdict = _judged(level, score, start, self._rules.name)
        if isinstance(verdict, tuple):
            raise _Wrong(*verdict)
        if len(authority) > _LONGEST_AUTHORITY or _FORBIDDEN.search(authority):
            raise _Wrong(6, f"主管税务机关最多 {_LONGEST_AUTHORITY} 个字，不含控制字符")
        is_public = level == Level.A
        return Rating(
            crypto.lookup_hash(number, agency.USCC),
            level,
            score or None,
            start or None,
            authority or None,
            name if is_public else None,
            taxpayer_ids.public(number) if is_public else None,
        )

    def checked(self, said: Sequence[Cell]) -> Rating | str:
        """The same, or what is wrong with it in words."""
        try:
            return self.rating(said)
        except _Wrong as wrong:
            return wrong.reason


def as_line(rating: Rating, number: int) -> str:
    """A rating as a line of COPY in text form. Control characters are not among its signs."""
    hashed, level, score, start, authority, name, taxpayer_id = rating
    return (
        f"\\\\x{hashed.hex()}\t{level}\t{score or _NULL}\t{start or _NULL}\t{_escaped(authority)}"
        f"\t{_escaped(name)}\t{taxpayer_id or _NULL}\t{number}\n"
    )


def _escaped(text: str | None) -> str:
    return text.replace("\\", "\\\\") if text else _NULL


def _texts(said: Sequence[Cell]) -> list[str]:
    """The cells without blanks around them. Raises _Wrong for one that is no text."""
    try:
        return list(map(str.strip, said))  # type: ignore[arg-type]
    except TypeError:
        odd = next((at, cell) for at, cell in enumerate(said) if isinstance(cell, Oddity))
        raise _Wrong(odd[0], odd[1].value) from None


def masked(cell: Cell) -> str:
    """A value as a report may show it: the first three and the last four signs, none of them unseen."""
    return "" if isinstance(cell, Oddity) else masking.mask_id_number(_FORBIDDEN.sub("?", cell.strip()[:40]))


@lru_cache(maxsize=100_000)
def _judged(level: str, score: str, start: str, law: str) -> tuple[int, str] | bool:
    """Whether level, score and starting score go together, or the place that is wrong and why.

    A year has a few thousand different ones, and a file millions of rows.
    """
    rules_of_year = _LAWS[law]
    if level not in Level.__members__:
        return 3, "级别应为 A、B、M、C、D 之一"
    try:
        told, begun = (_amount(text) for text in (score, start))
    except ValueError:
        return 4, "得分和起评分应为数字，最多两位小数"
    if begun is not None and begun not in rules_of_year.starting_scores.values():
        return 5, "起评分与该年度的评价规则不符"
    misfit = rules.misfit(Level(level), told, rules_of_year)
    return (4, misfit) if misfit else True


_LAWS: Final[Mapping[str, RuleSet]] = {one.name: one for one in (rule_set_of(2014), rule_set_of(2025))}


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _layout(heading: Sequence[Cell]) -> tuple[Callable[[Sequence[Cell]], Sequence[Cell]], int]:
    """What picks the fields out of a row with an empty cell at its end, and how many columns there are."""
    titles = [cell.strip() if isinstance(cell, str) else "" for cell in heading]
    names = [TITLES.get(title, title) for title in titles]
    wrong = [
        f"“{title[:40]}”不是需要的列"
        for title, name in zip(titles, names, strict=True)
        if name not in _FIELDS
    ]
    wrong += [
        f"“{title}”出现了多次"
        for title in {t for t, n in zip(titles, names, strict=True) if names.count(n) > 1}
    ]
    missing = [name for name in _FIELDS if name not in names and name not in _OPTIONAL]
    wrong += [f"缺少“{_title_of(name)}”" for name in missing]
    if wrong:
        raise ReleaseRefused(fields={"列": wrong, "应有的列": ["，".join(TITLES)]})
    places = [names.index(name) if name in names else len(names) for name in _FIELDS]
    return itemgetter(*places), len(names)


def _titles(heading: Sequence[Cell]) -> dict[str, str]:
    return {TITLES.get(str(title).strip(), str(title).strip()): str(title).strip() for title in heading}


def _title_of(name: str) -> str:
    return next(title for title, known in TITLES.items() if known == name)


def _rows(path: Path) -> tables.Rows:
    try:
        yield from tables.rows_of(path, most_bytes=MOST_BYTES)
    except tables.TableRefused as refused:
        raise ReleaseRefused(fields=refused.fields) from None
