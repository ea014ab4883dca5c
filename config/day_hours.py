"""Times of the day in settings: spans such as 09:00-12:00."""

from collections.abc import Sequence
from datetime import time
from itertools import pairwise

Span = tuple[time, time]
"""From when to when on a day."""


def spans(text: str) -> Sequence[Span]:
    """Spans in order, separated by commas. Raises ValueError with words for the operator."""
    try:
        found = [span(part) for part in text.split(",")]
    except ValueError:
        raise ValueError("应形如 09:00-12:00,13:30-17:00") from None
    bounds = [moment for opens, closes in found for moment in (opens, closes)]
    if any(later <= earlier for earlier, later in pairwise(bounds)):
        raise ValueError("时间应从早到晚，且各段不重叠")
    return found


def span(text: str) -> Span:
    """One span, which may reach over midnight. Raises ValueError."""
    begins, ends = map(moment, text.split("-"))
    return begins, ends


def moment(text: str) -> time:
    """A time of the day, without a zone. Raises ValueError."""
    found = time.fromisoformat(text.strip())
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


def is_within(at: time, hours: Span) -> bool:
    """Whether a moment lies in a span: from its first minute up to, but without, its last.

    A span that ends where it begins has no minute.
    """
    begins, ends = hours
    if begins <= ends:
        return begins <= at < ends
    return at >= begins or at < ends
