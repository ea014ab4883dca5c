"""Booking over the wire: what is answered, and every refusal with its code."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts.models import Enterprise, IdentityLevel
from app.domain.appointments import booking, house_rules
from app.domain.appointments.models import Appointment, BookingRules, Slot, Standing
from app.domain.halls.models import Hall
from app.kit import clock
from app.kit.ids import uuid7
from tests.client import Client
from tests.factories.appointments import BUSINESS, make_person, make_slot, seat, tomorrow_at
from tests.miniprogram_api.appointments.conftest import Book


async def test_a_booking_is_answered_in_full(book: Book, hall: Hall, slot: Slot) -> None:
    answer = await book(slot, items=["领用发票", "发票代开"])
    assert answer.status == 201
    made = answer.body
    row = await Appointment.get(id=made["id"])
    assert made == {
        "id": str(row.id),
        "number": row.number,
        "status": "booked",
        "hall": {"id": hall.id, "name": hall.name, "address": hall.address, "phone": hall.phone},
        "business": {"code": BUSINESS, "name": "发票业务"},
        "enterprise_id": None,
        "items": ["领用发票", "发票代开"],
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "cancel_until": (slot.starts_at - timedelta(hours=2)).isoformat(),
        "check_in_from": (slot.starts_at - timedelta(minutes=15)).isoformat(),
        "created_at": made["created_at"],
    }
    assert answer.headers["x-request-id"]
    assert row.channel == "MP"


async def test_what_was_booked_reads_the_same_afterwards(
    client: Client, book: Book, slot: Slot, token: str
) -> None:
    made = (await book(slot)).body
    assert (await client.get(f"/api/v1/appointments/{made['id']}", token=token)).body == made


async def _set_slot(slot: Slot, **values: Any) -> None:
    await Slot.filter(id=slot.id).update(**values)


async def _set_rules(slot: Slot, **values: Any) -> None:
    await BookingRules.filter(hall_id=slot.hall_id).update(**values)
    house_rules.forget()


async def test_each_refusal_has_its_code_and_leaves_no_seat_taken(
    client: Client, book: Book, slot: Slot, token: str
) -> None:
    now = clock.now()
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"is_open": False}, 409, "slot_closed"),
        ({"is_open": True, "bookable_from": now + timedelta(hours=1)}, 409, "too_early"),
        (
            {"bookable_from": now - timedelta(days=1), "bookable_until": now - timedelta(hours=1)},
            409,
            "too_late",
        ),
        ({"bookable_until": slot.bookable_until, "capacity": 0}, 409, "slot_full"),
    ]
    for values, status, code in refusals:
        await _set_slot(slot, **values)
        answer = await book(slot)
        assert (answer.status, answer.code) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    await _set_slot(slot, capacity=2)
    await _set_rules(slot, required_level=IdentityLevel.REALNAME_L1)
    refused = await book(slot)
    assert (refused.status, refused.code) == (403, "level_too_low")
    await _set_rules(slot, required_level=IdentityLevel.WX_BOUND)
    other = await book(slot, business="OTHER")
    assert (other.status, other.code) == (422, "other_business")
    missing = await book(Slot(id=slot.id + 1000))
    assert (missing.status, missing.code) == (404, "slot_not_found")
    assert await Appointment.all().count() == 0
    assert (await Slot.get(id=slot.id)).booked == 0


async def test_a_person_may_not_book_twice_or_beyond_the_limit(book: Book, hall: Hall, slot: Slot) -> None:
    await _set_rules(slot, active_limit=2)
    assert (await book(slot)).status == 201
    again = await book(slot)
    assert (again.status, again.code) == (409, "already_booked")
    second = await make_slot(hall, starts_at=tomorrow_at(14))
    assert (await book(second)).status == 201
    third = await make_slot(hall, starts_at=tomorrow_at(10) + timedelta(days=1))
    refused = await book(third)
    assert (refused.status, refused.code) == (409, "too_many_active")


async def test_the_last_seat_is_refused_to_the_next(book: Book, hall: Hall) -> None:
    last = await make_slot(hall, capacity=1)
    await booking.book(seat(last, await make_person()))
    refused = await book(last)
    assert (refused.status, refused.code) == (409, "slot_full")
    assert "其他时段" in refused.body["detail"]


async def test_a_banned_person_is_told_the_way_out(
    book: Book, client: Client, slot: Slot, token: str
) -> None:
    me = UUID((await client.get("/api/v1/me", token=token)).body["id"])
    await Standing.create(subject_id=me, active=0, banned_until=clock.now() + timedelta(days=1))
    refused = await book(slot)
    assert (refused.status, refused.code) == (409, "banned")
    assert "申诉" in refused.body["detail"]


async def test_an_enterprise_one_does_not_act_for_is_not_found(book: Book, slot: Slot) -> None:
    stranger = await Enterprise.create(id=uuid7(), uscc_sealed="-", uscc_hash=b"-", name="他人的公司")
    refused = await book(slot, enterprise_id=str(stranger.id))
    assert (refused.status, refused.code) == (404, "enterprise_not_bound")
    for_oneself = await book(slot, enterprise_id=None)
    assert for_oneself.body["enterprise_id"] is None


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"slot_id": "一"}, "slot_id", "应为整数"),
        ({"slot_id": 1.5}, "slot_id", "应为整数"),
        ({"slot_id": True}, "slot_id", "应为整数"),
        ({"slot_id": None}, "slot_id", "不能为空"),
        ({"slot_id": 0}, "slot_id", "编号格式不正确"),
        ({"slot_id": -1}, "slot_id", "编号格式不正确"),
        ({"slot_id": 2**63}, "slot_id", "编号格式不正确"),
        ({"slot_id": 10**40}, "slot_id", None),
        ({"business": ""}, "business", "格式不正确"),
        ({"business": "发票"}, "business", "格式不正确"),
        ({"business": "INVOICE\x00"}, "business", "格式不正确"),
        ({"business": 7}, "business", "应为文字"),
        ({"items": "领用发票"}, "items", "应为列表"),
        ({"items": ["票"] * 11}, "items", "最多 10 项"),
        ({"items": ["票" * 61]}, "items.0", "长度应在 1 到 60 之间"),
        ({"items": ["一", ""]}, "items.1", "长度应在 1 到 60 之间"),
        ({"items": ["a\x00b"]}, "items.0", "含有不能使用的字符"),
        ({"items": ["a\nb"]}, "items.0", "含有不能使用的字符"),
        ({"items": [{"a": 1}]}, "items.0", "应为文字"),
        ({"enterprise_id": "mine"}, "enterprise_id", "编号格式不正确"),
        ({"hold_id": 5}, "hold_id", "编号格式不正确"),
        ({"seat": 4}, "seat", "不认识的字段"),
        ({"person_id": str(uuid7())}, "person_id", "不认识的字段"),
    ],
)
async def test_every_bad_field_is_named_in_chinese_and_nothing_is_written(
    book: Book, slot: Slot, values: dict[str, Any], field: str, reason: str | None
) -> None:
    answer = await book(slot, **values)
    assert (answer.status, answer.code) == (422, "invalid_input")
    assert list(answer.body["fields"]) == [field]
    (told,) = answer.body["fields"][field]
    assert told == (reason or told)
    assert not told.isascii()
    assert await Appointment.all().count() == 0


async def test_all_bad_fields_are_told_at_once(client: Client, token: str, hall: Hall) -> None:
    answer = await client.post("/api/v1/appointments", token=token, json={"items": 1, "x": 1})
    assert answer.body["fields"] == {
        "slot_id": ["必填"],
        "business": ["必填"],
        "items": ["应为列表"],
        "x": ["不认识的字段"],
    }
