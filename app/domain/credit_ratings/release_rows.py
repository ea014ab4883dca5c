"""The rows of a release: which fields they have, and whether each of them can be."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from app.domain.accounts import agency
from app.domain.credit_ratings import rules, taxpayer_ids
from app.domain.credit_ratings.rule_sets import Level, RuleSet, rule_set_of
from app.kit import crypto, masking
from app.kit.identity_numbers import BadNumber
from app.kit.tables import Cell, Oddity

FIELDS: Final = ("taxpayer_id", "name", "year", "level", "score", "starting_score", "authority")
"""What a row says, in the order in which it is checked."""
COLUMNS: Final = (
    "taxpayer_hash", "level", "score", "starting_score", "authority", "name", "taxpayer_id", "row_number",
)  # fmt: skip
"""Of the table, in the order of the lines written here."""
NULL: Final = "\\N"
"""Nothing, in COPY's text form."""

_LONGEST_NAME, _LONGEST_AUTHORITY = 200, 80
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]")
# No more than the database reads the same way: Decimal takes 9_5 and full-width digits as well.
_AMOUNT: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,2})?")


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


class WrongValue(Exception):
    """What is wrong with the value of a field, by its place among ``FIELDS``; -1 is the row as such."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at, self.reason = at, reason


class Checker:
    """Checks ratings of one year, each given in the order of ``FIELDS``."""

    def __init__(self, year: int) -> None:
        self.year = str(year)
        self.law = rule_set_of(year).name

    def rating(self, said: Sequence[Cell]) -> Rating:
        """The rating a row tells. Raises WrongValue for the first value that cannot be."""
        number, name, year, level, score, start, authority = _texts(said)
        try:
            number = taxpayer_ids.checked(number)
        except BadNumber as bad:
            raise WrongValue(0, str(bad)) from None
        if not is_name(name):
            raise WrongValue(1, f"名称应为 1 到 {_LONGEST_NAME} 个字，不含控制字符")
        if year != self.year:
            raise WrongValue(2, f"应为 {self.year} 年度")
        wrong = misfit(level, score, start, self.law)
        if wrong:
            raise WrongValue(*wrong)
        if not is_authority(authority):
            raise WrongValue(6, f"主管税务机关最多 {_LONGEST_AUTHORITY} 个字，不含控制字符")
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
        except WrongValue as wrong:
            return wrong.reason


def is_name(text: str) -> bool:
    """Whether an enterprise can be called so."""
    return 0 < len(text) <= _LONGEST_NAME and not _FORBIDDEN.search(text)


def are_names(texts: Sequence[str]) -> bool:
    """Whether all of them are names, of very many at once."""
    return all(texts) and max(map(len, texts)) <= _LONGEST_NAME and not _FORBIDDEN.search(",".join(texts))


def is_authority(text: str) -> bool:
    """Whether a tax authority can be called so; it need not be named."""
    return len(text) <= _LONGEST_AUTHORITY and not _FORBIDDEN.search(text)


@lru_cache(maxsize=100_000)
def misfit(level: str, score: str, start: str, law: str) -> tuple[int, str] | None:
    """Why level, score and starting score do not go together, with the place of the wrong one.

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
    wrong = rules.misfit(Level(level), told, rules_of_year)
    return (4, wrong) if wrong else None


def as_line(rating: Rating, number: int) -> str:
    """A rating as a line of COPY in text form. Control characters are not among its signs."""
    hashed, level, score, start, authority, name, taxpayer_id = rating
    return (
        f"\\\\x{hashed.hex()}\t{level}\t{score or NULL}\t{start or NULL}\t{escaped(authority)}"
        f"\t{escaped(name)}\t{taxpayer_id or NULL}\t{number}\n"
    )


def escaped(text: str | None) -> str:
    """A text as COPY reads it, which takes a backslash for the beginning of something else."""
    return text.replace("\\", "\\\\") if text else NULL


def masked(cell: Cell) -> str:
    """A value as a report may show it: the first three and the last four signs, none of them unseen."""
    return "" if isinstance(cell, Oddity) else masking.mask_id_number(_FORBIDDEN.sub("?", cell.strip()[:40]))


def _texts(said: Sequence[Cell]) -> list[str]:
    """The cells without blanks around them. Raises WrongValue for one that is no text."""
    try:
        return list(map(str.strip, said))  # type: ignore[arg-type]
    except TypeError:
        odd = next((at, cell) for at, cell in enumerate(said) if isinstance(cell, Oddity))
        raise WrongValue(odd[0], odd[1].value) from None


_LAWS: Final[Mapping[str, RuleSet]] = {one.name: one for one in (rule_set_of(2014), rule_set_of(2025))}


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)
