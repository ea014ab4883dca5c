"""Holding a seat for five minutes, over the wire."""

from datetime import datetime, timedelta
from uuid import uuid4

from app.domain.appointments.models import SeatHold, Slot
from app.domain.halls.models import Hall
from app.kit import clock
from tests.client import Answer, Client
from tests.factories.appointments import BUSINESS, make_slot, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book

PATH = "/api/v1/appointments/holds"


async def hold(client: Client, token: str, slot: Slot) -> Answer:
    return await client.post(PATH, token=token, json={"slot_id": slot.id, "business": BUSINESS})


async def test_a_held_seat_is_booked_by_its_owner(client: Client, book: Book, token: str, hall: Hall) -> None:
    last = await make_slot(hall, capacity=1)
    held = await hold(client, token, last)
    assert held.status == 201
    assert held.body["slot_id"] == last.id
    left = datetime.fromisoformat(held.body["expires_at"]) - clock.now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    other = await client.log_in("lisi")
    assert (await book(last, token=other)).code == "slot_full"
    assert (await book(last, token=other, hold_id=held.body["id"])).code == "hold_gone"
    assert (await book(last, hold_id=held.body["id"])).status == 201
    row = await Slot.get(id=last.id)
    assert (row.booked, row.held) == (1, 0)


async def test_a_hold_over_time_is_gone(client: Client, book: Book, token: str, slot: Slot) -> None:
    held = await hold(client, token, slot)
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        late = await book(slot, hold_id=held.body["id"])
    assert (late.status, late.code) == (409, "hold_gone")


async def test_one_hold_a_person(client: Client, token: str, hall: Hall, slot: Slot) -> None:
    await hold(client, token, slot)
    second = await hold(client, token, await make_slot(hall, starts_at=tomorrow_at(15)))
    assert (second.status, second.code) == (409, "too_many_holds")


async def test_giving_up_a_hold_frees_the_seat(client: Client, token: str, slot: Slot) -> None:
    held = (await hold(client, token, slot)).body["id"]
    other = await client.log_in("lisi")
    for refused in (
        await client.delete(f"{PATH}/{held}", token=other),
        await client.delete(f"{PATH}/{uuid4()}", token=token),
    ):
        assert (refused.status, refused.code) == (404, "hold_not_found")
    released = await client.delete(f"{PATH}/{held}", token=token)
    assert (released.status, released.body) == (204, b"")
    assert await SeatHold.all().count() == 0
    assert (await Slot.get(id=slot.id)).held == 0
    assert (await client.delete(f"{PATH}/{held}", token=token)).status == 404


async def test_holding_meets_the_rules_of_booking(client: Client, token: str, slot: Slot) -> None:
    await Slot.filter(id=slot.id).update(capacity=0)
    full = await hold(client, token, slot)
    assert (full.status, full.code) == (409, "slot_full")
    missing = await hold(client, token, Slot(id=slot.id + 99))
    assert (missing.status, missing.code) == (404, "slot_not_found")
    bad = await client.post(PATH, token=token, json={"slot_id": slot.id, "business": BUSINESS, "items": []})
    assert bad.body["fields"] == {"items": ["不认识的字段"]}
