"""SIGKILL at every point of a message's way, and stores lost on it: nobody misses one, nobody gets two."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.appointments import booking
from app.domain.appointments.models import Appointment, Slot
from app.kit import cache, db
from app.kit.engines import Postgres
from app.kit.errors import Fault
from config import messages as message_list
from notifications.messages import Messages
from notifications.models import Channel
from tests.conftest import Engines
from tests.factories.appointments import make_hall, make_slot, seat
from tests.journeys import crowd
from tests.journeys.crowd import Crowd
from tests.journeys.doomed import POINTS, Child, Doom
from tests.journeys.stage import Stage, stage
from tests.processes import until

FOLLOWERS, OTHERS = 6, 2
"""Who is told in one round: by template message, and by the only consent they have given."""


@dataclass
class Town:
    """People who book, each once, and are told of it."""

    stage: Stage
    slot: Slot
    followers: Crowd
    others: Crowd
    booked: list[tuple[Crowd, int]] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        return len(self.booked) // (FOLLOWERS + OTHERS)

    async def book(self) -> None:
        """The people of the next round book; their events are in the outbox."""
        turn = self.rounds
        now = [(self.followers, turn * FOLLOWERS + number) for number in range(FOLLOWERS)]
        now += [(self.others, turn * OTHERS + number) for number in range(OTHERS)]
        self.booked += now
        await asyncio.gather(*(self._book_one(people.ids[number]) for people, number in now))

    async def _book_one(self, person_id: UUID) -> None:
        """Asked with the same key until there is an answer: the database may be gone for a moment."""
        while True:
            try:
                await booking.book(seat(self.slot, person_id, request_key=str(person_id)))
            except Fault:
                raise
            except Exception:  # noqa: BLE001  A lost connection has many names.
                await asyncio.sleep(0.2)
            else:
                return

    async def judge(self) -> None:
        """Each of them has exactly the one message of their booking, and WeChat took no id twice."""
        numbers = {row.person_id: row.number for row in await Appointment.all()}
        assert len(numbers) == len(self.booked)
        shown = await self.stage.phones([people.name(number) for people, number in self.booked])
        wrong = {
            people.name(number): [message["lines"] for message in phone]
            for (people, number), phone in zip(self.booked, shown, strict=True)
            if [_number_in(message["lines"]) for message in phone] != [numbers[people.ids[number]]]
        }
        assert wrong == {}
        ids = Counter(message["client_msg_id"] for phone in shown for message in phone)
        assert [id_ for id_, times in ids.items() if id_ and times > 1] == []
        doubled = "SELECT count(*) - count(DISTINCT event_id) FROM notification"
        assert await db.fetch_value(doubled) == 0


def _number_in(lines: list[dict[str, str]]) -> str:
    return next(line["value"] for line in lines if line["label"] == "预约号")


@asynccontextmanager
async def town(home: Path, model: Postgres, rounds: int, *, hurry: float = 1) -> AsyncIterator[Town]:
    """A town with people enough for so many rounds."""
    async with stage(home, model, hurry=hurry) as opened:
        template_id = Messages(message_list.current()).template_id("appointment_booked", Channel.SUBSCRIBE)
        slot = await make_slot(await make_hall(active_limit=10), capacity=30_000)
        followers = await crowd.gather(opened.http, opened.sandbox, "follower", rounds * FOLLOWERS)
        others = await crowd.gather(
            opened.http, opened.sandbox, "other", rounds * OTHERS, consents=[template_id]
        )
        yield Town(opened, slot, followers, others)


async def has_died(child: Child, point: str, *, within_s: float) -> None:
    """Wait for the end it was bound for at that point."""

    async def is_dead() -> bool:
        return child.exit_code is not None

    await until(is_dead, within_s=within_s, words=lambda: f"{point}\n{child.words()}")
    assert child.exit_code == -signal.SIGKILL, child.words()


async def live_through(
    home: Path, model: Postgres, points: Iterable[str], *, hurry: float, patience_s: float
) -> None:
    """One round a point: people book, a worker dies there; the next one goes on with what it left."""
    order = list(points)
    async with town(home, model, len(order), hurry=hurry) as people:
        for point in order:
            after = random.randint(1, FOLLOWERS) if "call" in point or "receipt" in point else 1
            if POINTS[point].program == "serve":
                await _lose_the_server(people, point, after)
                continue
            # A worker that finds something at once, or one that is idle when it comes.
            is_early = random.random() < 0.7
            if is_early:
                await people.book()
            worker = people.stage.worker(Doom(point, after))
            if not is_early:
                await asyncio.sleep(0.3)
                await people.book()
            await has_died(worker, point, within_s=patience_s)
        people.stage.worker()
        # What is in doubt for too long waits for a receipt, a quarter of an hour divided by the hurry.
        await people.stage.until_quiet(within_s=patience_s + 1000 / hurry)
        await people.judge()


async def _lose_the_server(people: Town, point: str, after: int) -> None:
    """A server dies with a receipt in hand; WeChat comes again when there is another."""
    people.stage.running[1].kill()
    server = await people.stage.server(Doom(point, min(after, 2)))
    worker = people.stage.worker()
    await people.book()
    await has_died(server, point, within_s=30)
    worker.kill()
    people.stage.running[1] = await people.stage.server()


@pytest.mark.timeout(240)
async def test_worker_killed_at_every_point_loses_and_doubles_nothing(
    migrated: Engines, tmp_path: Path
) -> None:
    await live_through(tmp_path / "stage", migrated.postgres, POINTS, hurry=15, patience_s=40)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_kills_lose_and_double_nothing(migrated: Engines, tmp_path: Path) -> None:
    points = [point for point, _ in zip(random_order(), range(200), strict=False)]
    await live_through(tmp_path / "stage", migrated.postgres, points, hurry=15, patience_s=60)


def random_order() -> Iterable[str]:
    """All points again and again, each time in another order; a sweep only comes after something is left."""
    while True:
        for point in random.sample(list(POINTS), len(POINTS)):
            if point == "in the sweep":
                yield "after a claim"
            yield point


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_stores_lost_in_the_middle_lose_and_double_no_message(
    migrated: Engines, tmp_path: Path
) -> None:
    """PostgreSQL cut off as by a power failure, Valkey flushed, Valkey killed; two workers go on."""
    async with town(tmp_path / "stage", migrated.postgres, 90) as people:
        workers = [people.stage.worker() for _ in range(2)]
        for turn in range(90):
            await people.book()
            if turn % 30 == 10:
                await people.stage.lose_postgres()
            elif turn % 30 == 15:
                await cache.client().flushall()
            elif turn % 30 == 20:
                await people.stage.lose_valkey()
            await asyncio.sleep(random.uniform(0, 0.1))
        await people.stage.until_quiet(within_s=120)
        assert [worker.exit_code for worker in workers] == [None, None]
        await people.judge()
