"""Every operation of the OpenAPI document, asked by Schemathesis in sense and nonsense."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from app.main import openapi
from tests.client import Client
from tests.factories.appointments import BUSINESS, make_hall, make_slot, tomorrow_at
from tests.openapi_client import ask, operation_of

METHODS = ("get", "post", "put", "delete", "patch")
OPERATIONS = [
    (method, path) for path, item in openapi()["paths"].items() for method in METHODS if method in item
]


@dataclass(frozen=True)
class Target:
    """A server, somebody logged in to it, and things of theirs that exist."""

    url: str
    token: str
    objects: Mapping[str, Any]


@pytest.fixture
async def target(client: Client) -> Target:
    token = await client.log_in("zhangsan")
    hall = await make_hall(active_limit=30)
    slot = await make_slot(hall, capacity=1000)
    wish = {"slot_id": slot.id, "business": BUSINESS}
    made = await client.post("/api/v1/appointments", token=token, json=wish)
    held = await client.post(
        "/api/v1/appointments/holds",
        token=token,
        json={**wish, "slot_id": (await make_slot(hall, starts_at=tomorrow_at(15))).id},
    )
    free = await make_slot(hall, capacity=1000, starts_at=tomorrow_at(10) + timedelta(days=1))
    objects = {
        **wish,
        "id": made.body["id"],
        "hall_id": hall.id,
        "hold_id": held.body["id"],
        "slot_id": free.id,
        "enterprise_id": None,
        "items": ["领用发票"],
        "limit": 20,
    }
    return Target(str(client.session._base_url), token, objects)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_whatever_is_asked_the_answer_is_in_the_document(
    method: str, path: str, target: Target
) -> None:
    await asyncio.to_thread(ask_of, method, path, target, 8)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_however_long_one_asks_the_answer_is_in_the_document(
    method: str, path: str, target: Target
) -> None:
    await asyncio.to_thread(ask_of, method, path, target, 300)


@cache
def document() -> dict[str, Any]:
    return openapi()


def ask_of(method: str, path: str, target: Target, count: int) -> None:
    operation = operation_of(document(), method, path)
    proof = {"Authorization": f"Bearer {target.token}"}
    ask(operation, target.url, count, aim=lambda case: aim(case, target.objects), headers=proof)


def aim(case: Any, objects: Mapping[str, Any]) -> None:
    """Put the names of real things where a request names some."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in objects.items() if name in part})
