"""The seat allocator: bookings that reach this process together are taken by one statement.

``book_seats`` in the database decides and writes; here requests only gather. While one batch is
being decided the next one grows, so under load a batch carries many bookings and a lone booking
waits for nobody. Nothing is remembered between batches: any number of processes may do the same.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from asyncpg.exceptions import (
    DeadlockDetectedError,
    ForeignKeyViolationError,
    SerializationError,
    UniqueViolationError,
)

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments.numbers import NumberSequence
from app.domain.appointments.rules import subject_of
from app.kit import clock, db
from app.kit.ids import uuid7
from app.kit.metrics import BATCH, BOOKINGS

log = logging.getLogger(__name__)

_LARGEST_BATCH = 256
_TRIES = 4


@dataclass(frozen=True, slots=True)
class SeatRequest:
    """Someone wants a seat; ``request_key`` makes asking again harmless."""

    slot_id: int
    business_id: str
    person_id: UUID
    level: IdentityLevel
    enterprise_id: UUID | None
    items: tuple[str, ...]
    channel: str
    request_key: str | None = None
    hold_id: UUID | None = None

    @property
    def parties(self) -> tuple[UUID, UUID]:
        return self.person_id, subject_of(self.person_id, self.enterprise_id)


@dataclass(frozen=True, slots=True)
class SeatAnswer:
    """What the database decided; the times are those of the slot, ``None`` if there is none."""

    verdict: str
    appointment_id: UUID
    number: str
    hall_id: int
    starts_at: datetime
    ends_at: datetime
    decided_at: datetime


_Waiting = tuple[SeatRequest, "asyncio.Future[SeatAnswer]"]


class SeatAllocator:
    """Gathers seat requests of this process and has them decided batch by batch."""

    def __init__(self) -> None:
        self._numbers = NumberSequence()
        self._queue: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    async def take(self, request: SeatRequest) -> SeatAnswer:
        """Have one request decided."""
        answer: asyncio.Future[SeatAnswer] = asyncio.get_running_loop().create_future()
        self._queue.append((request, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while batch := self._next_batch():
                BATCH.observe(len(batch))
                await self._answer(batch)
        finally:
            # Here and not in a callback of the task: a request that came in between would wait for ever.
            self._task = None

    async def _answer(self, batch: list[_Waiting]) -> None:
        try:
            answers = await self._decide([request for request, _ in batch])
        except Exception as failure:  # noqa: BLE001  # Whatever it is, every waiting caller must hear of it.
            for _, future in batch:
                if not future.done():
                    future.set_exception(failure)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            BOOKINGS.labels(answer.verdict).inc()
            if not future.done():
                future.set_result(answer)

    def _next_batch(self) -> list[_Waiting]:
        """As many waiting requests as fit, each person and each subject at most once.

        Two requests of one person depend on each other's outcome; the second waits for the next batch.
        """
        batch: list[_Waiting] = []
        parties: set[UUID] = set()
        later: deque[_Waiting] = deque()
        while self._queue and len(batch) < _LARGEST_BATCH:
            waiting = self._queue.popleft()
            mine = waiting[0].parties
            if parties.isdisjoint(mine):
                parties.update(mine)
                batch.append(waiting)
            else:
                later.append(waiting)
        self._queue.extendleft(reversed(later))
        return batch

    async def _decide(self, requests: Sequence[SeatRequest]) -> list[SeatAnswer]:
        for _ in range(_TRIES):
            try:
                return await self._ask(requests)
            except (DeadlockDetectedError, SerializationError):
                continue
            except (UniqueViolationError, ForeignKeyViolationError):
                # One request spoils the batch: a number still in use from the last round of the
                # sequence, or a person deleted meanwhile. Alone, each gets its own outcome.
                if len(requests) > 1:
                    return [(await self._decide([request]))[0] for request in requests]
        return await self._ask(requests)

    async def _ask(self, requests: Sequence[SeatRequest]) -> list[SeatAnswer]:
        now = clock.now()
        numbers = await self._numbers.take(len(requests))
        rows = await db.fetch(
            "SELECT * FROM book_seats($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ORDER BY ord",
            now,
            [uuid7() for _ in requests],
            numbers,
            [request.slot_id for request in requests],
            [request.business_id for request in requests],
            [request.person_id for request in requests],
            [request.level.value for request in requests],
            [request.enterprise_id for request in requests],
            [orjson.dumps(request.items).decode() for request in requests],
            [request.channel for request in requests],
            [request.request_key for request in requests],
            [request.hold_id for request in requests],
        )
        return [
            SeatAnswer(
                row["verdict"],
                row["appointment_id"],
                number,
                row["hall_id"],
                row["starts_at"],
                row["ends_at"],
                now,
            )
            for row, number in zip(rows, numbers, strict=True)
        ]


allocator = SeatAllocator()
"""The one allocator of this process."""
