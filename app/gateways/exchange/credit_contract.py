"""What we ask of the tax authority's credit ratings (纳税缴费信用), whoever answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

A_LIST_PAGE: Final = 20
"""Enterprises on one page of the A list."""


class RatingStatus(StrEnum):
    """评价状态."""

    NORMAL = "normal"  # 正常
    UNDER_REVIEW = "under_review"  # 复核中
    UNDER_REPAIR = "under_repair"  # 修复中


@dataclass(frozen=True, slots=True)
class Deduction:
    """扣分: ``points`` taken off in all for ``times`` breaches of one indicator.

    ``repair_until`` is the last day on which repairing still brings points back, ``restored`` what a repair
    on ``repaired_on`` has brought back. The score is the starting score less points and plus restored ones.
    """

    code: str
    name: str
    points: Decimal
    times: int
    occurred_on: date
    is_repairable: bool
    repair_until: date | None = None
    repaired_on: date | None = None
    restored: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class DirectCause:
    """直接判级: a fact by which a year is rated D whatever its score.

    ``corrected_on`` is the day on which what the law asks was done, ``wait_months`` for how long from then
    on no breach may follow before the D may be repaired; ``None`` if it may not be.
    """

    fact: str
    corrected_on: date | None = None
    wait_months: int | None = None


@dataclass(frozen=True, slots=True)
class RatingFacts:
    """纳税缴费信用 of one year: level A B M C D; all but the first four only if the authority tells it.

    ``starting_score`` is 起评分 (100, 93 or 90), ``authority`` the name of 主管税务机关, ``never_a`` are the
    facts that forbid an A, ``direct_d`` those that make a D.
    """

    year: int
    level: str
    score: Decimal | None
    published_on: date
    starting_score: Decimal | None = None
    deductions: tuple[Deduction, ...] = ()
    status: RatingStatus = RatingStatus.NORMAL
    authority: str | None = None
    never_a: tuple[str, ...] = ()
    direct_d: tuple[DirectCause, ...] = ()


@dataclass(frozen=True, slots=True)
class AListEntry:
    """An enterprise of the published A list: all that is public of a rating."""

    uscc: str
    name: str
    year: int


@dataclass(frozen=True, slots=True)
class AListPage:
    """One page of at most ``A_LIST_PAGE`` enterprises, ordered by their code."""

    entries: tuple[AListEntry, ...]
    has_more: bool


class CreditConnector(Protocol):
    """The tax authority's credit ratings. Raises ``ExchangeDown``."""

    async def ratings(self, uscc: str) -> Sequence[RatingFacts]:
        """Every published rating of an enterprise, the newest first; none for one never rated."""
        ...

    async def a_list(self, year: int, query: str, page: int) -> AListPage:
        """Enterprises rated A for a year whose name holds, or whose code is, ``query``.

        Pages count from 1; an empty query is everybody.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
