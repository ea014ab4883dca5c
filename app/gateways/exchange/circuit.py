"""A circuit breaker: after enough failures in a row, callers are refused at once instead of waiting.

Closed lets everybody pass. Open refuses until ``rest_s`` has gone by. Then it is half-open: one
caller tries, and what the other side does with that one closes or opens it again. A trial that never
reached the other side says nothing of it, and leaves the try to the next caller.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class CircuitOpen(Exception):
    """The other side is being left alone; ``retry_after`` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"left alone for another {retry_after} s")
        self.retry_after = retry_after


class Circuit:
    """Counts the failures of one outside system, in this process.

    Only exceptions of the class ``counted`` are failures of the other side. Those of the classes ``answers``
    are its refusals: it is well, and says no. All others are our own and prove nothing. Time is monotonic,
    so that a corrected wall clock neither opens nor closes it.
    """

    def __init__(
        self,
        counted: type[Exception],
        *,
        answers: tuple[type[Exception], ...] = (),
        failures: int = 5,
        rest_s: float = 30,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._counted = counted
        self._answers = answers
        self._most = failures
        self._rest_s = rest_s
        self._monotonic = monotonic
        self._failed = 0
        self._opened_at: float | None = None
        self._is_tried = False

    @property
    def state(self) -> State:
        if self._opened_at is None:
            return State.CLOSED
        return State.OPEN if self._left_s() > 0 else State.HALF_OPEN

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Run one call inside; raises ``CircuitOpen`` without running it while the circuit is open."""
        is_trial = self._admit()
        try:
            yield
        except self._counted:
            self._count_failure()
            raise
        except self._answers:
            self._close()
            raise
        else:
            self._close()
        finally:
            if is_trial:
                self._is_tried = False

    def _admit(self) -> bool:
        if self.state is State.CLOSED:
            return False
        if self.state is State.OPEN or self._is_tried:
            raise CircuitOpen(max(1, round(self._left_s())))
        self._is_tried = True
        return True

    def _close(self) -> None:
        self._failed, self._opened_at = 0, None

    def _count_failure(self) -> None:
        self._failed += 1
        if self._opened_at is not None or self._failed >= self._most:
            self._opened_at = self._monotonic()

    def _left_s(self) -> float:
        return (self._opened_at or 0) + self._rest_s - self._monotonic()
