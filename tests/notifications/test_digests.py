"""The first notice of a day at once, the others in one digest; nobody gets two, nobody misses one."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from app.kit import clock, db
from app.kit.clock import SHANGHAI
from app.kit.outbox import Relay
from config import messages as message_list
from notifications import digests, routing
from notifications.inbox import preferences
from notifications.inbox.preferences import Wish
from notifications.messages import Messages
from tests.factories.appointments import make_person
from tests.factories.messages import follow, tell, telling

pytestmark = pytest.mark.usefixtures("db")

MORNING = datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI)
AFTERNOON = MORNING.replace(hour=17, minute=30)


@pytest.fixture
async def reader(db: None) -> UUID:
    person_id = await make_person()
    await follow(person_id, "oa-reader")
    return person_id


async def relay() -> None:
    events = Relay(digests.handlers(Messages(message_list.current())))
    while await events.step():
        pass


async def sent() -> list[tuple[str, Any]]:
    rows = await db.fetch("SELECT message, params FROM notification ORDER BY id")
    return [(row["message"], orjson.loads(row["params"])) for row in rows]


async def digest(at: datetime) -> int:
    with clock.frozen(at):
        issued = await digests.issue()
        await relay()
    return issued


async def notices(person_id: UUID, count: int, at: datetime = MORNING, first: int = 1) -> list[str | None]:
    with clock.frozen(at):
        told = [
            await tell("notice_published", person_id, params={"title": f"公告{number}"})
            for number in range(first, first + count)
        ]
    return [one.reason for one in told]


async def test_the_first_goes_at_once_and_the_others_wait_for_the_digest(reader: UUID) -> None:
    assert await notices(reader, 3) == [None, "digested", "digested"]
    assert await digest(AFTERNOON - timedelta(seconds=1)) == 0
    assert await digest(AFTERNOON) == 1
    assert await sent() == [
        ("notice_published", {"notice_id": "7", "title": "公告1", "published_at": "2026年9月28日 09:00"}),
        ("digest", {"count": "2", "title": "公告3"}),
    ]
    told = [row["told"] for row in await db.fetch("SELECT told FROM inbox_item ORDER BY id")]
    assert told == ["template", "digested", "digested"], "a digest leaves nothing of its own"


async def test_a_single_notice_needs_no_digest(reader: UUID) -> None:
    await notices(reader, 1)
    assert await digest(AFTERNOON) == 0


async def test_what_is_no_notice_never_waits(reader: UUID) -> None:
    await notices(reader, 1)
    with clock.frozen(MORNING):
        assert (await tell("appointment_booked", reader)).reason is None


async def test_of_one_batch_too_just_the_first_goes_at_once(reader: UUID) -> None:
    with clock.frozen(MORNING):
        told = await routing.tell([telling("notice_published", reader), telling("tax_reminder", reader)])
    assert [one.reason for one in told] == [None, "digested"]
    await digest(AFTERNOON)
    assert (await sent())[-1] == ("digest", {"count": "1", "title": "申报期限提醒"})


async def test_who_is_not_reached_anyway_keeps_the_first_for_later() -> None:
    person_id = await make_person()
    assert await notices(person_id, 1) == ["no_channel"]
    await follow(person_id, "oa-late")
    assert await notices(person_id, 1, first=2) == [None]


async def test_no_digest_goes_out_twice(reader: UUID) -> None:
    """Not by a worker that comes while another has not committed yet either."""
    await notices(reader, 2)
    has_taken = asyncio.Event()

    async def slow() -> int:
        async with db.transaction():
            issued = await digests.issue()
            has_taken.set()
            await asyncio.sleep(0.2)
        return issued

    async def quick() -> int:
        await has_taken.wait()
        return await digests.issue()

    with clock.frozen(AFTERNOON):
        assert list(await asyncio.gather(slow(), quick())) == [1, 0]
        await relay()
    assert await digest(AFTERNOON + timedelta(minutes=1)) == 0
    assert [name for name, _ in await sent()].count("digest") == 1


async def test_what_comes_after_the_digest_is_in_the_next_days(reader: UUID) -> None:
    await notices(reader, 2)
    await digest(AFTERNOON)
    assert await notices(reader, 1, AFTERNOON + timedelta(hours=1), first=3) == ["digested"]
    assert await digest(AFTERNOON + timedelta(hours=2)) == 0
    tomorrow = timedelta(days=1)
    assert await notices(reader, 2, MORNING + tomorrow, first=4) == [None, "digested"]
    assert await digest(MORNING + tomorrow + timedelta(hours=1)) == 0
    assert await digest(AFTERNOON + tomorrow) == 1
    assert (await sent())[-1] == ("digest", {"count": "2", "title": "公告5"})


async def test_a_day_ends_at_midnight_in_shanghai(reader: UUID) -> None:
    """Also on a month's last day."""
    assert await notices(reader, 1, MORNING.replace(hour=23, minute=59, second=59)) == [None]
    assert await notices(reader, 1, MORNING.replace(hour=0) + timedelta(days=1), first=2) == [None]


async def test_of_two_that_come_at_the_same_time_one_is_the_first() -> None:
    people = [await make_person() for _ in range(20)]
    for number, person_id in enumerate(people):
        await follow(person_id, f"oa-{number}")

    async def campaign(order: list[UUID]) -> list[str | None]:
        return [one.reason for one in await routing.tell([telling("notice_published", one) for one in order])]

    with clock.frozen(MORNING):
        told = await asyncio.gather(*(campaign(people[:: 1 if turn % 2 else -1]) for turn in range(6)))
    assert sum(reasons.count(None) for reasons in told) == len(people)
    assert await db.fetch_value("SELECT count(*) FROM digest_day WHERE notices = 6 AND told = 1") == 20


async def test_many_people_get_their_digests_in_batches(
    monkeypatch: pytest.MonkeyPatch, reader: UUID
) -> None:
    monkeypatch.setattr(digests, "_BATCH", 2)
    people = [reader, *[await make_person() for _ in range(4)]]
    for number, person_id in enumerate(people[1:]):
        await follow(person_id, f"oa-{number}")
    with clock.frozen(MORNING):
        for _ in range(2):
            await routing.tell([telling("notice_published", one) for one in people])
    assert await digest(AFTERNOON) == 5
    assert [name for name, _ in await sent()].count("digest") == 5


async def test_a_digest_may_be_muted_and_speaks_only_of_today(reader: UUID) -> None:
    await notices(reader, 2)
    with clock.frozen(AFTERNOON):
        await digests.issue()
    await relay()
    ends = await db.fetch_value("SELECT expires_at FROM notification WHERE message = 'digest'")
    written = await db.fetch_value("SELECT committed_at FROM notification WHERE message = 'digest'")
    assert ends.astimezone(SHANGHAI).time() == datetime.min.time()
    assert timedelta(0) < ends - written <= timedelta(days=1)
    await preferences.wish(reader, [Wish("digest", is_muted=True)])
    await notices(reader, 2, MORNING + timedelta(days=1), first=3)
    await digest(AFTERNOON + timedelta(days=1))
    assert [name for name, _ in await sent()].count("digest") == 1


async def test_old_counts_are_forgotten_and_waiting_ones_are_not(reader: UUID) -> None:
    other = await make_person()
    await follow(other, "oa-other")
    await notices(reader, 1)
    await notices(other, 2)
    with clock.frozen(MORNING + timedelta(days=40)):
        assert await digests.purge() == 1
        assert await digests.issue() == 0
    assert await db.fetch_value("SELECT count(*) FROM digest_day") == 1
    assert await digest(AFTERNOON + timedelta(days=40)) == 1
