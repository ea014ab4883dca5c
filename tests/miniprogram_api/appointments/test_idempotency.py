"""Idempotency keys on the wire: a retry gets the first answer, another request gets 422."""

import asyncio

from app.domain.appointments.models import Appointment, Slot
from app.domain.halls.models import Hall
from tests.client import Client
from tests.factories.appointments import make_slot, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book


async def test_a_retry_gets_the_same_answer_and_no_second_seat(book: Book, slot: Slot) -> None:
    first = await book(slot, key="retry-1")
    second = await book(slot, key="retry-1")
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert second.headers["idempotency-replayed"] == "true"
    assert (await Slot.get(id=slot.id)).booked == 1


async def test_ten_at_once_get_one_booking_and_equal_answers(book: Book, slot: Slot) -> None:
    answers = await asyncio.gather(*(book(slot, key="at-once") for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({str(answer.body) for answer in answers}) == 1
    assert await Appointment.all().count() == 1


async def test_the_same_key_for_another_request_is_refused(book: Book, hall: Hall, slot: Slot) -> None:
    await book(slot, key="retry-2")
    other = await make_slot(hall, starts_at=tomorrow_at(15))
    refused = await book(other, key="retry-2")
    assert refused.status == 422
    assert list(refused.body["fields"]) == ["Idempotency-Key"]


async def test_a_refusal_is_repeated_too(book: Book, slot: Slot) -> None:
    await Slot.filter(id=slot.id).update(capacity=0)
    first = await book(slot, key="full")
    await Slot.filter(id=slot.id).update(capacity=1)
    second = await book(slot, key="full")
    assert (first.status, second.status) == (409, 409)
    assert second.code == first.code == "slot_full"
    assert (await book(slot, key="another")).status == 201


async def test_two_people_may_use_the_same_key(client: Client, book: Book, slot: Slot) -> None:
    other = await client.log_in("lisi")
    mine, theirs = await book(slot, key="1"), await book(slot, key="1", token=other)
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.body["id"] != theirs.body["id"]


async def test_a_malformed_key_is_refused(book: Book, slot: Slot) -> None:
    for key in ("k" * 121, "a b", "键"):
        answer = await book(slot, key=key)
        assert answer.status == 422
        assert list(answer.body["fields"]) == ["Idempotency-Key"]
    assert await Appointment.all().count() == 0
