"""Very many rows at once, checked column by column: what millions of rows say alike is looked at once.

It knows what is right as it stands. All else is left to ``release_rows.Checker``, which looks at one row.
"""

from collections.abc import Callable, Hashable, Sequence
from itertools import compress
from typing import Final, NamedTuple, TypeVar

from app.domain.accounts import agency
from app.domain.credit_ratings import release_rows, taxpayer_ids
from app.domain.credit_ratings.release_rows import NULL, Checker, escaped
from app.domain.credit_ratings.rule_sets import Level
from app.kit import crypto

T = TypeVar("T", bound=Hashable)

_A: Final = Level.A.value


class Sifted(NamedTuple):
    """Lines of COPY in text form for the rows that are right, and the places of all others, in order."""

    lines: str
    doubtful: Sequence[int]


def sift(columns: Sequence[Sequence[str]], row_numbers: Sequence[int], checker: Checker) -> Sifted:
    """Rows told as columns, in the order of ``FIELDS``, without blanks around what they say."""
    doubtful = sorted(_doubtful(columns, checker))
    if doubtful:
        is_right = [True] * len(row_numbers)
        for at in doubtful:
            is_right[at] = False
        columns = [list(compress(column, is_right)) for column in columns]
        row_numbers = list(compress(row_numbers, is_right))
    return Sifted(_lines(columns, row_numbers) if row_numbers else "", doubtful)


def _doubtful(columns: Sequence[Sequence[str]], checker: Checker) -> set[int]:
    numbers, names, years, levels, scores, starts, authorities = columns
    found = taxpayer_ids.doubtful(numbers)
    if not release_rows.are_names(names):
        found |= _wrong(names, release_rows.is_name)
    found |= _wrong(years, lambda year: year == checker.year)
    found |= _wrong(
        list(zip(levels, scores, starts, strict=True)),
        lambda said: release_rows.misfit(*said, checker.law) is None,
    )
    found |= _wrong(authorities, release_rows.is_authority)
    return found


def _wrong(values: Sequence[T], is_right: Callable[[T], bool]) -> set[int]:
    """The places of what is wrong; each different value is looked at once."""
    wrong = {value for value in set(values) if not is_right(value)}
    return {at for at, value in enumerate(values) if value in wrong} if wrong else set()


def _lines(columns: Sequence[Sequence[str]], row_numbers: Sequence[int]) -> str:
    """See ``release_rows.as_line``, which writes one of them."""
    numbers, names, _, levels, scores, starts, authorities = columns
    public_names = [NULL] * len(numbers)
    public_numbers = list(public_names)
    for at, level in enumerate(levels):
        if level == _A:
            public_names[at] = escaped(names[at])
            public_numbers[at] = taxpayer_ids.public(numbers[at]) or NULL
    rows = zip(
        [hashed.hex() for hashed in crypto.lookup_hashes(numbers, agency.USCC)],
        levels,
        [score or NULL for score in scores],
        [start or NULL for start in starts],
        map(escaped, authorities),
        public_names,
        public_numbers,
        map(str, row_numbers),
        strict=True,
    )
    return "\\\\x" + "\n\\\\x".join(map("\t".join, rows)) + "\n"
