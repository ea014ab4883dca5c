"""Receipts move messages to their end, whenever and however often they come."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from app.gateways.wechat import Event, parse
from app.kit import clock, db
from app.sandbox.world import openid_of
from config import settings
from notifications import receipts
from tests.notifications.conftest import Story


def _event(story: Story, name: str = "zhang", *, msgid: object = None, status: str = "success") -> Event:
    openid = openid_of(story.oa_appid, name)
    body = (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{clock.now().timestamp():.0f}</CreateTime><MsgType>event</MsgType>"
        f"<Event>TEMPLATESENDJOBFINISH</Event><MsgID>{msgid}</MsgID><Status>{status}</Status></xml>"
    )
    event = parse(body.encode())
    assert isinstance(event, Event)
    return event


async def _sent(story: Story) -> Any:
    await story.books(await story.person())
    await story.deliver()
    return (await story.rows())[0]


async def _tell(story: Story, *events: Event) -> None:
    for event in events:
        await receipts.take(story.oa_appid, event)
    await receipts.apply()


async def test_receipt_settles_the_message(story: Story) -> None:
    row = await _sent(story)
    await _tell(story, _event(story, msgid=row["msgid"]))
    assert await story.states() == [("template", "delivered")]


async def test_repeated_receipt_changes_nothing(story: Story) -> None:
    row = await _sent(story)
    event = _event(story, msgid=row["msgid"])
    await _tell(story, event, event)
    before = await story.rows()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        await _tell(story, event, _event(story, msgid=row["msgid"], status="failed:user block"))
    assert await story.rows() == before
    assert not await db.fetch("SELECT 1 FROM notification_receipt WHERE applied_at IS NULL")


async def test_receipt_before_our_own_note_waits_for_it(story: Story) -> None:
    row = await _sent(story)
    await db.execute("UPDATE notification SET msgid = NULL, status = 'sending'")
    await _tell(story, _event(story, msgid=row["msgid"]))
    assert await story.states() == [("template", "sending")]
    await db.execute("UPDATE notification SET msgid = $1, status = 'sent'", row["msgid"])
    with clock.frozen(clock.now() + timedelta(seconds=5)):
        await receipts.apply()
    assert await story.states() == [("template", "delivered")]


async def test_receipt_is_not_put_away_as_our_own_note_is_being_committed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await _sent(story)
    await db.execute("UPDATE notification SET msgid = NULL, status = 'sending'")
    execute = db.execute

    async def with_a_note_in_between(statement: str, *values: object) -> int:
        """The sender, on a connection of its own, is heard of after the receipts were looked at."""
        if "UPDATE notification_receipt" in statement:
            sender = await asyncpg.connect(settings.current().database_url)
            await sender.execute("UPDATE notification SET msgid = $1, status = 'sent'", row["msgid"])
            await sender.close()
        return await execute(statement, *values)

    with monkeypatch.context() as between:
        between.setattr(db, "execute", with_a_note_in_between)
        await _tell(story, _event(story, msgid=row["msgid"]))
    assert await story.states() == [("template", "sent")]
    with clock.frozen(clock.now() + timedelta(seconds=5)):
        await receipts.apply()
    assert await story.states() == [("template", "delivered")]


async def test_reader_who_blocks_the_account_gets_the_subscribe_message(story: Story) -> None:
    row = await _sent(story)
    await story.consents(row["person_id"], "zhang")
    await db.execute("UPDATE notification SET route = 'subscribe'")
    await _tell(story, _event(story, msgid=row["msgid"], status="failed:user block"))
    await story.delivery().drain()
    assert await story.states() == [("template", "failed"), ("subscribe", "sent")]
    assert (await story.rows())[0]["error_text"] == "failed:user block"


async def test_receipt_settles_a_message_nobody_knew_the_fate_of(story: Story) -> None:
    row = await _sent(story)
    await db.execute("UPDATE notification SET msgid = NULL, status = 'unknown', settled_at = now()")
    await _tell(story, _event(story, msgid=row["msgid"]))
    assert await story.states() == [("template", "unknown")]
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        await receipts.apply()
    assert await story.states() == [("template", "delivered")]


async def test_receipt_of_one_message_does_not_settle_another_to_the_same_reader(story: Story) -> None:
    row = await _sent(story)
    await db.execute(
        "INSERT INTO notification (event_id, message, message_version, person_id, channel, account_id,"
        " openid, lane, status, params, run_at, committed_at, attempt, sending_at)"
        " SELECT event_id + 1, message, 1, person_id, channel, account_id, openid,"
        " 0, 'unknown', params, run_at, committed_at, 1, sending_at FROM notification"
    )
    await _tell(story, _event(story, msgid=row["msgid"]))
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        await receipts.apply()
    assert await story.states() == [("template", "delivered"), ("template", "unknown")]


async def test_receipt_of_somebody_elses_message_is_put_away_after_an_hour(story: Story) -> None:
    await _tell(story, _event(story, msgid=4711))
    with clock.frozen(clock.now() + timedelta(minutes=30)):
        assert await receipts.apply() == 1
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert await receipts.apply() == 1
        assert await receipts.apply() == 0


async def test_receipt_without_sense_is_ignored(story: Story) -> None:
    await _tell(story, _event(story, msgid="", status="success"), _event(story, msgid=1, status=""))
    assert not await db.fetch("SELECT 1 FROM notification_receipt")


async def test_subscribe_receipts_settle_their_messages(story: Story) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    await story.books(person)
    await story.deliver()
    (row,) = await story.rows()
    body = (
        '{"ToUserName":"gh_2","FromUserName":"%s","CreateTime":"1795312800","MsgType":"event",'
        '"Event":"subscribe_msg_sent_event","List":{"TemplateId":"t","MsgID":"%s","ErrorCode":"0"}}'
    )
    event = parse((body % (row["openid"], row["msgid"])).encode())
    assert isinstance(event, Event)
    await receipts.take(story.mp_appid, event)
    await receipts.apply()
    assert await story.states() == [("subscribe", "delivered")]
