"""What a change of a hall leaves behind: an event for whoever plans seats, and who made it and why."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from app.kit import audit, outbox


class Word(NamedTuple):
    """What was changed, in which hall (``None``: in all), by whom and why."""

    action: str
    hall_id: int | None
    actor: str
    reason: str
    detail: Mapping[str, audit.Plain]


_gathered: ContextVar[list[Word] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Iterator[list[Word]]:
    """Gather what is told inside instead of telling it.

    A trial throws the words away. Whoever has more to lock in the same transaction tells them at its end,
    because the audit log is one chain and everybody waits for whoever holds it.
    """
    words: list[Word] = []
    before = _gathered.set(words)
    try:
        yield words
    finally:
        _gathered.reset(before)


async def told(
    action: str, hall_id: int | None, actor: str, reason: str, detail: Mapping[str, audit.Plain]
) -> None:
    """Have whoever plans seats know of a change, and the audit log who made it and why."""
    word = Word(action, hall_id, actor, reason, detail)
    words = _gathered.get()
    if words is None:
        await write(word)
    else:
        words.append(word)


async def write(word: Word) -> None:
    """Tell a word in the transaction of its change, as the last thing in it."""
    await outbox.emit("hall_schedule_changed", {"hall_id": word.hall_id})
    target = f"hall:{word.hall_id}" if word.hall_id is not None else "halls"
    await audit.record(
        word.actor, word.action, target, detail=word.detail, reason=word.reason, hall_id=word.hall_id
    )
