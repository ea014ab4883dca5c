"""How the seat allocator gathers requests, and that none is left waiting."""

import asyncio
from collections.abc import Sequence

import pytest

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments.allocator import SeatAllocator, SeatAnswer, SeatRequest
from app.domain.appointments.numbers import BLOCK, NumberSequence
from app.kit import clock
from app.kit.ids import uuid7


def _request() -> SeatRequest:
    return SeatRequest(1, "INVOICE", uuid7(), IdentityLevel.WX_BOUND, None, (), "MP")


async def _decide_at_once(requests: Sequence[SeatRequest]) -> list[SeatAnswer]:
    now = clock.now()
    return [SeatAnswer("booked", uuid7(), "00000000", 1, now, now, now) for _ in requests]


async def test_a_request_that_follows_an_answer_at_once_is_not_left_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allocator = SeatAllocator()
    monkeypatch.setattr(allocator, "_decide", _decide_at_once)

    async def book_often() -> None:
        for _ in range(50):
            await allocator.take(_request())

    async with asyncio.timeout(5):
        await asyncio.gather(*(book_often() for _ in range(4)))


@pytest.mark.usefixtures("db")
async def test_numbers_taken_at_the_same_time_are_enough_for_all() -> None:
    numbers = NumberSequence()
    await numbers.take(BLOCK // 2)
    taken = await asyncio.gather(*(numbers.take(BLOCK + BLOCK // 2) for _ in range(3)), numbers.take(10))
    everyone = [number for mine in taken for number in mine]
    assert len(everyone) == len(set(everyone)) == 3 * (BLOCK + BLOCK // 2) + 10
