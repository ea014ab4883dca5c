"""Codes to scan and links into the mini-program: made, shown, scanned, within the platform's limits."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from app.kit import clock
from app.sandbox.running import Running

CREATE, _UNLIMITED = "/cgi-bin/qrcode/create", "/wxa/getwxacodeunlimit"
_PNG = b"\x89PNG\r\n\x1a\n"


def _asked(scene: str = "hall-7", **changes: Any) -> dict[str, Any]:
    info = {"scene": {"scene_str": scene}}
    return {"expire_seconds": 60, "action_name": "QR_STR_SCENE", "action_info": info, **changes}


async def _picture(platform: Running, path: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(platform.url + path) as answer:
        return answer.status, await answer.read()


async def test_a_scene_code_is_made_shown_and_scanned(talk: Any, platform: Running, ours: Any) -> None:
    made = await talk.call(CREATE, _asked())
    assert made["expire_seconds"] == 60
    (listed,) = (await talk.ask("GET", "/_sandbox/codes"))["items"]
    assert (listed["kind"], listed["scene"], listed["ticket"]) == ("scene", "hall-7", made["ticket"])
    status, picture = await _picture(platform, listed["image"])
    assert (status, picture[:8]) == (200, _PNG)
    assert (await _picture(platform, "/cgi-bin/showqrcode?ticket=none"))[0] == 404
    answer = await talk.tap("scan", ticket=made["ticket"])
    assert answer["person"]["following"] is True
    answer = await talk.tap("scan", ticket=made["ticket"])
    assert answer["push"]["what"] == "SCAN"
    assert len(ours.got) == 2


async def test_a_temporary_code_ends_and_a_lasting_one_does_not(talk: Any) -> None:
    start = clock.now()
    with clock.frozen(start):
        temporary = await talk.call(CREATE, _asked())
        lasting = await talk.call(CREATE, _asked("poster", action_name="QR_LIMIT_STR_SCENE"))
    assert "expire_seconds" not in lasting
    with clock.frozen(start + timedelta(seconds=61)):
        (left,) = (await talk.ask("GET", "/_sandbox/codes"))["items"]
        assert left["ticket"] == lasting["ticket"]
        wish = {"person": "zhang", "kind": "scan", "ticket": temporary["ticket"]}
        assert (await talk.ask("POST", "/_sandbox/tap", json=wish, expect=400))["detail"]
        again = await talk.call(CREATE, _asked("poster", action_name="QR_LIMIT_STR_SCENE"))
    assert again["ticket"] == lasting["ticket"]


async def test_a_number_is_a_scene_too(talk: Any, ours: Any) -> None:
    body = _asked(action_name="QR_SCENE", action_info={"scene": {"scene_id": 123}})
    made = await talk.call(CREATE, body)
    (listed,) = (await talk.ask("GET", "/_sandbox/codes"))["items"]
    assert (listed["scene"], listed["ticket"]) == ("123", made["ticket"])


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"action_name": "QR"}, 40052),
        ({"action_info": {}}, 40053),
        ({"action_info": {"scene": {"scene_str": ""}}}, 40053),
        ({"action_info": {"scene": {"scene_str": "x" * 65}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100001}}}, 40053),
        ({"expire_seconds": 2592001}, 40097),
    ],
)
async def test_a_wrong_scene_code_is_refused(talk: Any, changes: dict[str, Any], errcode: int) -> None:
    assert (await talk.call(CREATE, _asked(**changes)))["errcode"] == errcode


async def _code(talk: Any, platform: Running, call: str = _UNLIMITED, **body: Any) -> tuple[str, bytes]:
    token = (await talk.token("mp"))["access_token"]
    address = f"{platform.url}{call}?access_token={token}"
    async with aiohttp.ClientSession() as session, session.post(address, json=body) as answer:
        return answer.content_type, await answer.read()


async def test_a_code_of_the_mini_program_is_a_picture_and_listed(talk: Any, platform: Running) -> None:
    kind, picture = await _code(talk, platform, scene="Ab3-_.~", page="pages/check-in/index", width=280)
    assert (kind, picture[:8]) == ("image/png", _PNG)
    (listed,) = (await talk.ask("GET", "/_sandbox/codes"))["items"]
    assert (listed["kind"], listed["page"], listed["scene"]) == (
        "mini_program",
        "pages/check-in/index",
        "Ab3-_.~",
    )
    status, shown = await _picture(platform, listed["image"])
    assert (status, shown[:8]) == (200, _PNG)
    kind, _ = await _code(talk, platform, "/wxa/getwxacode", path="pages/booking/index?hall=1")
    assert kind == "image/png"
    newest = (await talk.ask("GET", "/_sandbox/codes"))["items"][0]
    assert (newest["page"], newest["scene"]) == ("pages/booking/index", "hall=1")


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"scene": ""}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "a b"}, 40129),
        ({"scene": "预约"}, 40129),
        ({"page": "/pages/index/index"}, 41030),
        ({"page": "pages/index/index?a=1"}, 41030),
        ({"page": "pages/unknown"}, 41030),
        ({"width": 279}, 40097),
        ({"width": 1281}, 40097),
        ({"env_version": "beta"}, 40097),
    ],
)
async def test_a_wrong_code_of_the_mini_program_is_refused(
    talk: Any, changes: dict[str, Any], errcode: int
) -> None:
    body = {"scene": "Ab3", "page": "pages/index/index", **changes}
    assert (await talk.call(_UNLIMITED, body, "mp"))["errcode"] == errcode


async def test_an_unreleased_page_is_allowed_without_the_check(talk: Any, platform: Running) -> None:
    kind, _ = await _code(talk, platform, scene="Ab3", page="pages/unknown", check_path=False)
    assert kind == "image/png"


async def test_a_minute_of_codes_is_used_up_with_the_code_of_a_day(talk: Any) -> None:
    await talk.ask("PUT", "/_sandbox/quotas", json={"path": _UNLIMITED, "per_minute": 0})
    assert (await talk.call(_UNLIMITED, {"scene": "Ab3"}, "mp"))["errcode"] == 45009


@pytest.mark.parametrize(("path", "wrap"), [("/wxa/generate_urllink", False), ("/wxa/generatescheme", True)])
@pytest.mark.parametrize(
    ("changes", "expiry", "errcode"),
    [
        ({}, {"expire_type": 1, "expire_interval": 30}, 0),
        ({}, {"expire_type": 1, "expire_interval": 31}, 85401),
        ({}, {"expire_time": 1}, 85401),
        ({"path": "pages/unknown"}, {}, 40165),
        ({"path": "pages/unknown", "env_version": "trial"}, {}, 0),
        ({"query": "x" * 1025}, {}, 40212),
        ({"env_version": "beta"}, {}, 85402),
    ],
)
async def test_links_into_the_mini_program(
    talk: Any, path: str, wrap: bool, changes: dict[str, Any], expiry: dict[str, int], errcode: int
) -> None:
    inside = {"path": "pages/index/index", "query": "a=1", **changes}
    body = {"jump_wxa": inside, **expiry} if wrap else {**inside, **expiry}
    answer = await talk.call(path, body, "mp")
    assert answer["errcode"] == errcode
    assert errcode or answer.get("url_link", answer.get("openlink"))
