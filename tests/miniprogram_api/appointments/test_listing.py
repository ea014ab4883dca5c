"""One's own appointments: newest first, page by page, and nobody else's."""

from datetime import timedelta
from uuid import uuid4

from app.domain.appointments.models import Slot
from app.domain.halls.models import Hall
from tests.client import Client
from tests.factories.appointments import make_slot, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book

PATH = "/api/v1/appointments"


async def test_pages_follow_each_other_without_gap_or_repetition(
    client: Client, book: Book, token: str, hall: Hall
) -> None:
    made = []
    for day in range(3):
        slot = await make_slot(hall, starts_at=tomorrow_at(10) + timedelta(days=day))
        made.append((await book(slot)).body)
    first = await client.get(PATH, token=token, params={"limit": "2"})
    assert first.body["items"] == [made[2], made[1]]
    # A booking made meanwhile is newer than the page and does not push it.
    await client.post(f"{PATH}/{made[0]['id']}/cancel", token=token)
    newer = await make_slot(hall, starts_at=tomorrow_at(10) + timedelta(days=9))
    assert (await book(newer)).status == 201
    second = await client.get(PATH, token=token, params={"limit": "2", "cursor": first.body["next"]})
    assert [one["id"] for one in second.body["items"]] == [made[0]["id"]]
    assert second.body["next"] is None


async def test_active_and_past_are_told_apart(
    client: Client, book: Book, token: str, hall: Hall, slot: Slot
) -> None:
    ended = (await book(slot)).body["id"]
    await client.post(f"{PATH}/{ended}/cancel", token=token)
    live = (await book(await make_slot(hall, starts_at=tomorrow_at(15)))).body["id"]
    for active, expected in (("true", [live]), ("false", [ended])):
        answer = await client.get(PATH, token=token, params={"active": active})
        assert [one["id"] for one in answer.body["items"]] == expected


async def test_another_person_sees_none_of_it(client: Client, book: Book, slot: Slot) -> None:
    await book(slot)
    other = await client.log_in("lisi")
    assert (await client.get(PATH, token=other)).body == {"items": [], "next": None}


async def test_a_cursor_that_was_never_given_out_leads_to_an_honest_page(client: Client, token: str) -> None:
    answer = await client.get(PATH, token=token, params={"cursor": str(uuid4())})
    assert (answer.status, answer.body) == (200, {"items": [], "next": None})


async def test_bad_parameters_are_named(client: Client, token: str) -> None:
    for name, value in (
        ("limit", "0"),
        ("limit", "101"),
        ("cursor", "abc"),
        ("active", "maybe"),
        ("page", "2"),
    ):
        answer = await client.get(PATH, token=token, params={name: value})
        assert (answer.status, list(answer.body["fields"])) == (422, [name])
