"""The outbox: what happened is written beside it, in the same transaction, and handed on afterwards.

An event is a row until its handler has succeeded, and the handler's own writes commit in the very
transaction that removes the row: they happen exactly once, however often a worker dies.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from prometheus_client import Counter

from app.kit import clock, db
from app.kit.metrics import REGISTRY

log = logging.getLogger("weiban.outbox")

BATCH = 500
MAX_ATTEMPTS = 10
_LONGEST_PAUSE_S = 600

_EVENTS = Counter("weiban_outbox_events", "Outbox events by outcome.", ("kind", "outcome"), registry=REGISTRY)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``created_at`` is when its transaction began."""

    id: int
    kind: str
    payload: dict[str, Any]
    created_at: datetime
    attempt: int


Handler = Callable[[Sequence[Event]], Awaitable[None]]
"""Gets events of its kind, oldest first, inside a transaction. It writes rows and calls nobody outside."""


class NobodyListens(Exception):
    """No part of this worker handles the kind; another version of the worker may."""


async def emit(kind: str, payload: Mapping[str, Any]) -> None:
    """Write an event in the caller's transaction. Ids and facts only, never personal data."""
    await db.execute(
        "INSERT INTO outbox_event (kind, payload) VALUES ($1, $2)", kind, orjson.dumps(payload).decode()
    )


class Relay:
    """Hands events to the handlers of their kinds, at most ``BATCH`` in one transaction."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    async def step(self) -> int:
        """Handle what is due; answers how many events were taken up, failed ones included.

        Rows are claimed by their state and never by "later than the last id seen": ids are given
        before the commit, so a slow transaction's row would be skipped for ever.
        """
        async with db.transaction():
            events = await self._claim()
            if not events:
                return 0
            done: list[int] = []
            for kind in dict.fromkeys(event.kind for event in events):
                same = [event for event in events if event.kind == kind]
                done += await self._handle(kind, same)
            await db.execute("DELETE FROM outbox_event WHERE id = ANY ($1)", done)
        return len(events)

    async def _claim(self) -> list[Event]:
        # A row that has not failed yet is due at once by the database's own clock, which wrote it.
        rows = await db.fetch(
            "SELECT id, kind, payload, created_at, attempt FROM outbox_event"
            " WHERE retry_at <= greatest($1, now()) AND dead_because IS NULL"
            " ORDER BY retry_at, id LIMIT $2 FOR UPDATE SKIP LOCKED",
            clock.now(), BATCH,
        )  # fmt: skip
        events = [
            Event(row["id"], row["kind"], orjson.loads(row["payload"]), row["created_at"], row["attempt"])
            for row in rows
        ]
        return sorted(events, key=lambda event: event.id)

    async def _handle(self, kind: str, events: list[Event]) -> list[int]:
        """All together first; one by one if that fails, so that a bad event stops only itself."""
        try:
            await self._try(kind, events)
        except Exception as failure:  # noqa: BLE001  Whatever a handler raises must not stop the others.
            # With the database gone the next statement raises as well, and everything is rolled back.
            if len(events) == 1:
                await self._put_back(events[0], failure)
                return []
            return [id_ for event in events for id_ in await self._handle(kind, [event])]
        _EVENTS.labels(kind, "handled").inc(len(events))
        return [event.id for event in events]

    async def _try(self, kind: str, events: list[Event]) -> None:
        handler = self._handlers.get(kind)
        if handler is None:
            raise NobodyListens(kind)
        async with db.transaction():
            await handler(events)

    async def _put_back(self, event: Event, failure: Exception) -> None:
        attempt = event.attempt + 1
        reason = f"{type(failure).__name__}: {failure}"[:500]
        is_dead = attempt >= MAX_ATTEMPTS
        _EVENTS.labels(event.kind, "dead" if is_dead else "failed").inc()
        log.log(
            logging.ERROR if is_dead else logging.WARNING,
            "event %s (%s) failed, attempt %s: %s", event.id, event.kind, attempt, reason,
            exc_info=None if isinstance(failure, NobodyListens) else failure,
        )  # fmt: skip
        await db.execute(
            "UPDATE outbox_event SET attempt = $2, retry_at = $3, dead_because = $4 WHERE id = $1",
            event.id, attempt, clock.now() + _pause(attempt), reason if is_dead else None,
        )  # fmt: skip


def _pause(attempt: int) -> timedelta:
    return timedelta(seconds=min(2.0 ** (attempt - 1), _LONGEST_PAUSE_S))
