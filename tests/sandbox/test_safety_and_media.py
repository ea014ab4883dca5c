"""Texts looked at by WeChat, and files kept for three days."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import openid_of

_CHECK = "/wxa/msg_sec_check"


def _asked(options: Options, content: str) -> dict[str, Any]:
    openid = openid_of(options.mp.appid, "zhang")
    return {"version": 2, "openid": openid, "scene": 2, "content": content}


@pytest.mark.parametrize(
    ("content", "suggest", "label"),
    [("您好", "pass", 100), ("有违禁内容", "risky", 20006), ("有可疑内容", "review", 21000)],
)
async def test_errcode_zero_does_not_mean_clean(
    talk: Any, options: Options, content: str, suggest: str, label: int
) -> None:
    await talk.login("sandbox-zhang")
    answer = await talk.call(_CHECK, _asked(options, content), "mp")
    assert answer["errcode"] == 0
    assert answer["result"] == {"suggest": suggest, "label": label}
    assert answer["trace_id"]


async def test_only_people_who_were_here_within_two_hours_are_checked(talk: Any, options: Options) -> None:
    start = clock.now()
    with clock.frozen(start):
        await talk.login("sandbox-zhang")
    with clock.frozen(start + timedelta(hours=2, seconds=1)):
        assert (await talk.call(_CHECK, _asked(options, "您好"), "mp"))["errcode"] == 61010


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"version": 1}, 40097),
        ({"scene": 5}, 40097),
        ({"content": ""}, 44004),
        ({"content": "长" * 2501}, 45002),
        ({"openid": "o-nobody"}, 40003),
        ({"title": None}, 47001),
        ({"signature": "x"}, 40097),
    ],
)
async def test_a_wrong_question_is_refused(
    talk: Any, options: Options, changes: dict[str, Any], errcode: int
) -> None:
    await talk.login("sandbox-zhang")
    assert (await talk.call(_CHECK, _asked(options, "您好") | changes, "mp"))["errcode"] == errcode


async def test_a_file_is_kept_three_days(talk: Any, platform: Running) -> None:
    start = clock.now()
    with clock.frozen(start):
        uploaded = await talk.upload()
        assert (uploaded["type"], uploaded["created_at"]) == ("image", int(start.timestamp()))
        token = (await talk.token())["access_token"]
        address = f"{platform.url}/cgi-bin/media/get?access_token={token}&media_id={uploaded['media_id']}"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            assert answer.content_type == "image/png"
            assert (await answer.read()).startswith(b"\x89PNG")
    with clock.frozen(start + timedelta(days=3, seconds=1)):
        answer = await talk.call("/cgi-bin/media/get", media_id=uploaded["media_id"])
        assert answer["errcode"] == 40007
    assert (await talk.call("/cgi-bin/media/get"))["errcode"] == 41006
    foreign = await talk.call("/cgi-bin/media/get", account="mp", media_id=uploaded["media_id"])
    assert foreign["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("dance", b"\x89PNG\r\n\x1a\n", 40004),
        ("image", b"plain text", 40005),
        ("thumb", b"\x89PNG\r\n\x1a\n", 40005),
        ("thumb", b"\xff\xd8\xff" + bytes(64 * 1024), 40006),
        ("voice", b"#!AMR" + bytes(2 * 1024 * 1024), 40006),
        ("image", b"", 41005),
    ],
)
async def test_a_wrong_file_is_refused(talk: Any, kind: str, content: bytes, errcode: int) -> None:
    assert (await talk.upload(kind, content))["errcode"] == errcode
