"""One citizen's story on a fresh machine: `weiban up`, a booking, its messages, and the next day's start."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.client import Client
from tests.journeys.phones import cards
from tests.processes import Program, environment, free_port, until

NAME = "wangfang"


def start(data: Path, port: int) -> Program:
    told = {name: value for name, value in environment().items() if not name.startswith("WEIBAN_")}
    arguments = ("up", "--port", str(port), "--data-dir", str(data))
    return Program.start(data.with_suffix(".log"), *arguments, told=told)


async def messages(session: aiohttp.ClientSession, port: int) -> list[dict[str, Any]]:
    async with session.get(
        f"http://127.0.0.1:{port + 1}/_sandbox/messages", params={"person": NAME}
    ) as answer:
        items: list[dict[str, Any]] = (await answer.json())["items"]
        return cards(items)


def value(message: dict[str, Any], label: str) -> str:
    """What a message says on one of its lines."""
    (found,) = [line["value"] for line in message["lines"] if line["label"] == label]
    return str(found)


async def find_slots(client: Client) -> tuple[int, str, list[dict[str, Any]]]:
    """A hall, one of its businesses, and the seats free on the last day that has some."""
    halls = (await client.get("/api/v1/halls")).body["items"]
    hall = (await client.get(f"/api/v1/halls/{halls[0]['id']}")).body
    business = hall["businesses"][0]["code"]
    query = {"business": business, "days": "14"}
    found = (await client.get(f"/api/v1/halls/{hall['id']}/availability", params=query)).body["days"]
    return hall["id"], business, [day["slots"] for day in found if day["open"]][-1]


@pytest.mark.timeout(180)
async def test_from_the_first_start_to_the_second(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port(2)
    up = start(data, port)
    try:
        await up.until_ready(port)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            token, made = await book_move_and_cancel(Client(session), session, port)
        up.stop()
        assert up.process.returncode == 0
        up = start(data, port)
        await up.until_ready(port)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            client = Client(session)
            (found,) = (await client.get("/api/v1/appointments", token=token)).body["items"]
            assert (found["number"], found["status"]) == (made["number"], "cancelled")
            assert len(await messages(session, port)) == 3
            hall, _, _ = await find_slots(client)
            assert hall == made["hall"]["id"]
    finally:
        up.stop()


async def book_move_and_cancel(
    client: Client, session: aiohttp.ClientSession, port: int
) -> tuple[str, dict[str, Any]]:
    """The story itself; answers the person's token and the appointment as booked."""

    async def told(count: int) -> dict[str, Any]:
        async def arrived() -> bool:
            return len(await messages(session, port)) >= count

        await until(arrived, within_s=15)
        seen = await messages(session, port)
        assert len(seen) == count
        return seen[-1]

    token = await client.log_in(NAME)
    _, business, slots = await find_slots(client)
    wish = {"slot_id": slots[0]["id"], "business": business, "items": ["咨询"]}
    made = await client.post("/api/v1/appointments", token=token, json=wish, headers={"Idempotency-Key": "1"})
    assert made.status == 201, made.body
    booked = await told(1)
    assert (booked["kind"], booked["title"]) == ("template", "预约成功通知")
    assert value(booked, "预约号") == made.body["number"]
    assert value(booked, "办事大厅") == made.body["hall"]["name"]

    path = f"/api/v1/appointments/{made.body['id']}"
    moved = await client.post(f"{path}/reschedule", token=token, json={"slot_id": slots[1]["id"]})
    assert (moved.status, moved.body["number"]) == (200, made.body["number"])
    assert moved.body["starts_at"] == slots[1]["starts_at"]
    assert (await told(2))["title"] == "预约改期通知"

    cancelled = await client.post(f"{path}/cancel", token=token)
    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    assert (await told(3))["title"] == "预约取消通知"
    return token, made.body
