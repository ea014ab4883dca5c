"""Each event of an appointment becomes its one message, on the channel that reaches the person."""

from datetime import timedelta

from app.domain.accounts.models import IdentityLevel
from app.domain.appointments import booking, reminders
from app.kit import clock
from notifications.inbox import reading
from tests.factories.appointments import make_slot, tomorrow_at
from tests.notifications.conftest import Story


def _lines(message: dict[str, object]) -> dict[str, str]:
    lines = message["lines"]
    assert isinstance(lines, list)
    return {line["label"]: line["value"] for line in lines}


async def test_booking_reaches_the_follower_as_a_template_message(story: Story) -> None:
    person = await story.person()
    appointment = await story.books(person)
    await story.deliver()
    (message,) = story.phone()
    assert message["title"] == "预约成功通知"
    assert message["path"] == "/cgi-bin/message/template/send"
    assert message["page"] == f"pages/appointments/detail?id={appointment.id}"
    lines = _lines(message)
    assert lines["预约号"] == appointment.number
    assert lines["办事大厅"] == "天河区办税服务厅"
    assert lines["预约时间"].endswith("10:00")
    (row,) = await story.rows()
    assert (row["status"], row["msgid"]) == ("sent", str(message["msgid"]))


async def test_booking_reaches_who_does_not_follow_as_a_subscribe_message(story: Story) -> None:
    person = await story.person(follows=False)
    await story.consents(person, "zhang")
    await story.books(person)
    await story.deliver()
    (message,) = story.phone()
    assert message["path"] == "/cgi-bin/message/subscribe/send"
    assert _lines(message)["办理业务"] == "发票业务"


async def test_who_neither_follows_nor_consents_finds_it_in_the_inbox(story: Story) -> None:
    person = await story.person(follows=False)
    appointment = await story.books(person)
    await story.deliver()
    assert story.phone() == []
    assert await story.rows() == []
    assert story.calls("/cgi-bin/message/subscribe/send") == 0
    (item,), _ = await reading.page(person, before=None, limit=10)
    assert appointment.number in item.card.summary


async def test_cancelling_moving_and_closing_are_told(story: Story) -> None:
    names = ("zhang", "li", "wang")
    people = [await story.person(name) for name in names]
    booked = [await story.books(person) for person in people]
    before = booked[1].starts_at
    other = await make_slot(await story.slots[0].hall, 5, starts_at=tomorrow_at(15))
    await booking.cancel(booked[0].id, people[0])
    await booking.reschedule(booked[1].id, people[1], other.id, IdentityLevel.WX_BOUND)
    await booking.cancel_by_hall(booked[2].id, "staff:1", "停电检修")
    await story.deliver()
    titles = [[message["title"] for message in story.phone(name)] for name in names]
    assert titles == [
        ["预约成功通知", "预约取消通知"],
        ["预约成功通知", "预约改期通知"],
        ["预约成功通知", "大厅取消预约通知"],
    ]
    moved = _lines(story.phone("li")[1])
    assert moved["新预约时间"].endswith("15:00")
    assert moved["原预约时间"].endswith(f"{before.astimezone(clock.SHANGHAI):%H:%M}")
    assert _lines(story.phone("wang")[1])["取消原因"] == "停电检修"


async def test_reminders_come_the_day_before_and_two_hours_before(story: Story) -> None:
    starts_at = tomorrow_at(15) + timedelta(days=2)  # At night both would wait for the morning.
    await story.books(await story.person(), starts_at=starts_at)
    for ahead in (timedelta(hours=23), timedelta(hours=22), timedelta(minutes=110), timedelta(minutes=100)):
        with clock.frozen(starts_at - ahead):
            await reminders.issue()
            await story.deliver()
    assert [message["title"] for message in story.phone()] == ["预约成功通知", *["预约到期提醒"] * 2]


async def test_reminder_of_a_cancelled_appointment_is_not_sent(story: Story) -> None:
    starts_at = tomorrow_at(15) + timedelta(days=2)
    person = await story.person()
    appointment = await story.books(person, starts_at=starts_at)
    with clock.frozen(starts_at - timedelta(hours=23)):
        await reminders.issue()
        await booking.cancel(appointment.id, person)
        await story.deliver()
    assert "预约到期提醒" not in [message["title"] for message in story.phone()]


async def test_reminder_that_comes_too_late_expires(story: Story) -> None:
    # By day: at night a reminder waits, and so does its end.
    starts_at = tomorrow_at(10) + timedelta(days=2)
    await story.books(await story.person(), starts_at=starts_at)
    await story.deliver()
    with clock.frozen(starts_at - timedelta(hours=23)):
        await reminders.issue()
        await story.relay()
    with clock.frozen(starts_at + timedelta(minutes=1)):
        await story.delivery().drain()
    assert len(story.phone()) == 1
    assert (await story.rows())[-1]["error_text"] == "expired"


async def test_message_names_nobody(story: Story) -> None:
    await story.books(await story.person())
    await story.relay()
    (row,) = await story.rows()
    assert "person" not in row["params"]
    assert "name" not in row["params"]
