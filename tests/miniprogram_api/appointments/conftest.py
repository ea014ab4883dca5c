"""What most tests of these routes begin with: a hall, a slot, a person, and the way to book."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.domain.appointments.models import Slot
from app.domain.halls.models import Hall
from tests.client import Answer, Client
from tests.factories.appointments import BUSINESS, make_hall, make_slot

Book = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def hall(client: Client) -> Hall:
    """A hall that takes bookings."""
    return await make_hall()


@pytest.fixture
async def slot(hall: Hall) -> Slot:
    """Two seats tomorrow at ten."""
    return await make_slot(hall, capacity=2)


@pytest.fixture
async def token(client: Client) -> str:
    """Somebody logged in."""
    return await client.log_in("zhangsan")


@pytest.fixture
async def book(client: Client, token: str) -> Book:
    """Book a slot as the person logged in; values replace or add to the body."""

    async def book(slot: Slot, *, key: str | None = None, **values: Any) -> Answer:
        return await client.post(
            "/api/v1/appointments",
            token=values.pop("token", token),
            headers={"Idempotency-Key": key} if key else {},
            json={"slot_id": slot.id, "business": BUSINESS, **values},
        )

    return book
