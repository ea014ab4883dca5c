"""Many people, few seats, four server processes over one database: the promises hold in every race."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.domain.accounts.models import IdentityLevel, Person, Session
from app.domain.appointments.models import Slot
from app.kit import clock, ids
from tests.client import Answer, Client
from tests.conftest import Engines
from tests.factories.appointments import BUSINESS, make_hall, make_slot, tomorrow_at
from tests.journeys.books import check_books
from tests.processes import Program, environment, free_port

SERVERS = 4
RACES = 100
PEOPLE = 200
PER_MINUTE = 120

pytestmark = [pytest.mark.usefixtures("db"), pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
async def ports(migrated: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[int]]:
    """Four servers that know nothing of each other but the database and the cache."""
    home: Path = tmp_path_factory.mktemp("servers")
    told = environment(WEIBAN_BOOKING_PER_MINUTE=str(PER_MINUTE), WEIBAN_DATABASE_POOL_MAX="8")
    ports = [free_port() for _ in range(SERVERS)]
    servers = [Program.start(home / f"{port}.log", "serve", "--port", str(port), told=told) for port in ports]
    try:
        for server, port in zip(servers, ports, strict=True):
            await server.until_ready(port)
        yield ports
    finally:
        for server in servers:
            server.stop()


@pytest.fixture
async def clients(ports: list[int]) -> AsyncIterator[list[Client]]:
    """One client for each server."""
    sessions = [
        aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=aiohttp.TCPConnector(limit=0))
        for port in ports
    ]
    yield [Client(session) for session in sessions]
    for session in sessions:
        await session.close()


async def make_tokens(count: int) -> list[str]:
    """People with a session each, written straight into the tables."""
    tokens = [ids.new_token() for _ in range(count)]
    people = [Person(id=ids.uuid7(), level=IdentityLevel.WX_BOUND) for _ in tokens]
    ends = clock.now() + timedelta(days=30)
    await Person.bulk_create(people)
    await Session.bulk_create(
        Session(id=ids.uuid7(), token_hash=ids.token_hash(token), person_id=person.id, expires_at=ends)
        for token, person in zip(tokens, people, strict=True)
    )
    return tokens


def half_day(number: int) -> datetime:
    """The start of a slot in a half-day of its own."""
    day, is_afternoon = divmod(number, 2)
    return tomorrow_at(14 if is_afternoon else 9) + timedelta(days=day)


async def book(client: Client, token: str, slot: Slot, key: str | None = None) -> Answer:
    wish = {"slot_id": slot.id, "business": BUSINESS}
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post("/api/v1/appointments", token=token, json=wish, headers=headers)


async def spread(clients: Sequence[Client], *bookings: tuple[str, Slot, str | None]) -> list[Answer]:
    """All bookings at once, each to the next server."""
    return await asyncio.gather(
        *(book(client, *booking) for client, booking in zip(cycle(clients), bookings, strict=False))
    )


def outcomes(answers: Sequence[Answer]) -> Counter[str]:
    """How often each outcome occurred: ``booked`` or the code of the refusal."""
    return Counter("booked" if answer.status == 201 else answer.code for answer in answers)


async def test_in_a_hundred_races_every_seat_goes_to_one_person(clients: list[Client]) -> None:
    hall = await make_hall(active_limit=RACES)
    tokens = await make_tokens(PEOPLE)
    for race in range(RACES):
        slot = await make_slot(hall, capacity=1 + race % 5, starts_at=half_day(race))
        answers = await spread(clients, *((token, slot, None) for token in random.sample(tokens, PEOPLE)))
        assert outcomes(answers) == {"booked": slot.capacity, "slot_full": PEOPLE - slot.capacity}
        numbers = {answer.body["number"] for answer in answers if answer.status == 201}
        assert len(numbers) == slot.capacity
    await check_books()


async def test_a_persons_limit_holds_over_all_processes(clients: list[Client]) -> None:
    hall = await make_hall(active_limit=3)
    slots = [await make_slot(hall, capacity=50, starts_at=half_day(number)) for number in range(10)]
    for token in await make_tokens(10):
        answers = await spread(clients, *((token, slot, None) for slot in slots))
        assert outcomes(answers) == {"booked": 3, "too_many_active": 7}
    await check_books()


async def test_one_half_day_is_booked_once_over_all_processes(clients: list[Client]) -> None:
    hall = await make_hall(active_limit=30)
    first = half_day(0)
    slots = [await make_slot(hall, 50, starts_at=first + timedelta(minutes=10 * n)) for n in range(10)]
    for token in await make_tokens(10):
        answers = await spread(clients, *((token, slot, None) for slot in slots))
        assert outcomes(answers) == {"booked": 1, "already_booked": 9}
    await check_books()


async def test_one_key_at_once_everywhere_is_one_booking(clients: list[Client]) -> None:
    slot = await make_slot(await make_hall(), capacity=100)
    for number, token in enumerate(await make_tokens(10)):
        answers = await spread(clients, *((token, slot, f"key-{number}") for _ in range(10)))
        assert [answer.status for answer in answers] == [201] * 10
        assert len({str(answer.body) for answer in answers}) == 1
    assert (await Slot.get(id=slot.id)).booked == 10
    await check_books()


async def test_the_rate_limit_of_a_person_is_one_for_all_processes(clients: list[Client]) -> None:
    slot = await make_slot(await make_hall(), capacity=0)
    (token,) = await make_tokens(1)
    answers = await spread(clients, *((token, slot, None) for _ in range(PER_MINUTE + 40)))
    told = outcomes(answers)
    assert PER_MINUTE <= told["slot_full"] <= PER_MINUTE + 10
    assert told["slot_full"] + told["too_often"] == PER_MINUTE + 40
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status == 429)


async def test_booking_moving_and_cancelling_at_once_never_lose_count(clients: list[Client]) -> None:
    hall = await make_hall(active_limit=30, cancel_limit=10_000)
    slots = [await make_slot(hall, capacity=3, starts_at=half_day(number)) for number in range(6)]
    tokens = await make_tokens(40)
    seen: Counter[str] = Counter()

    async def live(token: str) -> None:
        """Somebody who cannot make up their mind."""
        for _ in range(12):
            made = await book(random.choice(clients), token, random.choice(slots))
            seen[str(made.status)] += 1
            if made.status != 201:
                continue
            path, client = f"/api/v1/appointments/{made.body['id']}", random.choice(clients)
            to: dict[str, Any] = {"slot_id": random.choice(slots).id}
            moved = await client.post(f"{path}/reschedule", token=token, json=to)
            seen[f"move {moved.status}"] += 1
            if random.random() < 0.7:
                cancelled = await random.choice(clients).post(f"{path}/cancel", token=token)
                assert cancelled.status == 200, cancelled.body

    await asyncio.gather(*(live(token) for token in tokens))
    assert set(seen) <= {"201", "409", "move 200", "move 409"}, seen
    assert seen["201"] > 20
    assert seen["move 200"] > 0
    await check_books()


async def test_people_who_hang_up_leave_nothing_half_done(clients: list[Client]) -> None:
    hall = await make_hall(active_limit=1000, cancel_limit=10_000)
    slots = [await make_slot(hall, capacity=500, starts_at=half_day(number)) for number in range(40)]

    async def hang_up(method: str, path: str, token: str, **options: Any) -> None:
        patience = aiohttp.ClientTimeout(random.uniform(0.001, 0.06))
        with suppress(TimeoutError, aiohttp.ClientError):
            await random.choice(clients)(method, path, token=token, timeout=patience, **options)

    async def live(token: str) -> None:
        for number, slot in enumerate(slots):
            wish = {"slot_id": slot.id, "business": BUSINESS}
            key = {"Idempotency-Key": str(number)}
            await hang_up("POST", "/api/v1/appointments", token, json=wish, headers=key)
            if number % 4 == 3:
                found = await clients[0].get("/api/v1/appointments", token=token, params={"limit": "2"})
                for one in found.body["items"]:
                    path = f"/api/v1/appointments/{one['id']}"
                    await hang_up("POST", f"{path}/reschedule", token, json={"slot_id": slots[-1].id})
                    await hang_up("POST", f"{path}/cancel", token)

    tokens = await make_tokens(30)
    await asyncio.gather(*(live(token) for token in tokens))
    await asyncio.sleep(0.5)
    last = await make_slot(hall, capacity=500, starts_at=half_day(50))
    answers = await spread(clients, *((token, last, None) for token in tokens * 2))
    assert outcomes(answers) == {"booked": 30, "already_booked": 30}
    await check_books()
    for client in clients:
        told = (await client.get("/metrics")).body.decode()
        assert 'status="500"' not in told
