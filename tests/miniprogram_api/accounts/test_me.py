"""The routes about oneself, over real HTTP against the WeChat sandbox."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from app.domain.accounts.models import Person, PersonStatus
from app.domain.accounts.models import Session as SessionRow
from app.gateways.exchange.demo import NAME_DOWN, NAME_MISMATCH, NAME_UNKNOWN, USCC_NO_AGENT, USCC_UNKNOWN
from app.sandbox.running import Running
from app.sandbox.world import phone_of
from tests.client import Client
from tests.factories import accounts as make

USCC = "91440101MA5DEMQ01M"


async def _known(client: Client, name: str = "zhangsan") -> str:
    token = await client.log_in(name)
    told = {"name": "张三", "id_number": make.id_number()}
    answer = await client.put("/api/v1/me/real-name", json=told, token=token)
    assert answer.status == 200, answer.body
    return token


async def _bound(client: Client, token: str) -> dict[str, Any]:
    answer = await client.post(
        "/api/v1/me/enterprises", json={"uscc": USCC, "role": "tax_agent"}, token=token
    )
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def test_a_login_answers_a_token_its_end_and_the_person(client: Client) -> None:
    answer = await client.post("/api/v1/session", json={"code": "sandbox-zhangsan"})
    assert answer.status == 200
    assert set(answer.body) == {"token", "expires_at", "person"}
    assert datetime.fromisoformat(answer.body["expires_at"]).utcoffset() is not None
    me = await client.get("/api/v1/me", token=answer.body["token"])
    assert me.body == answer.body["person"]
    assert me.body["level"] == "wx_bound"
    assert me.body["enterprises"] == []
    assert "session_key" not in str(answer.body)


@pytest.mark.parametrize("code", ["", "no-such-code", "x" * 129, "含中文", "a\x00b", None, 5])
async def test_a_bad_code_is_named_in_chinese(client: Client, code: object) -> None:
    answer = await client.post("/api/v1/session", json={"code": code})
    assert answer.status == 422
    assert set(answer.body["fields"]) == {"code"}
    assert await Person.all().count() == 0


async def test_a_code_of_the_phone_works_once(client: Client, wechat_sandbox: Running) -> None:
    async with client.session.post(f"{wechat_sandbox.url}/_sandbox/code", json={"person": "lisi"}) as given:
        code = (await given.json())["code"]
    assert (await client.post("/api/v1/session", json={"code": code})).status == 200
    again = await client.post("/api/v1/session", json={"code": code})
    assert (again.status, again.code) == (422, "wechat_code_invalid")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"errcode": 40226}, 403, "wechat_person_blocked"),
        ({"errcode": 45011}, 429, "wechat_too_often"),
        ({"errcode": -1}, 503, "wechat_down"),
        ({"status": 502}, 503, "wechat_down"),
    ],
)
async def test_what_wechat_says_is_told(
    client: Client, wechat_sandbox: Running, fault: dict[str, int], status: int, code: str
) -> None:
    await _break(client, wechat_sandbox, {"path": "/sns/jscode2session", "rate": 1, **fault})
    answer = await client.post("/api/v1/session", json={"code": "sandbox-zhangsan"})
    assert (answer.status, answer.code) == (status, code)
    assert ("retry-after" in answer.headers) is (status in (429, 503))


async def _break(client: Client, sandbox: Running, fault: dict[str, object]) -> None:
    async with client.session.put(f"{sandbox.url}/_sandbox/faults", json=fault) as done:
        assert done.status < 300, await done.text()


async def test_ten_first_logins_at_once_are_one_person(client: Client) -> None:
    tokens = await asyncio.gather(*(client.log_in("zhangsan") for _ in range(10)))
    answers = await asyncio.gather(*(client.get("/api/v1/me", token=token) for token in tokens))
    assert len({answer.body["id"] for answer in answers}) == 1


async def test_logging_out_ends_this_session_only(client: Client) -> None:
    first, second = await client.log_in("zhangsan"), await client.log_in("zhangsan")
    assert (await client.delete("/api/v1/session", token=first)).status == 204
    gone = await client.get("/api/v1/me", token=first)
    assert (gone.status, gone.code) == (401, "session_ended")
    assert (await client.get("/api/v1/me", token=second)).status == 200


async def test_a_frozen_person_is_told_where_to_go(client: Client) -> None:
    token = await client.log_in("zhangsan")
    await Person.all().update(status=PersonStatus.FROZEN)
    assert (await client.get("/api/v1/me", token=token)).status == 401
    again = await client.post("/api/v1/session", json={"code": "sandbox-zhangsan"})
    assert (again.status, again.code) == (403, "person_frozen")


async def test_a_phone_is_shown_masked(client: Client) -> None:
    token = await client.log_in("zhangsan")
    answer = await client.put("/api/v1/me/phone", json={"code": "phone-zhangsan"}, token=token)
    phone = phone_of("zhangsan")
    assert (answer.status, answer.body["phone"]) == (200, f"{phone[:3]}****{phone[-4:]}")
    assert answer.body["level"] == "phone_verified"


async def test_a_wrong_phone_code_is_named(client: Client) -> None:
    answer = await client.put(
        "/api/v1/me/phone", json={"code": "nothing"}, token=await client.log_in("zhangsan")
    )
    assert (answer.status, set(answer.body["fields"])) == (422, {"code"})


async def test_a_real_name_raises_the_level_and_is_shown_masked(client: Client) -> None:
    token, number = await client.log_in("zhangsan"), make.id_number()
    told = {"name": "欧阳小明", "id_number": number.lower()}
    answer = await client.put("/api/v1/me/real-name", json=told, token=token)
    assert (answer.status, answer.body["level"], answer.body["name"]) == (200, "realname_l1", "欧**明")
    assert answer.body["id_number"] == f"440***********{number[-4:]}"
    assert number not in str(answer.body)


@pytest.mark.parametrize(
    ("name", "number", "status", "code"),
    [
        (NAME_MISMATCH, None, 409, "real_name_mismatch"),
        (NAME_UNKNOWN, None, 409, "real_name_unknown"),
        (NAME_DOWN, None, 503, "exchange_down"),
        ("张三", "440106199003071230", 422, "id_number_invalid"),
        ("张三", "440106900307123", 422, "id_number_invalid"),
        ("3", None, 422, "name_invalid"),
    ],
)
async def test_a_real_name_not_confirmed_is_refused_in_words(
    client: Client, name: str, number: str | None, status: int, code: str
) -> None:
    told = {"name": name, "id_number": number or make.id_number()}
    answer = await client.put("/api/v1/me/real-name", json=told, token=await client.log_in("zhangsan"))
    assert (answer.status, answer.code) == (status, code)
    assert (await Person.get()).id_number_hash is None


async def test_the_same_number_twice_is_refused_with_the_way_out(client: Client) -> None:
    told = {"name": "张三", "id_number": make.id_number()}
    assert (await client.put("/api/v1/me/real-name", json=told, token=await client.log_in("a"))).status == 200
    answer = await client.put("/api/v1/me/real-name", json=told, token=await client.log_in("b"))
    assert (answer.status, answer.code) == (409, "id_number_taken")
    assert "人工窗口" in answer.body["detail"]


async def test_an_enterprise_is_bound_chosen_and_left(client: Client) -> None:
    token = await _known(client)
    bound = await _bound(client, token)
    assert bound["name"] == "广州珠江晨光贸易有限公司"
    chosen = await client.put(
        "/api/v1/session/identity", json={"enterprise_id": bound["enterprise_id"]}, token=token
    )
    assert chosen.body["enterprise_id"] == bound["enterprise_id"]
    assert (await client.get("/api/v1/me", token=token)).body["enterprises"] == [bound]
    path = f"/api/v1/me/enterprises/{bound['binding_id']}"
    assert (await client.delete(path, token=token)).status == 204
    assert (await client.delete(path, token=token)).status == 404
    me = await client.get("/api/v1/me", token=token)
    assert (me.body["enterprise_id"], me.body["enterprises"]) == (None, [])


async def test_one_goes_back_to_oneself(client: Client) -> None:
    token = await _known(client)
    bound = await _bound(client, token)
    for chosen in (bound["enterprise_id"], None):
        await client.put("/api/v1/session/identity", json={"enterprise_id": chosen}, token=token)
        assert (await client.get("/api/v1/me", token=token)).body["enterprise_id"] == chosen


async def test_a_binding_of_another_is_not_found(client: Client) -> None:
    bound = await _bound(client, await _known(client))
    stranger = await client.log_in("lisi")
    deleted = await client.delete(f"/api/v1/me/enterprises/{bound['binding_id']}", token=stranger)
    chosen = {"enterprise_id": bound["enterprise_id"]}
    switched = await client.put("/api/v1/session/identity", json=chosen, token=stranger)
    assert (deleted.status, switched.status) == (404, 404)


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"uscc": USCC_NO_AGENT, "role": "tax_agent"}, 409, "agent_mismatch"),
        ({"uscc": USCC_UNKNOWN, "role": "tax_agent"}, 409, "enterprise_unknown"),
        ({"uscc": "91440101MA5DEMQ01N", "role": "tax_agent"}, 422, "uscc_invalid"),
        ({"uscc": USCC, "role": "boss"}, 422, "invalid_input"),
        ({"uscc": USCC}, 422, "invalid_input"),
        ({"uscc": USCC, "role": "tax_agent", "extra": 1}, 422, "invalid_input"),
    ],
)
async def test_what_cannot_be_bound_is_refused_in_words(
    client: Client, told: dict[str, object], status: int, code: str
) -> None:
    answer = await client.post("/api/v1/me/enterprises", json=told, token=await _known(client))
    assert (answer.status, answer.code) == (status, code)


async def test_an_unknown_person_binds_nothing(client: Client) -> None:
    told = {"uscc": USCC, "role": "tax_agent"}
    answer = await client.post("/api/v1/me/enterprises", json=told, token=await client.log_in("zhangsan"))
    assert (answer.status, answer.code) == (403, "real_name_required")


async def test_consents_are_shown_answered_and_withdrawn(client: Client) -> None:
    token = await client.log_in("zhangsan")
    page = await client.get("/api/v1/me/consents", token=token)
    assert {one["granted"] for one in page.body["items"]} == {None}
    for granted in (True, False):
        told = {"purpose": "location", "granted": granted, "text_version": "1"}
        answer = await client.post("/api/v1/me/consents", json=told, token=token)
        assert (answer.status, answer.body["granted"]) == (201, granted)
    page = await client.get("/api/v1/me/consents", token=token)
    assert [one["granted"] for one in page.body["items"] if one["purpose"] == "location"] == [False]


@pytest.mark.parametrize(
    "told",
    [
        {"purpose": "everything", "granted": True, "text_version": "1"},
        {"purpose": "location", "granted": True, "text_version": "999"},
        {"purpose": "location", "granted": "yes", "text_version": "1"},
    ],
)
async def test_a_consent_to_unknown_words_is_refused(client: Client, told: dict[str, object]) -> None:
    answer = await client.post("/api/v1/me/consents", json=told, token=await client.log_in("zhangsan"))
    assert answer.status == 422


async def test_one_takes_one_s_data_along(client: Client) -> None:
    token = await _known(client)
    await _bound(client, token)
    answer = await client.get("/api/v1/me/export", token=token)
    assert answer.status == 200
    assert answer.body["sections"]["person"]["name"] == "张三"
    assert answer.body["sections"]["enterprises"][0]["uscc"] == USCC
    assert set(answer.body["sections"]) >= {"person", "wechat_identities", "sessions", "consents", "bookings"}


async def test_one_leaves_and_comes_back_as_somebody_new(client: Client) -> None:
    token = await _known(client)
    before = (await client.get("/api/v1/me", token=token)).body["id"]
    assert (await client.delete("/api/v1/me", token=token)).status == 204
    assert (await client.get("/api/v1/me", token=token)).status == 401
    assert await SessionRow.filter(revoked_at=None).count() == 0
    after = await client.get("/api/v1/me", token=await client.log_in("zhangsan"))
    assert after.body["id"] != before
    assert after.body["level"] == "wx_bound"
