"""Tickets, quotas, refusals looked up, allowed addresses, session keys, and rubbish as an answer."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import Templates
from app.sandbox.world import openid_of

_TICKET, _QUOTA = "/cgi-bin/ticket/getticket", "/cgi-bin/openapi/quota/get"
_CLEAR = "/cgi-bin/clear_quota"


async def test_a_ticket_stays_until_its_last_five_minutes(talk: Any) -> None:
    start = clock.now()
    with clock.frozen(start):
        first = await talk.call(_TICKET, type="jsapi")
        assert (first["errcode"], first["expires_in"]) == (0, 7200)
        assert (await talk.call(_TICKET, type="wx_card"))["ticket"] != first["ticket"]
    with clock.frozen(start + timedelta(seconds=6000)):
        assert (await talk.call(_TICKET, type="jsapi"))["ticket"] == first["ticket"]
    with clock.frozen(start + timedelta(seconds=6901)):
        assert (await talk.call(_TICKET, type="jsapi"))["ticket"] != first["ticket"]
    assert (await talk.call(_TICKET, type="dance"))["errcode"] == 40097
    assert (await talk.call(_TICKET, account="mp", type="jsapi"))["errcode"] == 48001


async def test_a_quota_is_told_and_begun_anew_ten_times_a_month(talk: Any, options: Options) -> None:
    start = clock.now().replace(day=3, hour=8)
    with clock.frozen(start):
        await talk.tap("follow")
        await talk.template()
        asked = {"cgi_path": "/cgi-bin/message/template/send"}
        quota = (await talk.call(_QUOTA, asked))["quota"]
        assert quota == {"daily_limit": 100_000, "used": 1, "remain": 99_999}
        codes = [(await talk.call(_CLEAR, {"appid": options.oa.appid}))["errcode"] for _ in range(11)]
        assert codes == [0] * 10 + [48006]
        assert (await talk.call(_QUOTA, asked))["quota"]["used"] == 0
        assert (await talk.call(_CLEAR, {"appid": options.mp.appid}))["errcode"] == 40013
    with clock.frozen(start + timedelta(days=31)):
        assert (await talk.call(_CLEAR, {"appid": options.oa.appid}))["errcode"] == 0
    assert (await talk.call(_QUOTA, {"cgi_path": "/no/such/path"}))["errcode"] == 76021


async def test_every_path_can_be_limited_by_day_and_minute(talk: Any) -> None:
    path = "/cgi-bin/tags/get"
    for limit, errcode in (({"per_day": 1}, 45009), ({"per_minute": 1}, 45011)):
        await talk.ask("POST", "/_sandbox/reset")
        await talk.ask("PUT", "/_sandbox/quotas", json={"path": path, **limit})
        assert "tags" in await talk.call(path)
        assert (await talk.call(path))["errcode"] == errcode


async def test_a_refusal_is_found_again_by_its_rid(talk: Any) -> None:
    refusal = await talk.call("/cgi-bin/user/info", openid="o-nobody")
    rid = refusal["errmsg"].rpartition("rid: ")[2]
    told = (await talk.call("/cgi-bin/openapi/rid/get", {"rid": rid}))["request"]
    assert "40003" in told["response_body"]
    assert "access_token=***" in told["request_url"]
    assert (await talk.call("/cgi-bin/openapi/rid/get", {"rid": rid}, "mp"))["errcode"] == 76003
    assert (await talk.call("/cgi-bin/openapi/rid/get", {"rid": "none"}))["errcode"] == 76001


async def test_a_session_key_is_checked_by_its_signature(talk: Any, options: Options) -> None:
    session = await talk.login("sandbox-zhang")

    async def checked(key: str) -> int:
        signature = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
        asked = {"openid": session["openid"], "signature": signature, "sig_method": "hmac_sha256"}
        return int((await talk.call("/wxa/checksession", account="mp", **asked))["errcode"])

    assert await checked(session["session_key"]) == 0
    await talk.login("sandbox-zhang")
    assert await checked(session["session_key"]) == 87009


@pytest.fixture
async def walled(options: Options, templates: Templates) -> AsyncIterator[Running]:
    async with running(replace(options, allowed_ips=frozenset({"10.0.0.1"})), templates) as started:
        yield started


async def test_a_token_is_only_given_to_allowed_addresses(walled: Running, options: Options) -> None:
    asked = {"grant_type": "client_credential", "appid": options.oa.appid, "secret": options.oa.secret}
    async with (
        aiohttp.ClientSession(walled.url) as session,
        session.get("/cgi-bin/token", params=asked) as answer,
    ):
        assert (await answer.json(content_type=None))["errcode"] == 40164


async def _raw(platform: Running, path: str) -> tuple[str, bytes]:
    async with aiohttp.ClientSession(platform.url) as session, session.get(path) as answer:
        assert answer.status == 200
        return answer.content_type, await answer.read()


@pytest.mark.parametrize("garbage", ["html", "truncated", "empty", "binary"])
async def test_rubbish_comes_after_the_effect(talk: Any, platform: Running, garbage: str) -> None:
    made = await talk.call(
        "/cgi-bin/qrcode/create",
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "a"}}},
    )
    picture = f"/cgi-bin/showqrcode?ticket={made['ticket']}"
    _, whole = await _raw(platform, picture)
    await talk.ask("PUT", "/_sandbox/faults", json={"path": "/cgi-bin/showqrcode", "garbage": garbage})
    kind, content = await _raw(platform, picture)
    assert {
        "html": kind == "text/html" and b"502" in content,
        "truncated": content == whole[: len(whole) // 2],
        "empty": content == b"",
        "binary": len(content) == 64,
    }[garbage]
    await talk.ask("PUT", "/_sandbox/faults", json={"path": "/sns/*", "garbage": garbage})
    mp = platform.sandbox.options.mp
    asked = f"appid={mp.appid}&secret={mp.secret}&js_code=sandbox-li&grant_type=authorization_code"
    await _raw(platform, f"/sns/jscode2session?{asked}")
    assert "li" in platform.sandbox.world.people


async def test_a_login_is_limited_to_a_hundred_a_minute_for_each_person(talk: Any) -> None:
    with clock.frozen(clock.now()):
        for _ in range(100):
            assert "openid" in await talk.login("sandbox-zhang")
        assert (await talk.login("sandbox-zhang"))["errcode"] == 45011
        assert "openid" in await talk.login("sandbox-li")


async def test_an_openid_belongs_to_one_account(options: Options) -> None:
    assert openid_of(options.oa.appid, "zhang") != openid_of(options.mp.appid, "zhang")
