"""Whom we tell something: groups by rules, tags, uploaded lists, and audiences made of them.

What is meant by an audience is asked here; the deeds of staff are in ``rule_book``, ``tags`` and ``lists``.
"""

from app.domain.audiences.definition import Definition
from app.domain.audiences.errors import InvalidAudience
from app.domain.audiences.selecting import Explanation, Selection, check, count, explain, sample, selection

__all__ = [
    "Definition", "Explanation", "InvalidAudience", "Selection", "check", "count", "explain", "sample",
    "selection",
]  # fmt: skip
