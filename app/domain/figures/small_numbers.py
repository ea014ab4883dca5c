"""How figures are told to the public: no number so small that somebody could be recognised in it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

LEAST: Final = 5
"""The smallest number that is told, but for none at all."""

_TENTH: Final = Decimal("0.1")
_WHOLE: Final = Decimal(100)


class Bound(StrEnum):
    """What is said before a value: that it is this, or only which side of it."""

    EXACT = ""
    BELOW = "<"
    ABOVE = ">"


@dataclass(frozen=True, slots=True)
class Count:
    """A number as it is told: ``number`` itself, or less than it; ``change`` in per cent in a year."""

    number: int
    bound: Bound = Bound.EXACT
    change: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share as it is told, in per cent; ``change`` in percentage points in a year."""

    percent: Decimal
    bound: Bound = Bound.EXACT
    change: Decimal | None = None


def count(now: int, before: int | None) -> Count:
    """A number beside that of a year before; a change is told only where both numbers are."""
    if _is_small(now):
        return Count(LEAST, Bound.BELOW)
    # A change is told of numbers that are told: with one of them it would tell the other.
    told = before is not None and before >= LEAST and now >= LEAST
    return Count(now, change=_tenth(_WHOLE * (now - before) / before) if told and before else None)


def share(part: int, rest: int, before: Share | None = None) -> Share | None:
    """What ``part`` is of both together; ``None`` where both together are not told."""
    whole = part + rest
    if whole < LEAST:
        return None
    if _is_small(part):
        return Share(min(_tenth(_WHOLE * LEAST / whole), _WHOLE), Bound.BELOW)
    if _is_small(rest):
        return Share(max(_tenth(_WHOLE * (whole - LEAST) / whole), Decimal(0)), Bound.ABOVE)
    percent = _tenth(_WHOLE * part / whole)
    told = before is not None and before.bound is Bound.EXACT
    return Share(percent, change=percent - before.percent if told and before else None)


def _is_small(number: int) -> bool:
    return 0 < number < LEAST


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, ROUND_HALF_UP)
