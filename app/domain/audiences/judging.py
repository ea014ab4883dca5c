"""Whether a condition holds for known facts, said without a database: yes, no, or unknown.

The database judges by the same logic (``compiling``); a test holds the two against each other. This one
explains a verdict to people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.accounts.models import IdentityLevel
from app.domain.audiences.conditions import AllOf, AnyOf, Condition, Leaf, Not, OfEnterprise


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person, and of each enterprise they act for in one role; ``None`` is unknown."""

    person: Mapping[str, Any]
    enterprises: Sequence[Mapping[str, Any]]


def holds(condition: Condition, facts: Facts, today: date) -> bool | None:
    """Whether it holds; ``None`` if what would decide is unknown."""
    return _holds(condition, facts.person, facts.enterprises, today)


def months_before(today: date, months: int) -> date:
    """The same day so many months ago, or the last of that month, as PostgreSQL counts."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - date(year, month + 1, 1)).days
    return date(year, month + 1, min(today.day, last))


def _holds(
    condition: Condition, known: Mapping[str, Any], enterprises: Sequence[Mapping[str, Any]], today: date
) -> bool | None:
    match condition:
        case Leaf():
            return _test(condition, known[condition.fact], today)
        case AllOf(parts):
            return _all([_holds(part, known, enterprises, today) for part in parts])
        case AnyOf(parts):
            return _any([_holds(part, known, enterprises, today) for part in parts])
        case Not(part):
            inner = _holds(part, known, enterprises, today)
            return None if inner is None else not inner
        case OfEnterprise(part):
            return _any([_holds(part, one, (), today) for one in enterprises])


def _all(verdicts: Sequence[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _any(verdicts: Sequence[bool | None]) -> bool | None:
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _test(leaf: Leaf, fact: Any, today: date) -> bool | None:
    if fact is None:
        return None
    match leaf.test:
        case "is":
            return bool(fact == leaf.value)
        case "in":
            return fact in leaf.value
        case "begins_with":
            return str(fact).startswith(tuple(leaf.value))
        case "within_months":
            return bool(fact > months_before(today, leaf.value))
        case _ if leaf.fact == "level":
            return IdentityLevel(fact).rank >= IdentityLevel(leaf.value).rank
        case _:
            return bool(fact >= leaf.value)
