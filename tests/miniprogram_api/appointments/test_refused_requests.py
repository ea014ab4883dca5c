"""Requests that are no requests: every one is a 4xx problem, and nothing is written."""

import io
from uuid import uuid4

import pytest

from app.domain.appointments.models import Appointment, Slot
from app.kit.models import OutboxEvent
from tests.client import Answer, Client
from tests.factories.appointments import BUSINESS

PATH = "/api/v1/appointments"


def is_problem(answer: Answer, status: int) -> bool:
    """RFC 9457, with our code and a Chinese sentence."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["status"] == status
    assert {"type", "title", "code", "detail", "request_id"} <= set(answer.body)
    assert not answer.body["detail"].isascii()
    return True


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"slot"',
        b"12",
        b"{}{}",
        b'{"slot_id": 01}',
        b'{"slot_id": NaN}',
        b'{"slot_id": 1e999, "business": "A"}',
        b"\xff\xfe{}",
        b'{"business": "\xc3\x28"}',
        b'{"business": "\\ud800", "slot_id": 1}',
        b"slot_id=1&business=INVOICE",
        b"<slot/>",
        b"[" * 20_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    ],
)
async def test_what_is_not_a_json_object_is_422(client: Client, token: str, slot: Slot, body: bytes) -> None:
    answer = await client.post(PATH, token=token, data=body, headers={"Content-Type": "application/json"})
    assert is_problem(answer, 422)
    assert await Appointment.all().count() == 0


async def test_a_body_of_more_than_a_mebibyte_is_413(client: Client, token: str, slot: Slot) -> None:
    body = b'{"business": "' + b"A" * (1024 * 1024) + b'"}'
    answer = await client.post(PATH, token=token, data=io.BytesIO(body))
    assert is_problem(answer, 413)


async def test_unknown_addresses_and_methods_are_problems(client: Client, token: str) -> None:
    assert is_problem(await client.get("/api/v1/nothing"), 404)
    assert is_problem(await client.get("/api/v1/halls/abc/availability"), 404)
    assert is_problem(await client.get("/api/v1/appointments/not-a-uuid", token=token), 404)
    wrong = await client("PATCH", PATH, token=token)
    assert is_problem(wrong, 405)
    assert set(wrong.headers["allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 400])
async def test_a_hall_id_out_of_range_is_not_found(client: Client, number: str) -> None:
    answer = await client.get(f"/api/v1/halls/{number}/availability?business={BUSINESS}")
    assert is_problem(answer, 404)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer " + "a" * 5000, "Bearer é"]
)
async def test_a_bad_token_is_401(client: Client, header: str) -> None:
    answer = await client.get(PATH, headers={"Authorization": header})
    assert is_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_unknown_parameters_are_refused(client: Client, token: str) -> None:
    for path in (PATH, f"{PATH}/{uuid4()}", "/api/v1/me/booking-standing"):
        answer = await client.get(path, params={"admin": "1"}, token=token)
        assert is_problem(answer, 422)
        assert list(answer.body["fields"]) == ["admin"]


@pytest.mark.parametrize("action", ["reschedule", "check-in"])
@pytest.mark.parametrize("body", [b"[", b'{"slot_id": 99999999999999999999}', b'{"token": "\\u0000"}'])
async def test_bad_changes_change_nothing(
    client: Client, token: str, slot: Slot, action: str, body: bytes
) -> None:
    made = await client.post(PATH, token=token, json={"slot_id": slot.id, "business": BUSINESS})
    before = await OutboxEvent.all().count()
    answer = await client.post(f"{PATH}/{made.body['id']}/{action}", token=token, data=body)
    assert is_problem(answer, 422)
    assert (await Appointment.get()).status == "booked"
    assert await OutboxEvent.all().count() == before
