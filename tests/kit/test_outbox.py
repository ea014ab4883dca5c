"""An event is handled exactly once, whatever fails around it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock, db, outbox
from app.kit.outbox import BATCH, MAX_ATTEMPTS, Event, Relay

pytestmark = pytest.mark.usefixtures("db")


class Ledger:
    """A handler that writes one row for each event, as handlers do."""

    def __init__(self, *, refuses: str = "") -> None:
        self.refuses = refuses
        self.batches: list[list[str]] = []

    async def __call__(self, events: Sequence[Event]) -> None:
        names = [event.payload["name"] for event in events]
        self.batches.append(names)
        for name in names:
            await _write_down(name)
            if name == self.refuses:
                raise ValueError("cannot be told")


async def _write_down(name: str) -> None:
    await db.execute(
        "INSERT INTO idempotency_key (caller, key, request_hash, claimed_until)"
        " VALUES ('test', $1, '', now())",
        name,
    )


async def _written() -> list[str]:
    return [row["key"] for row in await db.fetch("SELECT key FROM idempotency_key ORDER BY id")]


async def _emit(*names: str, kind: str = "happened") -> None:
    for name in names:
        await outbox.emit(kind, {"name": name})


async def _left() -> list[Any]:
    return list(await db.fetch("SELECT * FROM outbox_event ORDER BY id"))


async def test_event_is_handled_once_and_gone() -> None:
    await _emit("a", "b")
    relay = Relay({"happened": Ledger()})
    assert await relay.step() == 2
    assert await relay.step() == 0
    assert await _written() == ["a", "b"]
    assert await _left() == []


async def _emit_and_fail() -> None:
    async with db.transaction():
        await _emit("a")
        raise RuntimeError


async def test_event_of_a_rolled_back_transaction_never_happened() -> None:
    with pytest.raises(RuntimeError):
        await _emit_and_fail()
    assert await Relay({"happened": Ledger()}).step() == 0


async def test_bad_event_stops_only_itself() -> None:
    await _emit("a", "bad", "c")
    await Relay({"happened": Ledger(refuses="bad")}).step()
    assert await _written() == ["a", "c"]
    (left,) = await _left()
    assert left["attempt"] == 1
    assert left["dead_because"] is None
    assert left["retry_at"] > clock.now()


async def test_put_back_event_is_handled_once_the_handler_is_mended() -> None:
    await _emit("bad")
    await Relay({"happened": Ledger(refuses="bad")}).step()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        await Relay({"happened": Ledger()}).step()
    assert await _written() == ["bad"]
    assert await _left() == []


async def test_event_that_always_fails_dies_visibly_and_is_left_alone() -> None:
    await _emit("bad")
    relay = Relay({"happened": Ledger(refuses="bad")})
    for turn in range(MAX_ATTEMPTS):
        with clock.frozen(clock.now() + timedelta(hours=turn)):
            assert await relay.step() == 1
    (left,) = await _left()
    assert left["dead_because"] == "ValueError: cannot be told"
    with clock.frozen(clock.now() + timedelta(days=30)):
        assert await relay.step() == 0


async def test_event_nobody_here_knows_waits_for_another_worker() -> None:
    await _emit("a", kind="new_in_the_next_version")
    await Relay({"happened": Ledger()}).step()
    (left,) = await _left()
    assert left["attempt"] == 1
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        await Relay({"new_in_the_next_version": Ledger()}).step()
    assert await _written() == ["a"]


async def test_worker_killed_inside_a_handler_loses_and_doubles_nothing() -> None:
    await _emit("a")

    async def killed(events: Sequence[Event]) -> None:
        await Ledger()(events)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Relay({"happened": killed}).step()
    assert await _written() == []
    await Relay({"happened": Ledger()}).step()
    assert await _written() == ["a"]


async def test_many_workers_share_the_events() -> None:
    names = [f"n{i}" for i in range(BATCH + 50)]
    async with db.transaction():
        await _emit(*names)

    async def work() -> None:
        relay = Relay({"happened": Ledger()})
        while await relay.step():
            pass

    await asyncio.gather(*(work() for _ in range(4)))
    while await Relay({"happened": Ledger()}).step():
        pass
    assert sorted(await _written()) == sorted(names)


async def test_event_of_a_slow_transaction_is_not_skipped() -> None:
    relay = Relay({"happened": Ledger()})
    may_commit = asyncio.Event()
    has_written = asyncio.Event()

    async def slow() -> None:
        async with db.transaction():
            await _emit("slow")
            has_written.set()
            await may_commit.wait()

    task = asyncio.create_task(slow())
    await has_written.wait()
    await _emit("quick")
    await relay.step()
    assert await _written() == ["quick"]
    may_commit.set()
    await task
    await relay.step()
    assert await _written() == ["quick", "slow"]
