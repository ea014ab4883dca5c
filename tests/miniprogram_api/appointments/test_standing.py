"""What counts against a person, and their appeal, over the wire."""

from datetime import timedelta
from uuid import UUID

from app.domain.appointments.models import Ban, Slot, StrikeKind
from app.domain.halls.models import Hall
from app.kit import clock
from tests.client import Client
from tests.factories.appointments import make_slot, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book

STANDING = "/api/v1/me/booking-standing"
APPEALS = "/api/v1/me/booking-appeals"


async def test_cancellations_are_counted_in_the_open(
    client: Client, book: Book, token: str, slot: Slot
) -> None:
    assert (await client.get(STANDING, token=token)).body == {"ban": None, "strikes": []}
    made = (await book(slot)).body
    await client.post(f"/api/v1/appointments/{made['id']}/cancel", token=token)
    told = (await client.get(STANDING, token=token)).body
    assert [strike["kind"] for strike in told["strikes"]] == ["cancel"]
    assert told["ban"] is None


async def test_the_fifth_cancellation_in_a_month_leads_to_a_ban_one_may_appeal(
    client: Client, book: Book, token: str, hall: Hall
) -> None:
    for day in range(5):
        slot = await make_slot(hall, starts_at=tomorrow_at(10) + timedelta(days=day))
        made = (await book(slot)).body
        await client.post(f"/api/v1/appointments/{made['id']}/cancel", token=token)
    told = (await client.get(STANDING, token=token)).body
    assert told["ban"]["reason"] == "cancel"
    refused = await book(await make_slot(hall, starts_at=tomorrow_at(15)))
    assert (refused.status, refused.code) == (409, "banned")
    appealed = await client.post(APPEALS, token=token, json={"text": "我住院了，\n有证明"})
    assert (appealed.status, appealed.body["status"]) == (201, "open")
    again = await client.post(APPEALS, token=token, json={"text": "请尽快处理"})
    assert (again.status, again.code) == (409, "appeal_open")


async def test_without_a_ban_there_is_nothing_to_appeal(client: Client, token: str) -> None:
    answer = await client.post(APPEALS, token=token, json={"text": "没有限制也申诉"})
    assert (answer.status, answer.code) == (404, "ban_not_found")


async def test_a_ban_of_somebody_else_is_not_mine(client: Client, token: str) -> None:
    other = await client.log_in("lisi")
    subject = UUID((await client.get("/api/v1/me", token=other)).body["id"])
    now = clock.now()
    await Ban.create(
        subject_id=subject, reason=StrikeKind.NO_SHOW, starts_at=now, ends_at=now + timedelta(days=1)
    )
    assert (await client.get(STANDING, token=token)).body["ban"] is None
    assert (await client.get(STANDING, token=other)).body["ban"]["reason"] == "no_show"


async def test_an_appeal_needs_words(client: Client, token: str) -> None:
    for text, reason in (
        ("短", "长度应在 5 到 500 之间"),
        ("长" * 501, "长度应在 5 到 500 之间"),
        ("含\x00字符的申诉", "含有不能使用的字符"),
    ):
        answer = await client.post(APPEALS, token=token, json={"text": text})
        assert (answer.status, answer.body["fields"]) == (422, {"text": [reason]})
