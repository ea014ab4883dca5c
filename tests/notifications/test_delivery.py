"""What WeChat answers decides what becomes of a message, its consent, its reader and the account."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.domain.accounts import followers, subscriptions
from app.gateways import wechat
from app.kit import clock, db
from app.sandbox.world import openid_of
from config import settings
from notifications.models import Channel
from notifications.queue import MAX_ATTEMPTS
from tests.notifications.conftest import Story

SUBSCRIBE = "/cgi-bin/message/subscribe/send"


async def _left(story: Story, person: UUID) -> int:
    template_id = story.messages.template_id("appointment_booked", Channel.SUBSCRIBE)
    counts = await subscriptions.count_unspent([person], [template_id])
    return sum(counts.values())


async def test_many_messages_go_out_once_each(story: Story) -> None:
    names = [f"p{i}" for i in range(150)]
    people = [await story.person(name) for name in names]
    for person in people:
        await story.books(person)
    await story.relay()
    await asyncio.gather(*(story.delivery().drain() for _ in range(3)))
    assert [len(story.phone(name)) for name in names] == [1] * len(names)
    assert {state for _, state in await story.states()} == {"sent"}


async def test_busy_platform_is_tried_again_later(story: Story) -> None:
    story.fault(errcode=-1, times=3)
    await story.books(await story.person())
    await story.deliver()
    assert story.phone() == []
    (row,) = await story.rows()
    assert (row["status"], row["attempt"], row["error_code"]) == ("created", 1, -1)
    assert timedelta(seconds=8) < row["run_at"] - clock.now() < timedelta(seconds=12)
    with clock.frozen(row["run_at"]):
        await story.deliver()
    assert len(story.phone()) == 1


async def test_message_that_never_goes_through_dies_with_its_reason(story: Story) -> None:
    story.fault(errcode=-1)
    await story.books(await story.person(), starts_at=clock.now() + timedelta(days=3))
    await story.deliver()
    while (row := (await story.rows())[0])["status"] == "created":
        with clock.frozen(row["run_at"]):
            await story.deliver()
    assert (row["status"], row["attempt"], row["error_code"]) == ("dead", MAX_ATTEMPTS, -1)


async def test_who_unfollowed_gets_the_subscribe_message(story: Story) -> None:
    person = await story.person()
    await story.consents(person, "zhang")
    story.running.sandbox.world.follow(story.running.sandbox.world.person("zhang"), following=False)
    await story.books(person)
    await story.deliver()
    assert [message["kind"] for message in story.phone()] == ["subscribe"]
    assert await story.states() == [("template", "failed"), ("subscribe", "sent")]
    addresses = (await followers.addresses_of([person]))[person]
    assert not any(address.is_follower for address in addresses)


async def test_used_up_consent_is_not_asked_twice_and_the_follower_gets_the_template(story: Story) -> None:
    person = await story.person(follows=False)
    template_id = story.messages.template_id("appointment_booked", Channel.SUBSCRIBE)
    # Our ledger believes in two consents that WeChat knows nothing of.
    for _ in range(2):
        await subscriptions.grant(person, story.mp_appid, [template_id], reported_by="client")
    await story.books(person)
    await story.relay()
    await story.person()
    await db.execute("UPDATE notification SET route = 'template'")
    await story.delivery().drain()
    assert await story.states() == [("subscribe", "failed"), ("template", "sent")]
    assert await _left(story, person) == 0
    assert story.calls(SUBSCRIBE) == 1


async def test_one_consent_sends_one_message(story: Story) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    await story.books(person)
    await story.deliver()
    assert await _left(story, person) == 0


async def test_consent_is_given_back_when_wechat_did_not_take_the_message(story: Story) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    story.fault(SUBSCRIBE, errcode=47003, times=1)
    await story.books(person)
    await story.deliver()
    assert await story.states() == [("subscribe", "failed")]
    assert await _left(story, person) == 1


async def test_wrong_data_is_not_tried_again(story: Story) -> None:
    story.fault(errcode=47003)
    await story.books(await story.person())
    await story.deliver()
    assert await story.states() == [("template", "failed")]
    assert story.calls() == 1


async def test_blocked_template_is_dead_and_alarms(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    story.fault(errcode=43116)
    await story.books(await story.person())
    await story.deliver()
    assert await story.states() == [("template", "dead")]
    assert any(record.levelname == "ERROR" for record in caplog.records)


async def test_account_in_trouble_pauses_and_loses_nothing(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    story.fault(errcode=48001, times=1)
    await story.books(await story.person())
    await story.deliver()
    (row,) = await story.rows()
    assert (row["status"], row["attempt"]) == ("created", 0)
    assert any(record.levelname == "ERROR" for record in caplog.records)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        await story.deliver()
    assert len(story.phone()) == 1


async def test_daily_quota_pauses_the_account_until_midnight_in_shanghai(story: Story) -> None:
    evening = datetime(2026, 11, 20, 18, 0, tzinfo=clock.SHANGHAI)
    story.fault(errcode=45009, times=1)
    with clock.frozen(evening):
        people = [await story.person(name) for name in ("zhang", "li")]
        await story.books(people[0], starts_at=evening + timedelta(days=3))
        await story.relay()
        delivery = story.delivery()
        await delivery.drain()
        await story.books(people[1])
        await story.relay()
        await delivery.drain()
    assert story.calls() == 1
    with clock.frozen(datetime(2026, 11, 20, 23, 59, tzinfo=clock.SHANGHAI)):
        await delivery.drain()
    assert story.calls() == 1
    with clock.frozen(datetime(2026, 11, 21, 0, 0, tzinfo=clock.SHANGHAI)):
        await delivery.drain()
    assert len(story.phone("zhang")) == len(story.phone("li")) == 1


async def test_minute_quota_waits_for_the_next_minute_and_costs_no_attempt(story: Story) -> None:
    story.fault(errcode=45011, times=1)
    await story.books(await story.person())
    await story.deliver()
    (row,) = await story.rows()
    assert (row["status"], row["attempt"]) == ("created", 0)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        await story.deliver()
    assert len(story.phone()) == 1


async def test_wechat_down_costs_no_attempts_and_loses_nothing(story: Story) -> None:
    """Nobody listens on the port at all, then WeChat is back."""
    names = [f"p{i}" for i in range(30)]
    for name in names:
        await story.books(await story.person(name))
    await story.relay()
    healthy, dead = wechat.current(), _towards("http://127.0.0.1:9")
    await dead.open()
    wechat.use(dead)
    delivery = story.delivery()
    try:
        for minute in range(3):
            with clock.frozen(clock.now() + timedelta(minutes=minute)):
                await delivery.drain()
    finally:
        wechat.use(healthy)
        await dead.close()
    rows = await story.rows()
    assert {(row["status"], row["attempt"]) for row in rows} == {("created", 0)}
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        await story.delivery().drain()
    assert [len(story.phone(name)) for name in names] == [1] * len(names)


async def test_dead_wechat_is_asked_by_one_message_at_a_time(story: Story) -> None:
    for index in range(40):
        await story.books(await story.person(f"p{index}"))
    await story.relay()
    story.fault(status=503)
    delivery = story.delivery(at_once=8)
    await delivery.drain()
    calls = story.calls()
    for _ in range(20):
        await delivery.step()
    assert story.calls() == calls
    # The fuse goes at the fifth failure; until then four more have come to their turn, three tries each.
    assert calls <= (8 + 4) * 3


async def test_failing_platform_recovers_without_loss_or_double(story: Story) -> None:
    """HTTP 502 leaves open whether WeChat acted; the same client_msg_id makes the repeat harmless."""
    names = [f"p{i}" for i in range(12)]
    for name in names:
        await story.books(await story.person(name))
    await story.relay()
    story.fault(drop="after", times=18)
    await story.delivery().drain()
    for _ in range(4):
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            delivery = story.delivery()
            await delivery.sweep()
            await delivery.drain()
    assert [len(story.phone(name)) for name in names] == [1] * len(names)
    assert {state for _, state in await story.states()} == {"sent"}


async def test_unwritable_message_is_dead_and_stops_no_other(story: Story) -> None:
    first = await story.person("zhang")
    second = await story.person("li")
    await story.books(first)
    await story.books(second)
    await story.relay()
    await db.execute("UPDATE notification SET params = params - 'number' WHERE person_id = $1", first)
    await story.delivery().drain()
    assert await story.states() == [("template", "dead"), ("template", "sent")]


async def test_urgent_messages_go_before_reminders(story: Story) -> None:
    for name in ("zhang", "li", "wang", "zhao", "qian"):
        await story.books(await story.person(name))
    await story.relay()
    await db.execute("UPDATE notification SET lane = 2, run_at = run_at - interval '1 hour' WHERE id = 1")
    delivery = story.delivery(at_once=2)
    assert await delivery.step() == 4
    waits = (await story.rows())[0]["status"]
    await delivery.drain()
    assert waits == "created"


def _towards(url: str) -> wechat.WeChat:
    return wechat.WeChat(settings.current().model_copy(update={"wechat_api_base": url}))


async def test_openid_of_the_right_account_is_used(story: Story) -> None:
    await story.books(await story.person())
    await story.deliver()
    (row,) = await story.rows()
    assert row["openid"] == openid_of(story.oa_appid, "zhang")
