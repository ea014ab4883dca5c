"""受理编号 as they are given out: each to one case of an authority, whoever tells it first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from app.domain.cases import numbers
from app.domain.cases.errors import AcceptanceNumberTaken
from app.domain.cases.models import Case
from app.domain.cases.particulars import authority_of
from app.kit import db

# Sorted, so that two batches with the same numbers wait for each other and never in a circle.
_CLAIM: Final = """
INSERT INTO acceptance_number (number, authority, case_number)
SELECT number, authority, case_number FROM unnest($1::text[], $2::text[], $3::text[])
    AS wanted (number, authority, case_number) ORDER BY number, authority
ON CONFLICT (number, authority) DO NOTHING RETURNING number, authority
"""
_HELD: Final = """
SELECT a.number, a.authority, a.case_number FROM unnest($1::text[], $2::text[]) AS wanted (number, authority)
JOIN acceptance_number a ON a.number = wanted.number AND a.authority = wanted.authority
"""
_RELEASE: Final = """
DELETE FROM acceptance_number a USING unnest($1::text[], $2::text[]) AS unused (number, authority)
WHERE a.number = unused.number AND a.authority = unused.authority
"""

Pair = tuple[str, str]
"""A number in the form by which it is found, and the authority that gave it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case, and the number it is told to have."""

    case_number: str
    authority: str
    told: str

    @classmethod
    def of(cls, case: Case, told: str) -> Self:
        """What a case wants that is there."""
        return cls(case.number, authority_of(case), told)

    @property
    def pair(self) -> Pair | None:
        """What has to be claimed; a case that goes by its own number is found by it anyway."""
        number = numbers.acceptance(self.told)
        return (number, self.authority) if number and number != self.case_number else None


@dataclass(slots=True)
class Claims:
    """Whose the numbers of a batch are, which of them it claimed itself, and which its cases took."""

    holders: Mapping[Pair, str] = field(default_factory=dict)
    new: frozenset[Pair] = frozenset()
    taken: set[Pair] = field(default_factory=set)

    def check(self, wanted: Wanted) -> None:
        """Raises AcceptanceNumberTaken if the number is another case's."""
        pair = wanted.pair
        if pair is not None and self.holders.get(pair) != wanted.case_number:
            raise AcceptanceNumberTaken

    def take(self, wanted: Wanted) -> None:
        """Let a case have the number that was checked."""
        if wanted.pair is not None:
            self.taken.add(wanted.pair)

    def give_up(self, case_numbers: Collection[str]) -> None:
        """Take it as not taken by these cases: they were not written."""
        self.taken -= {pair for pair in self.taken if self.holders.get(pair) in case_numbers}

    async def release(self) -> None:
        """Give back what was claimed and not taken after all."""
        if unused := self.new - self.taken:
            await db.execute(_RELEASE, *_columns(unused))


async def claim(wanted: Collection[Wanted]) -> Claims:
    """Claim numbers for cases before their steps are judged; joins the caller's transaction.

    Of two cases that want one number the first has it. Two batches that do wait for each other.
    """
    pairs = {pair: one.case_number for one in reversed(list(wanted)) if (pair := one.pair)}
    if not pairs:
        return Claims()
    new = await db.fetch(_CLAIM, *_columns(pairs), list(pairs.values()))
    held = await db.fetch(_HELD, *_columns(pairs))
    return Claims(
        {(row["number"], row["authority"]): row["case_number"] for row in held},
        frozenset((row["number"], row["authority"]) for row in new),
    )


def _columns(pairs: Collection[Pair]) -> tuple[list[str], list[str]]:
    return [number for number, _ in pairs], [authority for _, authority in pairs]
