"""Live pages: one question for all who look at a place, and an end with whoever stops the server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from sanic import Request, Sanic
from sanic.response import ResponseStream
from yarl import URL

from app.kit.errors import NotSignedIn
from app.kit.web import live
from app.kit.web.live import TooManyListeners, Watch
from tests.serving import served


class Wire:
    """What a browser was sent."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def write(self, text: str) -> None:
        self.heard.append(text)

    async def until(self, count: int) -> None:
        for _ in range(200):
            if len(self.heard) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(self.heard)


class Town:
    """Places whose state a test changes."""

    def __init__(self) -> None:
        self.state, self.asked, self.is_down = 0, 0, False

    async def ask(self, _: int) -> int:
        self.asked += 1
        if self.is_down:
            raise ConnectionError
        return self.state

    async def news(self) -> str:
        return live.event("rows", f"state\n{self.state}")


async def welcome() -> None:
    """Whoever reads may."""


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(live, "_ASK_S", 0.05)
    return Town()


def open_page(
    watch: Watch, town: Town, *, still: Callable[[], Awaitable[object]] = welcome, wire: Wire | None = None
) -> tuple[Wire, "asyncio.Task[None]"]:
    wire = wire or Wire()
    stream = watch.stream(1, "somebody", still, town.news)
    return wire, asyncio.create_task(stream.streaming_fn(wire))  # type: ignore[arg-type]


async def test_one_question_wakes_everybody_and_nobody_is_asked_for_after_the_last(town: Town) -> None:
    watch = Watch("town", town.ask)
    opened = [open_page(watch, town) for _ in range(3)]
    for wire, _ in opened:
        await wire.until(1)
    await asyncio.sleep(0.2)
    questions, town.state = town.asked, 1
    assert questions < 8, "three readers, one question at a time"
    for wire, task in opened:
        while wire.heard[-1] != "event: rows\ndata: state\ndata: 1\n\n":
            await wire.until(len(wire.heard) + 1)
        task.cancel()
    await asyncio.gather(*(task for _, task in opened), return_exceptions=True)
    await asyncio.sleep(0.15)
    questions = town.asked
    await asyncio.sleep(0.15)
    assert (town.asked, watch.listeners) == (questions, 0)


async def test_a_store_that_was_away_is_asked_again(town: Town) -> None:
    watch = Watch("town", town.ask)
    wire, task = open_page(watch, town)
    await wire.until(1)
    town.is_down = True
    await asyncio.sleep(0.15)
    town.is_down, town.state = False, 7
    while not any("7" in text for text in wire.heard):
        await wire.until(len(wire.heard) + 1)
    task.cancel()


async def test_who_may_no_longer_read_is_told_and_let_go(town: Town) -> None:
    async def gone() -> None:
        raise NotSignedIn

    watch = Watch("town", town.ask)
    wire, task = open_page(watch, town, still=gone)
    await task
    assert wire.heard == ["event: over\ndata: .\n\n"]
    assert watch.listeners == 0


async def test_a_server_that_stops_ends_every_page_at_once(town: Town) -> None:
    watch = Watch("town", town.ask)
    wire, task = open_page(watch, town)
    await wire.until(1)
    async with asyncio.timeout(1):
        await watch.close()
        await task
    with pytest.raises(TooManyListeners):
        watch.stream(1, "somebody", welcome, town.news)


async def test_pages_opened_all_at_once_are_no_more_than_one_reader_may_have(town: Town) -> None:
    watch = Watch("town", town.ask)
    opened = [open_page(watch, town) for _ in range(3 * live._MOST_EACH)]
    await opened[0][0].until(1)
    assert watch.listeners == live._MOST_EACH
    await watch.close()
    await asyncio.wait([task for _, task in opened])
    assert not watch._readers, "nobody is remembered"


class DeadWire(Wire):
    """A browser that takes nothing and does not go away."""

    async def write(self, text: str) -> None:
        await super().write(text)
        await asyncio.Event().wait()


async def test_a_server_that_stops_does_not_wait_for_such_a_reader(town: Town) -> None:
    watch = Watch("town", town.ask)
    wire, task = open_page(watch, town, wire=DeadWire())
    await wire.until(1)
    async with asyncio.timeout(1):
        await watch.close()
        await asyncio.wait({task})
    assert watch.listeners == 0


_MUCH = 40_000_000


async def until_left(watch: Watch) -> None:
    for _ in range(100):
        if not watch.listeners:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(watch.listeners)


async def test_the_line_of_a_dead_reader_is_cut(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_PATIENCE_S", 0.2)
    watch, app = Watch("town", town.ask), Sanic("live-test")

    async def news() -> str:
        return live.event("rows", "x" * _MUCH)

    @app.get("/live")
    async def listen(_: Request) -> ResponseStream:
        return watch.stream(1, "somebody", welcome, news)

    async with served(app) as address, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(address).port, limit=1024)
        writer.write(b"GET /live HTTP/1.1\r\nhost: live\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await until_left(watch)
        with suppress(ConnectionResetError):
            assert len(await reader.read()) < _MUCH, "what was not taken in time is never sent"
        writer.close()
