"""Days leave the queue whole when nothing is left to do, and lose their content after 90 days."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.kit import clock, db
from app.kit import db as raw
from app.kit.clock import SHANGHAI
from app.kit.ids import uuid7
from app.kit.partitions import Part
from notifications import queue, retention
from notifications.models import Channel
from notifications.queue import Draft

pytestmark = pytest.mark.usefixtures("no_days")

DAY = datetime(2026, 3, 31, 10, tzinfo=SHANGHAI)
TABLE = "notification_20260331"


@pytest.fixture
async def no_days(db: None) -> AsyncIterator[None]:
    """Days made by a test do not stay for the next one."""
    yield
    for table in (retention.QUEUE, retention.ARCHIVE, retention.RECEIPTS, retention.HISTORY):
        for part in await table.parts():
            await raw.execute(f"DROP TABLE {part.name}")


def draft(event_id: int, person_id: UUID, at: datetime = DAY) -> Draft:
    return Draft(
        event_id=event_id,
        message="appointment_booked",
        version=1,
        lane=0,
        person_id=person_id,
        channel=Channel.TEMPLATE,
        route=(Channel.SUBSCRIBE,),
        account_id="wx0sandboxoa000001",
        params={"hall": "天河区办税服务厅"},
        expires_at=None,
        committed_at=at,
    )


async def sent(*people: UUID) -> None:
    """Messages of that day, delivered on it."""
    with clock.frozen(DAY):
        await retention.prepare()
        await queue.add([draft(number, person) for number, person in enumerate(people, start=1)])
    await db.execute("UPDATE notification SET status = 'delivered', openid = 'o1', sent_at = $1", DAY)


async def tables(of: str) -> Sequence[str]:
    rows = await db.fetch(f"SELECT DISTINCT tableoid::regclass::text AS t FROM {of} ORDER BY 1")  # noqa: S608
    return [row["t"] for row in rows]


async def test_a_day_is_archived_when_it_is_over_three_days() -> None:
    await sent(uuid7())
    with clock.frozen(DAY + timedelta(days=3)):
        assert await retention.archive() == 0
    with clock.frozen(DAY + timedelta(days=4)):
        assert await retention.archive() >= 1
        assert await retention.archive() == 0
    assert (await tables("notification"), await tables("notification_archive")) == ([], [TABLE])


async def test_the_archive_keeps_only_the_indexes_it_is_asked_by() -> None:
    await sent(uuid7())
    with clock.frozen(DAY + timedelta(days=9)):
        await retention.archive()
    rows = await db.fetch("SELECT indexdef FROM pg_indexes WHERE tablename = $1", TABLE)
    assert sorted(row["indexdef"].rpartition("btree ")[2] for row in rows) == [
        "(id, committed_at)",
        "(person_id, id)",
    ]


@pytest.mark.parametrize("state", ["created", "claimed", "sending"])
async def test_a_day_with_something_left_to_do_stays_in_the_queue(state: str) -> None:
    await sent(uuid7(), uuid7())
    await db.execute("UPDATE notification SET status = $1 WHERE event_id = 2", state)
    with clock.frozen(DAY + timedelta(days=60)):
        await retention.archive()
    assert await tables("notification") == [TABLE]


async def test_a_message_queued_anew_at_the_last_moment_keeps_its_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sent(uuid7(), uuid7())
    has_open, looked = retention._has_open, []

    async def too_early(part: Part) -> bool:
        looked.append(part)
        if len(looked) > 1:
            return await has_open(part)
        await db.execute("UPDATE notification SET status = 'created' WHERE event_id = 2")
        return False

    monkeypatch.setattr(retention, "_has_open", too_early)
    with clock.frozen(DAY + timedelta(days=9)):
        await retention.archive()
    assert await tables("notification") == [TABLE]
    assert await db.fetch_value("SELECT count(*) FROM notification WHERE status = 'created'") == 1


async def test_a_day_of_a_paused_campaign_stays_in_the_queue() -> None:
    await sent(uuid7())
    await db.execute("UPDATE notification SET status = 'held', event_id = NULL, campaign_id = 7")
    with clock.frozen(DAY + timedelta(days=60)):
        await retention.archive()
    assert await tables("notification") == [TABLE]


async def test_after_ninety_days_nothing_says_who_was_told_what() -> None:
    await sent(uuid7(), uuid7())
    with clock.frozen(DAY + timedelta(days=9)):
        await retention.archive()
    with clock.frozen(DAY + timedelta(days=90)):
        assert await retention.reduce() == 0
    with clock.frozen(DAY + timedelta(days=91)):
        assert await retention.reduce() == 1
        assert await retention.reduce() == 0
    rows = await db.fetch("SELECT * FROM notification_history ORDER BY id")
    assert [(row["event_id"], row["status"], row["sent_at"]) for row in rows] == [
        (1, "delivered", DAY),
        (2, "delivered", DAY),
    ]
    assert not {"person_id", "openid", "params", "msgid", "error_text"} & set(rows[0].keys())
    assert await db.fetch_value("SELECT to_regclass($1)", TABLE) is None


async def test_a_history_half_written_is_finished_without_doubles() -> None:
    await sent(uuid7(), uuid7())
    with clock.frozen(DAY + timedelta(days=9)):
        await retention.archive()
    await db.execute(
        "INSERT INTO notification_history (id, event_id, message, message_version, channel, lane, status,"
        " attempt, committed_at) SELECT id, event_id, message, message_version, channel, lane, status,"
        " attempt, committed_at FROM notification_archive ORDER BY id LIMIT 1"
    )
    with clock.frozen(DAY + timedelta(days=91)):
        await retention.reduce()
    assert await db.fetch_value("SELECT count(*) FROM notification_history") == 2


async def test_of_somebody_who_leaves_no_content_stays() -> None:
    leaver, other = uuid7(), uuid7()
    await sent(leaver, other)
    with clock.frozen(DAY + timedelta(days=4)):
        await retention.archive()
        await queue.add([draft(3, leaver, DAY + timedelta(days=4))])
        await db.execute("UPDATE notification SET status = 'sent', openid = 'o1'")
    await retention.forget(leaver)
    for table in ("notification", "notification_archive"):
        rows = await db.fetch(f"SELECT params, openid FROM {table} WHERE person_id = $1", leaver)  # noqa: S608
        assert [(row["params"], row["openid"]) for row in rows] == [("{}", None)]
    kept = "SELECT openid FROM notification_archive WHERE person_id = $1"
    assert await db.fetch_value(kept, other) == "o1"


async def test_receipts_are_dropped_by_the_day() -> None:
    with clock.frozen(DAY):
        await retention.prepare()
    await db.execute(
        "INSERT INTO notification_receipt (account_id, msgid, openid, result, received_at)"
        " VALUES ('wx', '1', 'o1', 'success', $1), ('wx', '2', 'o1', 'success', $2)",
        DAY,
        DAY + timedelta(days=1),
    )
    with clock.frozen(DAY + timedelta(days=9)):
        assert await retention.drop_receipts() >= 1
    assert [row["msgid"] for row in await db.fetch("SELECT msgid FROM notification_receipt")] == ["2"]


async def test_a_late_comer_of_an_archived_day_loses_its_content_in_time_too() -> None:
    await sent()
    with clock.frozen(DAY + timedelta(days=9)):
        await retention.archive()
        await queue.add([draft(1, uuid7())])
    await db.execute("UPDATE notification SET status = 'delivered'")
    with clock.frozen(DAY + timedelta(days=91)):
        await retention.keep_house()
    assert await db.fetch("SELECT 1 FROM notification") == []
    assert await db.fetch_value("SELECT count(*) FROM notification_history") == 1


async def test_the_same_event_is_queued_once_whatever_partition_it_lies_in() -> None:
    person = uuid7()
    await queue.add([draft(1, person)])
    await sent()
    assert await queue.add([draft(1, person)]) == 0
