"""The phone page: no foreign request, no inline script, and a way to our own API."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.sandbox import phone
from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import Templates

_STATIC = Path(phone.__file__).parent / "static"
_FILES = ("/", *(f"/static/{file.name}" for file in sorted(_STATIC.iterdir())))


async def _text(url: str) -> tuple[str, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        return await answer.text(), answer.headers["Content-Security-Policy"]


async def test_every_file_comes_from_here_under_a_strict_policy(platform: Running, ours: Any) -> None:
    for path in _FILES:
        text, policy = await _text(platform.url + path)
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert f"frame-src 'self' {ours.url};" in policy
        assert not re.search(r"(src|href|from|url)\s*[=(]?\s*[\"']?(https?:)?//", text)
        assert "innerHTML" not in text


async def test_the_page_has_no_inline_script_or_style(platform: Running) -> None:
    page, _ = await _text(platform.url + "/")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
    assert 'lang="zh-CN"' in page


async def test_the_page_is_told_the_accounts_and_our_server(
    platform: Running, options: Options, ours: Any
) -> None:
    page, _ = await _text(platform.url + "/")
    assert f'data-server="{ours.url}"' in page
    assert f'data-account="{options.oa.appid}"' in page
    assert f'data-program="{options.mp.appid}"' in page


async def test_the_page_goes_under_the_host_name_of_our_server(platform: Running) -> None:
    port = platform.url.rpartition(":")[2]
    headers = {"Host": f"localhost:{port}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{platform.url}/", allow_redirects=False) as answer,
    ):
        assert answer.status == 302
        assert answer.headers["Location"] == f"{platform.url}/"


@pytest.mark.parametrize("path", ["/static/none.js", "/static/..%2Fserver.py", "/static/server.py"])
async def test_only_the_page_s_own_files_are_served(platform: Running, path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(platform.url + path) as answer:
        assert answer.status in (400, 404)


async def test_calls_of_the_page_are_carried_to_our_server_and_back(talk: Any, ours: Any) -> None:
    ours.answers = [(409, b'{"detail": "full"}')]
    path = "/_app/api/v1/appointments?a=1&b=%E5%BC%A0"
    answer = await talk.ask(
        "POST", path, json={"slot_id": 1}, expect=409, headers={"Authorization": "Bearer t"}
    )
    assert answer == {"detail": "full"}
    assert ours.got == [("/api/v1/appointments", {"a": "1", "b": "张"}, b'{"slot_id": 1}')]


@pytest.mark.parametrize("callback", [None, "http://127.0.0.1:9"])
async def test_a_missing_server_is_said_in_words(
    options: Options, templates: Templates, callback: str | None
) -> None:
    async with (
        running(replace(options, callback=callback), templates) as started,
        aiohttp.ClientSession() as session,
        session.get(f"{started.url}/_app/api/v1/halls") as answer,
    ):
        assert answer.status == 502
        assert (await answer.json(content_type=None))["detail"]
