"""The pass, its picture, the check-in and the calendar file, over the wire."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from icalendar import Calendar

from app.domain.appointments import house_rules
from app.domain.appointments.models import Appointment, Slot
from app.domain.halls.models import Hall
from app.kit import clock
from tests.client import Answer, Client
from tests.factories.appointments import make_slot, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book

PATH = "/api/v1/appointments"


async def check_in(client: Client, token: str, appointment: str, given: str) -> Answer:
    return await client.post(f"{PATH}/{appointment}/check-in", token=token, json={"token": given})


async def test_a_fresh_pass_checks_in(client: Client, book: Book, token: str, slot: Slot) -> None:
    made = (await book(slot)).body
    with clock.frozen(slot.starts_at - timedelta(minutes=10)):
        given = await client.get(f"{PATH}/{made['id']}/pass", token=token)
        assert given.status == 200
        assert given.body["expires_at"] == (clock.now() + timedelta(minutes=5)).isoformat(timespec="seconds")
        done = await check_in(client, token, made["id"], given.body["token"])
        assert (done.status, done.body["status"]) == (200, "checked_in")
        again = await check_in(client, token, made["id"], given.body["token"])
        assert (again.status, again.code) == (409, "appointment_not_active")
        spent = await client.get(f"{PATH}/{made['id']}/pass", token=token)
        assert (spent.status, spent.code) == (409, "appointment_not_active")
    row = await Appointment.get()
    assert row.checked_in_at == slot.starts_at - timedelta(minutes=10)


async def test_check_in_has_its_hours(client: Client, book: Book, token: str, slot: Slot) -> None:
    made = (await book(slot)).body
    for moment, code in (
        (slot.starts_at - timedelta(minutes=16), "check_in_not_open"),
        (slot.ends_at, "check_in_over"),
    ):
        with clock.frozen(moment):
            given = (await client.get(f"{PATH}/{made['id']}/pass", token=token)).body["token"]
            answer = await check_in(client, token, made["id"], given)
        assert (answer.status, answer.code) == (409, code)


async def test_a_stale_forged_or_foreign_pass_is_refused(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    made = (await book(slot)).body
    other = (await book(await make_slot(hall, starts_at=tomorrow_at(15)))).body
    with clock.frozen(slot.starts_at):
        foreign = (await client.get(f"{PATH}/{other['id']}/pass", token=token)).body["token"]
        own = (await client.get(f"{PATH}/{made['id']}/pass", token=token)).body["token"]
    changed = own[:-4] + ("AAAA" if own[-4:] != "AAAA" else "BBBB")
    with clock.frozen(slot.starts_at):
        for given in (foreign, changed, "x", own + "A", "签到码"):
            answer = await check_in(client, token, made["id"], given)
            assert (answer.status, answer.code) == (422, "bad_pass")
    with clock.frozen(slot.starts_at + timedelta(minutes=5)):
        assert (await check_in(client, token, made["id"], own)).code == "bad_pass"


async def test_the_pass_is_a_picture_too(client: Client, book: Book, token: str, slot: Slot) -> None:
    made = (await book(slot)).body
    answer = await client.get(f"{PATH}/{made['id']}/pass.svg", token=token)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "no-store"
    picture = ET.fromstring(answer.body)  # noqa: S314  We drew it ourselves.
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert picture.get("width") == picture.get("height")


async def test_the_calendar_file_says_where_and_when(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    made = (await book(slot)).body
    answer = await client.get(f"{PATH}/{made['id']}/calendar.ics", token=token)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert made["id"] in answer.headers["content-disposition"]
    (event,) = Calendar.from_ical(answer.body).walk("VEVENT")
    assert event.decoded("dtstart") == slot.starts_at
    assert event.decoded("dtend") == slot.ends_at
    assert event.decoded("dtstamp").astimezone(UTC) <= datetime.now(UTC)
    assert made["number"] in str(event["summary"])
    assert hall.address in str(event["location"])
    assert str(event["status"]) == "CONFIRMED"
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(hours=-2)


async def test_a_cancelled_appointment_is_cancelled_in_the_calendar(
    client: Client, book: Book, token: str, slot: Slot
) -> None:
    made = (await book(slot)).body
    await client.post(f"{PATH}/{made['id']}/cancel", token=token)
    file = await client.get(f"{PATH}/{made['id']}/calendar.ics", token=token)
    (event,) = Calendar.from_ical(file.body).walk("VEVENT")
    assert str(event["status"]) == "CANCELLED"


async def test_names_with_commas_and_new_lines_stay_one_value(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    await Hall.filter(id=hall.id).update(address="一楼, 东侧;\\ 窗口\r\nSTATUS:FORGED")
    house_rules.forget()
    made = (await book(slot)).body
    file = await client.get(f"{PATH}/{made['id']}/calendar.ics", token=token)
    (event,) = Calendar.from_ical(file.body).walk("VEVENT")
    assert str(event["status"]) == "CONFIRMED"
    assert "一楼, 东侧;" in str(event["location"])
