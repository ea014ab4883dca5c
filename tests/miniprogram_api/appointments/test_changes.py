"""Cancelling and moving an appointment, over the wire."""

from datetime import timedelta
from uuid import uuid4

from app.domain.appointments.models import Appointment, Slot
from app.domain.halls.models import Hall
from app.kit import clock
from tests.client import Client
from tests.factories.appointments import make_slot, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book

PATH = "/api/v1/appointments"


async def test_a_cancelled_seat_is_free_again(client: Client, book: Book, token: str, slot: Slot) -> None:
    made = (await book(slot)).body
    cancelled = await client.post(f"{PATH}/{made['id']}/cancel", token=token)
    assert cancelled.status == 200
    assert cancelled.body == {**made, "status": "cancelled"}
    assert (await Slot.get(id=slot.id)).booked == 0
    again = await client.post(f"{PATH}/{made['id']}/cancel", token=token)
    assert (again.status, again.code) == (409, "appointment_not_active")


async def test_a_moved_appointment_keeps_its_number(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    made = (await book(slot)).body
    later = await make_slot(hall, starts_at=tomorrow_at(15))
    moved = await client.post(f"{PATH}/{made['id']}/reschedule", token=token, json={"slot_id": later.id})
    assert moved.status == 200
    assert (moved.body["id"], moved.body["number"]) == (made["id"], made["number"])
    assert moved.body["starts_at"] == later.starts_at.isoformat()
    assert [(await Slot.get(id=one.id)).booked for one in (slot, later)] == [0, 1]


async def test_a_refused_move_leaves_the_old_seat(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    made = (await book(slot)).body
    full = await make_slot(hall, capacity=0, starts_at=tomorrow_at(15))
    for slot_id, status, code in (
        (full.id, 409, "slot_full"),
        (slot.id, 409, "same_slot"),
        (10**9, 404, "slot_not_found"),
    ):
        answer = await client.post(f"{PATH}/{made['id']}/reschedule", token=token, json={"slot_id": slot_id})
        assert (answer.status, answer.code) == (status, code)
    row = await Appointment.get(id=made["id"])
    assert (row.slot_id, row.status) == (slot.id, "booked")
    assert (await Slot.get(id=slot.id)).booked == 1


async def test_after_the_deadline_nothing_changes(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    made = (await book(slot)).body
    later = await make_slot(hall, starts_at=tomorrow_at(15))
    with clock.frozen(slot.starts_at - timedelta(minutes=119)):
        cancelled = await client.post(f"{PATH}/{made['id']}/cancel", token=token)
        moved = await client.post(f"{PATH}/{made['id']}/reschedule", token=token, json={"slot_id": later.id})
    for answer in (cancelled, moved):
        assert (answer.status, answer.code) == (409, "cancel_too_late")
    assert (await Appointment.get()).status == "booked"


async def test_an_appointment_nobody_made_is_not_found(client: Client, token: str, slot: Slot) -> None:
    for action, body in (("cancel", None), ("reschedule", {"slot_id": slot.id})):
        answer = await client.post(f"{PATH}/{uuid4()}/{action}", token=token, json=body)
        assert (answer.status, answer.code) == (404, "appointment_not_found")
