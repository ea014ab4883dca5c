"""A bulkhead: one slow outside system fills its own compartment, not the whole ship."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(Exception):
    """Nobody left the compartment in time."""


class Bulkhead:
    """At most ``seats`` at once, each waiting at most ``wait_s`` seconds for one; in this process."""

    def __init__(self, seats: int, *, wait_s: float) -> None:
        self._seats = asyncio.Semaphore(seats)
        self._wait_s = wait_s

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Hold a seat inside. Raises Full."""
        try:
            async with asyncio.timeout(self._wait_s):
                await self._seats.acquire()
        except TimeoutError:
            raise Full from None
        try:
            yield
        finally:
            self._seats.release()
