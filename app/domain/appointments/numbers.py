"""Booking numbers: eight digits that never repeat among live bookings and tell nobody how many there are."""

from collections import deque

from app.kit import db
from app.kit.crypto import purpose_key
from app.kit.ids import Shuffle

BLOCK = 100
"""How many counters one process takes at once; the sequence steps by as much."""


class NumberSequence:
    """Hands out numbers from blocks of a database sequence, shuffled by a secret key."""

    def __init__(self) -> None:
        self._ready: deque[str] = deque()

    async def take(self, count: int) -> list[str]:
        """``count`` fresh numbers."""
        # Asked again after each refill: others may have taken some meanwhile.
        while (missing := count - len(self._ready)) > 0:
            await self._refill(-(-missing // BLOCK))
        return [self._ready.popleft() for _ in range(count)]

    async def _refill(self, blocks: int) -> None:
        shuffle = Shuffle(purpose_key("appointment number"), 8)
        rows = await db.fetch(
            "SELECT nextval('appointment_counter') AS first FROM generate_series(1, $1)", blocks
        )
        for row in rows:
            self._ready.extend(shuffle.number(row["first"] + step) for step in range(BLOCK))
