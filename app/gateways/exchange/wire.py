"""Reading facts out of JSON from outside: each is of the right kind and size, or the answer makes no sense.

Every function raises ValueError, which says nothing of the value.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

LARGEST: Final = Decimal("999999999999.99")
"""Of any number: no invoice is over more, and no column of ours (fourteen digits, two decimals) holds it."""


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def items(value: object, most: int) -> list[Any]:
    """A JSON array of at most so many."""
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("no array, or too long a one")
    return value


def text(value: object, most: int) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError("no text, or too long a one")
    return value


def optional_text(value: object, most: int) -> str | None:
    """A text, or None for one that is empty or missing."""
    return None if value in (None, "") else text(value, most)


def number(value: object) -> Decimal:
    """A finite number up to ``LARGEST``; amounts come as text, so that none passes through binary floats."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("no number")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("no number") from None
    if not found.is_finite() or found.copy_abs() > LARGEST:
        raise ValueError("a number beyond sense")
    return found


def optional_number(value: object) -> Decimal | None:
    """A number, or None for one that is empty or missing."""
    return None if value in (None, "") else number(value)


def whole(value: object, least: int, most: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError("no whole number within bounds")
    return value


def day(value: object) -> date:
    """A day as YYYY-MM-DD."""
    return date.fromisoformat(text(value, 10))


def optional_day(value: object) -> date | None:
    """A day, or None for a missing one."""
    return None if value in (None, "") else day(value)


def flag(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value
