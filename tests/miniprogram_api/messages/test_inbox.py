"""The inbox and the wishes of a citizen over HTTP."""

from uuid import UUID, uuid4

from app.domain.accounts import followers
from app.sandbox.world import openid_of
from config import settings
from tests.client import Client
from tests.factories.messages import agree_to_service, tell

APPOINTMENT = "0198a0a0-0000-7000-8000-000000000000"


async def person(name: str) -> UUID:
    appid = settings.current().mp_appid
    found = await followers.person_behind(appid, openid_of(appid, name))
    assert found is not None
    return found


async def test_a_message_is_listed_opened_and_counted(client: Client) -> None:
    token = await client.log_in("zhang")
    await tell("appointment_booked", await person("zhang"))
    listed = (await client.get("/api/v1/inbox", token=token)).body
    [item] = listed["items"]
    assert (listed["unread"], listed["next"]) == (1, None)
    assert item["title"] == "预约成功通知"
    assert "天河区办税服务厅" in item["summary"]
    assert {"label": "预约号", "value": "48210957"} in item["lines"]
    assert item["page"] == f"pages/appointments/detail?id={APPOINTMENT}"
    assert item["shown_at"] is not None
    opened = await client.post(f"/api/v1/inbox/{item['id']}/read", token=token)
    again = await client.post(f"/api/v1/inbox/{item['id']}/read", token=token)
    assert opened.body["read_at"] == again.body["read_at"] is not None
    assert (await client.get("/api/v1/inbox?unread=true", token=token)).body == {
        "items": [],
        "next": None,
        "unread": 0,
    }


async def test_pages_are_turned_by_the_cursor(client: Client) -> None:
    token = await client.log_in("zhang")
    for _ in range(3):
        await tell("appointment_booked", await person("zhang"))
    first = (await client.get("/api/v1/inbox?limit=2", token=token)).body
    second = (await client.get(f"/api/v1/inbox?limit=2&cursor={first['next']}", token=token)).body
    assert len({one["id"] for one in first["items"] + second["items"]}) == 3
    assert second["next"] is None
    answer = await client.post("/api/v1/inbox/read-all", token=token)
    assert answer.body == {"read": 3}


async def test_a_document_is_acknowledged_and_has_a_proof(client: Client) -> None:
    token = await client.log_in("zhang")
    await agree_to_service(await person("zhang"))
    await tell("document_served", await person("zhang"))
    [item] = (await client.get("/api/v1/inbox", token=token)).body["items"]
    assert item["is_statutory"] is True
    done = await client.post(f"/api/v1/inbox/{item['id']}/acknowledge", token=token)
    assert done.body["acknowledged_at"] is not None
    proof = (await client.get(f"/api/v1/inbox/{item['id']}/receipt", token=token)).body
    assert proof["served_at"] == item["arrived_at"]
    assert [one["step"] for one in proof["steps"]] == ["arrived", "shown", "read", "acknowledged"]
    assert "第五条" in proof["basis"]
    assert proof["is_intact"] is True


async def test_the_messages_of_others_are_not_found(client: Client) -> None:
    token, stranger = await client.log_in("zhang"), await client.log_in("li")
    await agree_to_service(await person("zhang"))
    await tell("document_served", await person("zhang"))
    [item] = (await client.get("/api/v1/inbox", token=token)).body["items"]
    for path, method in (("", "GET"), ("/receipt", "GET"), ("/read", "POST"), ("/acknowledge", "POST")):
        for item_id in (item["id"], uuid4()):
            answer = await client(method, f"/api/v1/inbox/{item_id}{path}", token=stranger)
            assert (answer.status, answer.code) == (404, "message_not_found")


async def test_wishes_are_set_and_told(client: Client) -> None:
    token = await client.log_in("zhang")
    wanted = {
        "items": [
            {"message": "tax_reminder", "is_muted": True},
            {"message": "appointment_cancelled_by_hall", "switched_off": ["sms", "custom"]},
        ]
    }
    answer = await client.put("/api/v1/message-preferences", token=token, json=wanted)
    kinds = {one["message"]: one for one in answer.body["items"]}
    assert kinds["tax_reminder"]["is_muted"] is True
    channels = {one["channel"]: one["is_on"] for one in kinds["appointment_cancelled_by_hall"]["channels"]}
    assert channels == {"template": True, "subscribe": True, "custom": False, "sms": False}
    assert kinds["document_served"]["may_be_muted"] is False
    assert "法定通知" in kinds["document_served"]["why_not"]
    assert (await client.get("/api/v1/message-preferences", token=token)).body == answer.body


async def test_statutory_notices_cannot_be_switched_off(client: Client) -> None:
    token = await client.log_in("zhang")
    answer = await client.put(
        "/api/v1/message-preferences",
        token=token,
        json={"items": [{"message": "document_served", "switched_off": ["sms"]}]},
    )
    assert (answer.status, answer.code) == (422, "cannot_switch_off")
    assert "不能关闭" in answer.body["fields"]["document_served"][0]


async def test_wishes_for_what_is_not_there_are_refused(client: Client) -> None:
    token = await client.log_in("zhang")
    for item in (
        {"message": "nothing"},
        {"message": "tax_reminder", "switched_off": ["sms"]},
        {"message": "tax_reminder", "switched_off": ["pigeon"]},
    ):
        answer = await client.put("/api/v1/message-preferences", token=token, json={"items": [item]})
        assert answer.status == 422
