"""Free seats as the mini-program asks for them."""

from datetime import timedelta

from app.domain.appointments import booking
from app.domain.appointments.models import Slot
from app.domain.halls.models import Hall
from app.kit import clock
from tests.client import Answer, Client
from tests.factories.appointments import BUSINESS, make_person, make_slot, seat, tomorrow_at


async def ask(client: Client, hall: Hall, *, etag: str | None = None, **query: str) -> Answer:
    return await client.get(
        f"/api/v1/halls/{hall.id}/availability",
        params={"business": BUSINESS, **query},
        headers={"If-None-Match": etag} if etag else {},
    )


async def test_every_day_asked_for_is_answered_with_its_free_seats(
    client: Client, hall: Hall, slot: Slot
) -> None:
    answer = await ask(client, hall, days="3")
    assert answer.status == 200
    today, tomorrow, after = answer.body["days"]
    assert (today["slots"], today["open"]) == ([], False)
    assert today["date"] == clock.today().isoformat()
    assert after["slots"] == []
    assert tomorrow["open"] is True
    assert tomorrow["slots"] == [
        {
            "id": slot.id,
            "starts_at": slot.starts_at.isoformat(),
            "ends_at": slot.ends_at.isoformat(),
            "capacity": 2,
            "remaining": 2,
        }
    ]
    assert tomorrow["slots"][0]["starts_at"].endswith("+08:00")


async def test_a_day_ends_at_midnight_in_beijing(client: Client, hall: Hall) -> None:
    late = await make_slot(hall, starts_at=tomorrow_at(23, 30), ends_at=tomorrow_at(23, 59))
    day = late.starts_at.date()
    same = await ask(client, hall, **{"from": day.isoformat(), "days": "1"})
    assert [slot["id"] for slot in same.body["days"][0]["slots"]] == [late.id]
    after = await ask(client, hall, **{"from": (day + timedelta(days=1)).isoformat(), "days": "1"})
    assert after.body["days"][0]["slots"] == []


async def test_a_seat_taken_is_gone_at_the_next_question(
    client: Client, hall: Hall, slot: Slot, token: str
) -> None:
    before = await ask(client, hall)
    same = await ask(client, hall, etag=before.headers["etag"])
    assert (same.status, same.body) == (304, b"")
    await client.post("/api/v1/appointments", token=token, json={"slot_id": slot.id, "business": BUSINESS})
    after = await ask(client, hall, etag=before.headers["etag"])
    assert after.status == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert after.body["days"][1]["slots"][0]["remaining"] == 1


async def test_a_held_seat_is_not_free(client: Client, hall: Hall, slot: Slot, token: str) -> None:
    await client.post(
        "/api/v1/appointments/holds", token=token, json={"slot_id": slot.id, "business": BUSINESS}
    )
    assert (await ask(client, hall)).body["days"][1]["slots"][0]["remaining"] == 1
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert (await ask(client, hall)).body["days"][1]["slots"][0]["remaining"] == 2


async def test_what_may_not_be_booked_now_is_not_shown(client: Client, hall: Hall) -> None:
    start = tomorrow_at(9)
    await make_slot(hall, starts_at=start, is_open=False)
    await make_slot(
        hall, starts_at=start + timedelta(hours=1), bookable_from=clock.now() + timedelta(hours=1)
    )
    closed = clock.now() - timedelta(minutes=1)
    await make_slot(hall, starts_at=start + timedelta(hours=2), bookable_until=closed)
    full = await make_slot(hall, starts_at=start + timedelta(hours=3))
    await booking.book(seat(full, await make_person()))
    answer = await ask(client, hall)
    assert [(slot["id"], slot["remaining"]) for slot in answer.body["days"][1]["slots"]] == [(full.id, 0)]
    assert answer.body["days"][1]["open"] is False


async def test_a_hall_without_the_business_is_not_found(client: Client, hall: Hall) -> None:
    for path, business in ((hall.id, "NONE"), (hall.id + 1, BUSINESS)):
        answer = await client.get(f"/api/v1/halls/{path}/availability", params={"business": business})
        assert (answer.status, answer.code) == (404, "hall_not_bookable")


async def test_every_bad_question_names_its_field(client: Client, hall: Hall) -> None:
    for query, field in (
        ({"days": "0"}, "days"),
        ({"days": "32"}, "days"),
        ({"days": "many"}, "days"),
        ({"days": "9" * 5000}, "days"),
        ({"from": "2026-02-30"}, "from"),
        ({"from": "9999-12-31"}, "from"),
        ({"from": "today"}, "from"),
        ({"business": ""}, "business"),
        ({"business": "发票"}, "business"),
        ({"business": "A" * 25}, "business"),
        ({"colour": "red"}, "colour"),
    ):
        answer = await ask(client, hall, **query)
        assert (answer.status, list(answer.body["fields"])) == (422, [field]), query
    missing = await client.get(f"/api/v1/halls/{hall.id}/availability")
    assert missing.body["fields"] == {"business": ["必填"]}
    twice = await client.get(f"/api/v1/halls/{hall.id}/availability?business=A&business=B")
    assert twice.body["fields"] == {"business": ["只能填写一次"]}
