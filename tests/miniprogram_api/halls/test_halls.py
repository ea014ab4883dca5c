"""Halls and regions over HTTP."""

import pytest

from tests.client import Client
from tests.factories.halls import demo_halls


async def test_region_tree_is_walked_level_by_level(client: Client) -> None:
    await demo_halls()

    provinces = await client.get("/api/v1/regions")
    cities = await client.get("/api/v1/regions?parent=44")

    assert [one["name"] for one in provinces.body["items"]] == ["广东省"]
    assert [one["name"] for one in cities.body["items"]] == ["广州市", "深圳市", "佛山市"]
    assert cities.body["items"][0] == {
        "code": "4401", "name": "广州市", "level": 2, "is_government": True, "has_children": True,
    }  # fmt: skip


async def test_unknown_region_is_not_found(client: Client) -> None:
    answer = await client.get("/api/v1/regions?parent=99")

    assert (answer.status, answer.code) == (404, "region_not_found")


async def test_halls_are_found_near_a_place_page_by_page(client: Client) -> None:
    await demo_halls()

    first = await client.get("/api/v1/halls?near=23.1064,113.3245&business=INVOICE&limit=2")
    rest = await client.get(
        f"/api/v1/halls?near=23.1064,113.3245&business=INVOICE&limit=100&cursor={first.body['next']}"
    )

    assert [one["code"] for one in first.body["items"]] == ["GZ-CITY", "GZ-TIANHE"]
    assert first.body["items"][0]["distance_m"] < first.body["items"][1]["distance_m"]
    assert rest.body["next"] is None
    assert len(rest.body["items"]) == 5
    assert {"code": "INVOICE", "name": "发票业务"} in first.body["items"][0]["businesses"]


async def test_hall_is_shown_with_region_path_hours_and_booking_rules(client: Client) -> None:
    hall = (await demo_halls())["SZ-KEJIYUAN"]

    answer = await client.get(f"/api/v1/halls/{hall.id}")

    assert answer.status == 200
    assert [one["level"] for one in answer.body["region_path"]] == [1, 2, 3, 4, 5]
    assert answer.body["booking"]["window_workdays"] == 5
    assert answer.body["booking"]["required_level"] == "wx_bound"
    assert isinstance(answer.body["is_open_now"], bool)
    assert all(span["opens_at"] in ("09:00", "13:00") for span in answer.body["hours_today"])


async def test_hall_that_is_not_there_is_not_found(client: Client) -> None:
    answer = await client.get("/api/v1/halls/999")

    assert (answer.status, answer.code) == (404, "hall_not_found")


async def test_same_answer_is_not_sent_twice(client: Client) -> None:
    await demo_halls()
    first = await client.get("/api/v1/halls?region=4403")

    again = await client.get("/api/v1/halls?region=4403", headers={"If-None-Match": first.headers["etag"]})

    assert "max-age" in first.headers["cache-control"]
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("near=here", "near"),
        ("near=91,0", "near"),
        ("near=0,181", "near"),
        ("near=nan,nan", "near"),
        ("near=23.1", "near"),
        ("near=1e1,2", "near"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("region=%E5%B9%BF%E5%B7%9E", "region"),
        ("q=%00", "q"),
        ("q=" + "a" * 61, "q"),
        ("cursor=a.b", "cursor"),
        ("page=2", "page"),
        ("limit=1&limit=2", "limit"),
    ],
)
async def test_malformed_question_names_its_field(client: Client, query: str, field: str) -> None:
    answer = await client.get(f"/api/v1/halls?{query}")

    assert answer.status == 422
    assert list(answer.body["fields"]) == [field]


async def test_foreign_cursor_is_refused(client: Client) -> None:
    answer = await client.get("/api/v1/halls?cursor=WzEsMl0")

    assert (answer.status, answer.code) == (422, "bad_cursor")
