"""The control API: faults on order, counted calls, a clean start, and clear words for a wrong wish."""

import asyncio
from typing import Any

import aiohttp
import pytest

from app.sandbox.running import Running
from tests.sandbox.conftest import Ours, until

_LOGIN = "/sns/jscode2session"


async def test_an_errcode_strikes_as_often_as_ordered(talk: Any) -> None:
    await talk.ask("PUT", "/_sandbox/faults", json={"path": _LOGIN, "errcode": -1, "times": 2})
    answers = [await talk.login("sandbox-zhang") for _ in range(3)]
    assert [answer.get("errcode") for answer in answers] == [-1, -1, None]
    assert (await talk.ask("GET", "/_sandbox/faults"))["items"] == []


async def test_a_fault_without_times_stays_until_it_is_ended(talk: Any) -> None:
    await talk.ask("PUT", "/_sandbox/faults", json={"path": "/sns/*", "errcode": 45011})
    for _ in range(3):
        assert (await talk.login("sandbox-zhang"))["errcode"] == 45011
    await talk.ask("PUT", "/_sandbox/faults", json={"path": "/sns/*", "times": 0})
    assert "openid" in await talk.login("sandbox-zhang")


async def test_a_status_and_a_rate_strike(talk: Any, platform: Running) -> None:
    await talk.ask("PUT", "/_sandbox/faults", json={"path": _LOGIN, "status": 503, "rate": 1})
    async with aiohttp.ClientSession() as session, session.get(platform.url + _LOGIN) as answer:
        assert answer.status == 503
    await talk.ask("PUT", "/_sandbox/faults", json={"path": _LOGIN, "status": 503, "rate": 0})
    assert "openid" in await talk.login("sandbox-zhang")


async def test_a_delay_comes_after_the_effect(talk: Any, platform: Running) -> None:
    await talk.ask("PUT", "/_sandbox/faults", json={"path": _LOGIN, "delay_s": 0.2})
    started = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(talk.login("sandbox-zhang"))
    await asyncio.sleep(0.1)
    assert "zhang" in platform.sandbox.world.people
    assert "openid" in await waiting
    assert asyncio.get_running_loop().time() - started >= 0.2


@pytest.mark.parametrize(("drop", "has_effect"), [(True, False), ("before", False), ("after", True)])
async def test_a_dropped_line_has_its_effect_or_not(
    talk: Any, platform: Running, drop: object, has_effect: bool
) -> None:
    await talk.ask("PUT", "/_sandbox/faults", json={"path": _LOGIN, "drop": drop})
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await talk.login("sandbox-zhang")
    assert ("zhang" in platform.sandbox.world.people) is has_effect


async def test_calls_are_counted_by_path(talk: Any) -> None:
    for _ in range(3):
        await talk.login("sandbox-zhang")
    await talk.token()
    assert await talk.ask("GET", "/_sandbox/calls") == {_LOGIN: 3, "/cgi-bin/stable_token": 1}


async def test_reset_empties_phones_and_faults_and_keeps_followers(talk: Any) -> None:
    await talk.login("sandbox-zhang")
    await talk.tap("unfollow", "li")
    await talk.tap("accept", template_ids=["S-BOOKED"])
    await talk.template()
    await talk.ask("PUT", "/_sandbox/faults", json={"path": "*", "errcode": -1})
    await talk.ask("POST", "/_sandbox/reset")
    assert await talk.messages() == []
    assert await talk.ask("GET", "/_sandbox/calls") == {}
    assert (await talk.template())["errcode"] == 0
    assert (await talk.subscribe())["errcode"] == 43101
    people = {person["person"]: person for person in (await talk.ask("GET", "/_sandbox/persons"))["items"]}
    assert people["zhang"]["following"] is True
    assert people["li"]["following"] is None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "faults", {"path": _LOGIN}),
        ("PUT", "faults", {"errcode": 1}),
        ("PUT", "faults", {"path": _LOGIN, "errcode": "x"}),
        ("PUT", "faults", {"path": _LOGIN, "drop": "never"}),
        ("PUT", "faults", {"path": _LOGIN, "rate": 2, "errcode": 1}),
        ("PUT", "faults", {"path": _LOGIN, "errcode": 1, "colour": "red"}),
        ("PUT", "faults", {"path": _LOGIN, "twice": True}),
        ("PUT", "faults", {"path": "push:subscribe", "errcode": 1}),
        ("PUT", "quotas", {"path": _LOGIN, "per_day": -1}),
        ("POST", "tap", {"person": "zhang"}),
        ("POST", "tap", {"person": "张", "kind": "follow"}),
        ("POST", "tap", {"person": "zhang", "kind": "dance"}),
        ("POST", "tap", {"person": "zhang", "kind": "accept"}),
        ("POST", "tap", {"person": "zhang", "kind": "accept", "template_ids": ["T-BOOKED"]}),
        ("POST", "code", {"person": "zhang", "purpose": "pay"}),
        ("POST", "persons", []),
        ("POST", "people", {"prefix": "crowd", "count": 1, "consents": 5}),
        ("POST", "people", {"prefix": "crowd", "count": 1, "consents": [5]}),
    ],
)
async def test_a_wish_it_cannot_understand_is_answered_with_words(
    talk: Any, method: str, path: str, body: object
) -> None:
    answer = await talk.ask(method, f"/_sandbox/{path}", json=body, expect=400)
    assert answer["detail"]


async def test_nobody_s_phone_is_empty(talk: Any) -> None:
    assert await talk.messages("nobody") == []


async def test_a_push_can_be_lost_late_or_doubled(talk: Any, ours: Ours) -> None:
    await talk.tap("follow")
    ours.got.clear()
    path = "push:TEMPLATESENDJOBFINISH"
    await talk.ask("PUT", "/_sandbox/faults", json={"path": path, "drop": True, "times": 1})
    await talk.template()
    await talk.ask("PUT", "/_sandbox/faults", json={"path": path, "twice": True, "times": 1})
    await talk.template()
    await until(lambda: len(ours.got) == 2)
    await talk.ask("PUT", "/_sandbox/faults", json={"path": path, "delay_s": 0.2, "times": 1})
    await talk.template()
    await asyncio.sleep(0.05)
    assert len(ours.got) == 2
    await until(lambda: len(ours.got) == 3)
    (lost, *_) = [one for one in (await talk.ask("GET", "/_sandbox/pushes"))["items"] if one["attempts"] == 0]
    assert lost["error"] == "lost on order"


async def test_a_fault_of_every_path_leaves_pushes_alone(talk: Any, ours: Ours) -> None:
    await talk.tap("follow")
    ours.got.clear()
    await talk.template()
    await talk.ask("PUT", "/_sandbox/faults", json={"path": "*", "drop": True})
    await talk.tap("text", text="在吗")
    await until(lambda: len(ours.got) == 2)


async def test_every_accepted_client_msg_id_is_counted(talk: Any) -> None:
    await talk.tap("follow")
    for client_msg_id in ("a", "a", "b"):
        await talk.template(client_msg_id=client_msg_id)
    assert await talk.ask("GET", "/_sandbox/accepted") == {"items": {"a": 1, "b": 1}, "total": 2}
    await talk.ask("POST", "/_sandbox/reset")
    assert (await talk.ask("GET", "/_sandbox/accepted"))["total"] == 0
