"""A part is gone for a while: what can go on goes on, the rest says so, and all comes back by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app import lifecycle
from app.domain.accounts.models import WeChatIdentity
from app.domain.appointments.models import Slot
from app.domain.halls.models import Hall
from app.kit.engines import Postgres, Valkey
from app.kit.migrate import migrate
from config import settings
from tests.client import Answer, Client
from tests.factories.appointments import BUSINESS, make_hall, make_slot
from tests.journeys.books import check_books
from tests.journeys.phones import cards
from tests.processes import Program, environment, free_port, status_of, until

pytestmark = pytest.mark.timeout(120)


@dataclass
class House:
    """A whole installation whose parts a test may take away: engines, sandbox, worker, one server."""

    postgres: Postgres
    valkey: Valkey
    client: Client
    sandbox: str
    server: Program
    hall: Hall
    slot: Slot
    port: int

    async def book(self, token: str) -> Answer:
        wish = {"slot_id": self.slot.id, "business": BUSINESS}
        return await self.client.post("/api/v1/appointments", token=token, json=wish)

    async def someone(self, name: str) -> str:
        """The token of somebody who follows us."""
        before = await WeChatIdentity.filter(is_follower=True).count()
        token = await self.client.log_in(name)

        async def follows() -> bool:
            return await WeChatIdentity.filter(is_follower=True).count() > before

        await until(follows, within_s=15, words=self.server.words)
        return token

    async def messages(self, name: str) -> list[dict[str, Any]]:
        url = f"{self.sandbox}/_sandbox/messages"
        async with self.client.session.get(url, params={"person": name}) as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return cards(items)

    async def sends_tried(self) -> int:
        """How often WeChat was asked to send something, in vain or not."""
        async with self.client.session.get(f"{self.sandbox}/_sandbox/calls") as answer:
            calls: dict[str, int] = await answer.json()
        return calls.get("/cgi-bin/message/template/send", 0)

    async def order_fault(self, **fault: Any) -> None:
        async with self.client.session.put(f"{self.sandbox}/_sandbox/faults", json=fault) as answer:
            assert answer.status == 200, await answer.text()


@contextmanager
def engines_in(home: Path) -> Iterator[tuple[Postgres, Valkey]]:
    """Engines of one's own, that may be stopped; the environment points to them."""
    postgres, valkey = Postgres(home / "postgres", {"fsync": "off"}), Valkey(home / "valkey")
    postgres.start()
    try:
        valkey.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WEIBAN_DATABASE_URL", postgres.url)
            patch.setenv("WEIBAN_REDIS_URL", valkey.url)
            settings.current.cache_clear()
            yield postgres, valkey
    finally:
        settings.current.cache_clear()
        valkey.stop()
        postgres.stop()


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home = tmp_path_factory.mktemp("house")
    port = free_port(2)
    url, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    programs: list[Program] = []
    with engines_in(home) as (postgres, valkey):
        await migrate()
        await lifecycle.open_stores()
        told = environment(
            WEIBAN_WECHAT_API_BASE=sandbox, WEIBAN_WECHAT_OPEN_BASE=sandbox, WEIBAN_SANDBOX_CALLBACK=url
        )
        try:
            for name, *more in (
                ("sandbox", "--port", str(port + 1)),
                ("worker",),
                ("serve", "--port", str(port)),
            ):
                programs.append(Program.start(home / f"{name}.log", name, *more, told=told))
            await programs[-1].until_ready(port)

            async def reaches_wechat() -> bool:
                return await asyncio.to_thread(status_of, port, "/readyz") == 200

            await until(reaches_wechat, within_s=60, words=programs[0].words)
            hall = await make_hall(active_limit=50)
            slot = await make_slot(hall, capacity=1000)
            async with aiohttp.ClientSession(url) as session:
                client = Client(session)
                yield House(postgres, valkey, client, sandbox, programs[-1], hall, slot, port)
        finally:
            for program in reversed(programs):
                program.stop()
            await lifecycle.close_stores()


def is_told_to_wait(answer: Answer) -> bool:
    """503 as a problem, with the time after which to ask again."""
    assert answer.status == 503, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    return True


async def test_without_the_cache_reading_works_and_booking_waits(house: House) -> None:
    token = await house.someone("zhangsan")
    availability = f"/api/v1/halls/{house.hall.id}/availability?business={BUSINESS}&days=3"
    house.valkey.stop()
    try:
        assert is_told_to_wait(await house.book(token))
        for path in ("/api/v1/halls", availability, "/healthz", "/openapi.json"):
            assert (await house.client.get(path)).status == 200, path
        assert (await house.client.get("/api/v1/appointments", token=token)).status == 200
        assert (await house.client.get("/readyz")).status == 503
    finally:
        house.valkey.start()
    pid = house.server.process.pid

    async def books_again() -> bool:
        return (await house.book(token)).status == 201

    await until(books_again, within_s=10, words=house.server.words)
    assert (house.server.process.pid, house.server.process.poll()) == (pid, None)
    assert (await house.client.get("/readyz")).status == 200


async def test_without_the_database_everything_says_so_and_comes_back(house: House) -> None:
    token = await house.someone("lisi")
    house.postgres.stop()
    try:
        assert is_told_to_wait(await house.book(token))
        assert is_told_to_wait(await house.client.get("/api/v1/appointments", token=token))
        assert is_told_to_wait(await house.client.get("/api/v1/halls"))
        assert (await house.client.get("/healthz")).status == 200
        not_ready = await house.client.get("/readyz")
        assert (not_ready.status, not_ready.body["checks"]["cache"]) == (503, "ok")
    finally:
        house.postgres.start()

    async def books_again() -> bool:
        return (await house.book(token)).status == 201

    await until(books_again, within_s=15, words=house.server.words)

    async def is_told() -> bool:
        return len(await house.messages("lisi")) == 1

    await until(is_told, within_s=30, words=house.server.words)
    await check_books()


async def test_without_wechat_bookings_go_on_and_messages_follow(house: House) -> None:
    token = await house.someone("wangwu")

    async def fails(times: int, **fault: Any) -> None:
        await house.order_fault(path="/cgi-bin/message/*", **fault)
        before = await house.sends_tried()

        async def tried() -> bool:
            return await house.sends_tried() >= before + times

        await until(tried, within_s=30, words=house.server.words)

    await house.order_fault(path="/cgi-bin/message/*", drop=True)
    made = await house.book(token)
    assert made.status == 201
    await fails(2, drop=True)
    path = f"/api/v1/appointments/{made.body['id']}/cancel"
    assert (await house.client.post(path, token=token)).status == 200
    await fails(1, status=503)
    assert (await house.client.get("/readyz")).status == 200
    assert await house.messages("wangwu") == []
    async with house.client.session.delete(f"{house.sandbox}/_sandbox/faults") as answer:
        assert answer.status == 200

    async def is_told() -> bool:
        return len(await house.messages("wangwu")) >= 2

    await until(is_told, within_s=60, words=house.server.words)
    titles = sorted(message["title"] for message in await house.messages("wangwu"))
    assert titles == ["预约取消通知", "预约成功通知"]


async def test_without_wechat_logging_in_says_so(house: House) -> None:
    await house.order_fault(path="/sns/jscode2session", status=502)
    try:
        assert is_told_to_wait(await house.client.post("/api/v1/session", json={"code": "sandbox-new"}))
    finally:
        await house.order_fault(path="/sns/jscode2session", status=502, times=0)
    assert (await house.client.post("/api/v1/session", json={"code": "sandbox-new"})).status == 200
