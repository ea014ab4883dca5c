"""`kill -9` under load: what was acknowledged stays, no seat is doubled, every message arrives once."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from app import lifecycle
from app.domain.accounts.models import WeChatIdentity
from app.domain.appointments.models import Appointment, Slot
from app.kit import db
from app.kit.engines import Postgres, Valkey
from config import settings
from tests.client import Answer, Client
from tests.factories.appointments import BUSINESS, make_hall, make_slot, tomorrow_at
from tests.journeys.books import check_books
from tests.journeys.phones import cards
from tests.processes import Program, environment, free_port, until

PEOPLE = 20
SLOTS = 300
PASSING = {"still_working", "store_unavailable", "limits_unavailable"}
"""Refusals that mean: ask again with the same key."""


@asynccontextmanager
async def stores_of(data: Path) -> AsyncIterator[None]:
    """Our own pools on the engines of a running `weiban up`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEIBAN_DATABASE_URL", Postgres(data / "postgres").url)
        patch.setenv("WEIBAN_REDIS_URL", Valkey(data / "valkey").url)
        settings.current.cache_clear()
        await lifecycle.open_stores()
        try:
            yield
        finally:
            await lifecycle.close_stores()
    settings.current.cache_clear()


@dataclass
class Town:
    """A running `weiban up`, people logged in to it, slots they may book, and what they were promised."""

    up: Program
    port: int
    client: Client
    tokens: list[str] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    promised: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    async def open(self) -> None:
        """People log in and follow us; a hall offers few seats on many half-days."""
        await until(_slots_stay, within_s=15, words=self.up.words)
        hall = await make_hall(active_limit=1000)
        for number in range(SLOTS):
            day, is_afternoon = divmod(number, 2)
            start = tomorrow_at(14 if is_afternoon else 9) + timedelta(days=day)
            self.slots.append((await make_slot(hall, capacity=PEOPLE // 2, starts_at=start)).id)
        self.tokens = [await self.client.log_in(f"person-{number}") for number in range(PEOPLE)]

        async def all_follow() -> bool:
            return await WeChatIdentity.filter(is_follower=True).count() == PEOPLE

        await until(all_follow, within_s=15, words=self.up.words)

    async def book_until(self, stop: asyncio.Event) -> None:
        """Everybody books one slot after the other, as a program does that retries."""
        await asyncio.gather(*(self._live(token, stop) for token in self.tokens))

    async def _live(self, token: str, stop: asyncio.Event) -> None:
        for slot in random.sample(self.slots, SLOTS):
            if stop.is_set():
                return
            answer = await self._book(token, slot)
            if answer.status == 201:
                self.promised[answer.body["id"]] = answer.body["number"]
            else:
                assert (answer.status, answer.code) == (409, "slot_full"), answer.body
            await asyncio.sleep(random.uniform(0, 0.1))

    async def _book(self, token: str, slot: int) -> Answer:
        """One booking, asked with the same key until there is an answer that stays."""
        key = uuid4().hex
        while True:
            try:
                answer = await self.client.post(
                    "/api/v1/appointments",
                    token=token,
                    json={"slot_id": slot, "business": BUSINESS},
                    headers={"Idempotency-Key": key},
                    timeout=aiohttp.ClientTimeout(20),
                )
            except (aiohttp.ClientError, TimeoutError):
                self.seen["cut"] += 1
            else:
                self.seen[str(answer.status)] += 1
                if answer.status == 201 or answer.code not in PASSING:
                    return answer
            await asyncio.sleep(0.1)

    async def kill(self, kind: str) -> None:
        """``kill -9`` one process of a kind, and wait for its successor."""
        before = self.up.children()
        victim = random.choice(before[kind])
        os.kill(victim, signal.SIGKILL)

        async def is_back() -> bool:
            now = self.up.children()
            return victim not in now.get(kind, []) and len(now.get(kind, [])) == len(before[kind])

        await until(is_back, within_s=30, words=self.up.words)
        await self.up.until_ready(self.port)

    async def phone_of(self, number: int) -> list[dict[str, Any]]:
        """All notices one person's WeChat shows."""
        url = f"http://127.0.0.1:{self.port + 1}/_sandbox/messages"
        async with self.client.session.get(url, params={"person": f"person-{number}"}) as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return cards(items)


async def _slots_stay() -> bool:
    """Put off the timed task that once an hour closes slots without a schedule, as those here are.

    Workers that come later leave the row as it is; it is there as soon as the first one works.
    """
    return bool(
        await db.execute(
            "UPDATE pgqueuer_schedules SET next_run = now() + interval '1 year'"
            " WHERE entrypoint = 'generate_slots' AND status = 'queued'"
        )
    )


async def live_through(kills: Sequence[str], data: Path) -> None:
    """Book under load while parts are killed one after the other; then judge what is left."""
    port = free_port(2)
    told = {name: value for name, value in environment().items() if not name.startswith("WEIBAN_")}
    arguments = ("--port", str(port), "--data-dir", str(data), "--workers", "2", "--seed", "none")
    told["WEIBAN_BOOKING_PER_MINUTE"] = "100000"
    up = Program.start(data.with_suffix(".log"), "up", *arguments, told=told)
    try:
        await up.until_ready(port)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            town = Town(up, port, Client(session))
            async with stores_of(data):
                await town.open()
            stop = asyncio.Event()
            load = asyncio.create_task(town.book_until(stop))
            for kind in kills:
                await asyncio.sleep(0.7)
                assert not load.done(), load
                await town.kill(kind)
            stop.set()
            await load
            async with stores_of(data):
                await settle(town)
                await judge(town)
    finally:
        up.stop()


async def settle(town: Town) -> None:
    """Let every message find its end; nobody waits here for the lease of the last worker killed."""
    await town.kill("worker")
    await db.execute("UPDATE notification SET lease_until = now() WHERE status IN ('claimed', 'sending')")
    await town.kill("worker")  # The next one judges lost leases first.

    async def is_quiet() -> bool:
        open_rows = (
            "SELECT (SELECT count(*) FROM outbox_event) + (SELECT count(*) FROM notification WHERE status"
        )
        left = await db.fetch_value(f"{open_rows} NOT IN ('sent', 'delivered'))")
        return not left

    await until(is_quiet, within_s=40, words=town.up.words)


async def judge(town: Town) -> None:
    """Nothing promised is lost, nothing is doubled, and everybody was told once."""
    await check_books()
    written = {str(row.id): row.number for row in await Appointment.all()}
    assert town.promised.items() <= written.items()
    assert await Slot.filter(booked__gt=PEOPLE // 2).count() == 0
    arrived: Counter[str] = Counter()
    for number in range(PEOPLE):
        for message in await town.phone_of(number):
            (booked,) = [line["value"] for line in message["lines"] if line["label"] == "预约号"]
            arrived[booked] += 1
    assert arrived == Counter(written.values())
    assert len(town.promised) > 100, "too little load to prove anything"
    assert set(town.seen) <= {"201", "409", "503", "cut"}, town.seen


@pytest.mark.timeout(150)
async def test_a_crash_of_any_part_loses_and_doubles_nothing(tmp_path: Path) -> None:
    await live_through(["serve", "postgres", "serve", "worker", "valkey-server"], tmp_path / "data")


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_many_crashes_lose_and_double_nothing(tmp_path: Path) -> None:
    kinds = ["serve", "worker", "postgres", "serve", "worker", "valkey-server"]
    await live_through(kinds * 6, tmp_path / "data")
