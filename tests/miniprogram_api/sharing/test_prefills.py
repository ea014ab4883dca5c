"""Prefills over HTTP: consent, what is found, the person's word, and what it looks like."""

from collections.abc import Iterator

import pytest

from app.domain.accounts import proofing, sessions
from app.gateways import exchange
from tests.client import Client
from tests.factories.accounts import id_number
from tests.factories.sharing import Libraries

PREFILLS = "/api/v1/me/prefills"
ASKED = {"library": "population", "occasion": "application"}


@pytest.fixture(autouse=True)
def libraries() -> Iterator[Libraries]:
    """They know everybody as 张三."""
    made = Libraries()
    exchange.use_libraries(made)
    yield made
    exchange.use_libraries(None)


async def known(client: Client, name: str = "zhang") -> str:
    """The token of somebody whose name is proved."""
    token = await client.log_in(name)
    await proofing.prove_real_name(await sessions.citizen_of(token), "张三", id_number())
    return token


async def agree(client: Client, token: str) -> None:
    said = {"purpose": "data_sharing", "text_version": "1", "granted": True}
    answer = await client.post("/api/v1/me/consents", token=token, json=said)
    assert answer.status in (200, 201), answer.body


async def test_one_consents_reads_and_confirms(client: Client) -> None:
    token = await known(client)
    refused = await client.post(PREFILLS, token=token, json=ASKED)
    assert (refused.status, refused.code) == (403, "share_consent_required")
    assert "data_sharing" in refused.body["detail"]
    await agree(client, token)
    answer = await client.post(PREFILLS, token=token, json=ASKED)
    assert answer.status == 201, answer.body
    told = answer.body
    assert (told["state"], told["state_text"], told["department"]) == ("prefilled", "待您确认", "公安机关")
    facts = {one["label"]: one["value"] for one in told["records"][0]["facts"]}
    assert facts == {"名称或姓名": "张三", "性别": "男", "住址": "天河区某街 1 号"}
    confirmed = await client.post(f"{PREFILLS}/{told['id']}/confirm", token=token)
    assert (confirmed.status, confirmed.body["state"]) == (200, "confirmed")
    states = [one["state"] for one in (await client.get(PREFILLS, token=token)).body["items"]]
    assert states == ["confirmed", "requested"]


async def test_one_objects_and_sees_who_answers_by_when(client: Client) -> None:
    token = await known(client)
    await agree(client, token)
    told = (await client.post(PREFILLS, token=token, json=ASKED)).body
    path = f"{PREFILLS}/{told['id']}/correct"
    same = {"corrections": [{"field": "name", "value": "张三"}], "reason": "不对"}
    refused = await client.post(path, token=token, json=same)
    assert (refused.status, refused.code) == (422, "share_objection_invalid")
    said = {"corrections": [{"field": "residence", "value": "新街 2 号"}], "reason": "已搬家"}
    answer = await client.post(path, token=token, json=said)
    assert (answer.status, answer.body["state"]) == (200, "corrected")
    objection = answer.body["objection"]
    assert (objection["department"], objection["state"]) == ("公安机关", "open")
    assert (await client.post(path, token=token, json=said)).code == "share_request_not_open"
    shown = await client.get(f"{PREFILLS}/{told['id']}", token=token)
    assert shown.body["objection"] == objection


async def test_anothers_prefill_and_none_at_all_are_one_answer(client: Client) -> None:
    token = await known(client)
    await agree(client, token)
    told = (await client.post(PREFILLS, token=token, json=ASKED)).body
    stranger = await known(client, "li")
    theirs = await client.get(f"{PREFILLS}/{told['id']}", token=stranger)
    nobodys = await client.get(f"{PREFILLS}/{told['id'][:-4]}0000", token=stranger)
    assert (theirs.status, theirs.code) == (nobodys.status, nobodys.code) == (404, "share_request_not_found")
    assert "张三" not in str((await client.get(PREFILLS, token=stranger)).body)


async def test_where_nothing_is_found_one_learns_what_to_bring(client: Client, libraries: Libraries) -> None:
    token = await known(client)
    await agree(client, token)
    libraries.told = ()
    told = (await client.post(PREFILLS, token=token, json=ASKED)).body
    assert (told["state"], told["records"]) == ("miss", [])
    assert "居民身份证" in told["advice"]
    libraries.down = exchange.ExchangeDown()
    answer = await client.post(PREFILLS, token=token, json={**ASKED, "occasion": "supplement"})
    assert (answer.status, answer.body["state"]) == (201, "error")
