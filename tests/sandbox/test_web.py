"""Web authorisation: from the page in WeChat to who the visitor is."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of

_AUTHORIZE = "/connect/oauth2/authorize"
_TARGET = "http://127.0.0.1:8000/h5/authorized?next=1"

Browser = aiohttp.ClientSession


@pytest.fixture
async def browser(platform: Running) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(platform.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


def _address(options: Options, **changes: str) -> str:
    asked = {
        "appid": options.oa.appid,
        "redirect_uri": _TARGET,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc123",
        **changes,
    }
    return f"{_AUTHORIZE}?{urlencode(asked)}#wechat_redirect"


async def _gone_to(browser: Browser, address: str) -> tuple[str, dict[str, str]]:
    """Where the browser is sent, and the query of that."""
    async with browser.get(address, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        target = urlsplit(answer.headers["Location"])
        return answer.headers["Location"], {
            name: values[0] for name, values in parse_qs(target.query).items()
        }


async def _exchanged(talk: Any, options: Options, code: str) -> dict[str, Any]:
    asked = {"appid": options.oa.appid, "secret": options.oa.secret, "code": code}
    answer: dict[str, Any] = await talk.ask(
        "GET", "/sns/oauth2/access_token", params={**asked, "grant_type": "authorization_code"}
    )
    return answer


async def test_the_holder_of_the_phone_comes_back_with_a_code_once(
    talk: Any, browser: Browser, options: Options
) -> None:
    await _gone_to(browser, f"/_sandbox/open?{urlencode({'person': 'zhang', 'url': _TARGET})}")
    address, query = await _gone_to(browser, _address(options))
    assert address.startswith(_TARGET)
    assert (query["next"], query["state"]) == ("1", "abc123")
    grant = await _exchanged(talk, options, query["code"])
    assert (grant["openid"], grant["unionid"], grant["scope"]) == (
        openid_of(options.oa.appid, "zhang"),
        unionid_of("zhang"),
        "snsapi_base",
    )
    assert "is_snapshotuser" not in grant
    assert (await _exchanged(talk, options, query["code"]))["errcode"] == 40163
    assert (await _exchanged(talk, options, "made up"))["errcode"] == 40029
    asked = {"access_token": grant["access_token"], "openid": grant["openid"]}
    assert (await talk.ask("GET", "/sns/auth", params=asked))["errcode"] == 0
    assert (await talk.ask("GET", "/sns/userinfo", params=asked))["errcode"] == 48001


async def test_a_code_lives_five_minutes(talk: Any, browser: Browser, options: Options) -> None:
    start = clock.now()
    with clock.frozen(start):
        _, query = await _gone_to(browser, _address(options, sandbox_person="zhang"))
    with clock.frozen(start + timedelta(seconds=301)):
        assert (await _exchanged(talk, options, query["code"]))["errcode"] == 40029


async def test_the_fuller_scope_asks_the_person_first(talk: Any, browser: Browser, options: Options) -> None:
    address = _address(options, scope="snsapi_userinfo", sandbox_person="zhang").partition("#")[0]
    async with browser.get(address) as page:
        text = await page.text()
        assert page.status == 200
    assert "允许" in text
    assert "sandbox_answer=allow" in text
    async with browser.get(f"{address}&sandbox_answer=reject") as page:
        assert "已拒绝" in await page.text()
    _, query = await _gone_to(browser, f"{address}&sandbox_answer=allow")
    grant = await _exchanged(talk, options, query["code"])
    asked = {"access_token": grant["access_token"], "openid": grant["openid"]}
    info = await talk.ask("GET", "/sns/userinfo", params=asked)
    assert (info["nickname"], info["unionid"]) == ("zhang", unionid_of("zhang"))


async def test_a_snapshot_visitor_is_somebody_virtual(talk: Any, browser: Browser, options: Options) -> None:
    await talk.ask("PUT", "/_sandbox/persons", json={"person": "zhang", "snapshot": True})
    _, query = await _gone_to(browser, _address(options, sandbox_person="zhang"))
    grant = await _exchanged(talk, options, query["code"])
    assert grant["is_snapshotuser"] == 1
    assert grant["openid"] != openid_of(options.oa.appid, "zhang")
    assert "unionid" not in grant


async def test_a_grant_is_renewed_until_it_is_taken_back(
    talk: Any, browser: Browser, options: Options
) -> None:
    start = clock.now()
    with clock.frozen(start):
        _, query = await _gone_to(browser, _address(options, sandbox_person="zhang"))
        grant = await _exchanged(talk, options, query["code"])
    asked = {"appid": options.oa.appid, "grant_type": "refresh_token"}
    refresh = {**asked, "refresh_token": grant["refresh_token"]}
    with clock.frozen(start + timedelta(hours=3)):
        old = {"access_token": grant["access_token"], "openid": grant["openid"]}
        assert (await talk.ask("GET", "/sns/auth", params=old))["errcode"] == 42001
        renewed = await talk.ask("GET", "/sns/oauth2/refresh_token", params=refresh)
        fresh = {"access_token": renewed["access_token"], "openid": grant["openid"]}
        assert (await talk.ask("GET", "/sns/auth", params=fresh))["errcode"] == 0
        assert (await talk.ask("GET", "/sns/auth", params={**fresh, "openid": "o"}))["errcode"] == 40003
        await talk.tap("revoke", info=["8"])
        assert (await talk.ask("GET", "/sns/auth", params=fresh))["errcode"] == 42007
        assert (await talk.ask("GET", "/sns/oauth2/refresh_token", params=refresh))["errcode"] == 42007
    wrong = {**asked, "refresh_token": "none"}
    assert (await talk.ask("GET", "/sns/oauth2/refresh_token", params=wrong))["errcode"] == 40030


async def test_a_refresh_token_ends_after_thirty_days(talk: Any, browser: Browser, options: Options) -> None:
    start = clock.now()
    with clock.frozen(start):
        _, query = await _gone_to(browser, _address(options, sandbox_person="zhang"))
        grant = await _exchanged(talk, options, query["code"])
    refresh = {
        "appid": options.oa.appid,
        "grant_type": "refresh_token",
        "refresh_token": grant["refresh_token"],
    }
    with clock.frozen(start + timedelta(days=30, seconds=1)):
        assert (await talk.ask("GET", "/sns/oauth2/refresh_token", params=refresh))["errcode"] == 42002


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "wx0"}, 40013),
        ({"appid": ""}, 10012),
        ({"redirect_uri": ""}, 10011),
        ({"redirect_uri": "https://evil.example/"}, 10003),
        ({"redirect_uri": "javascript:alert(1)"}, 10003),
        ({"scope": "snsapi_login"}, 10005),
        ({"response_type": "token"}, 10005),
        ({"state": "a b"}, 10013),
        ({"state": "a" * 129}, 10013),
    ],
)
async def test_a_wrong_address_is_told_to_the_person(
    browser: Browser, options: Options, changes: dict[str, str], errcode: int
) -> None:
    async with browser.get(_address(options, sandbox_person="zhang", **changes)) as page:
        assert page.content_type == "text/html"
        assert f"错误码：{errcode}" in await page.text()


async def test_the_parameters_must_be_in_wechat_s_order(browser: Browser, options: Options) -> None:
    asked = {"scope": "snsapi_base", "appid": options.oa.appid, "redirect_uri": _TARGET}
    address = f"{_AUTHORIZE}?{urlencode({**asked, 'response_type': 'code', 'sandbox_person': 'zhang'})}"
    async with browser.get(address) as page:
        assert "错误码：40035" in await page.text()


async def test_without_a_holder_the_page_says_so(browser: Browser, options: Options) -> None:
    async with browser.get(_address(options)) as page:
        assert "没有人拿着手机" in await page.text()


async def test_a_change_of_the_holder_ends_the_session_of_our_pages(browser: Browser) -> None:
    async def opened(person: str) -> list[str]:
        address = f"/_sandbox/open?{urlencode({'person': person, 'url': _TARGET})}"
        async with browser.get(address, allow_redirects=False) as answer:
            assert answer.headers["Location"] == _TARGET
            return [name for name in answer.headers.getall("Set-Cookie") if name.startswith("weiban_h5=")]

    assert await opened("zhang")
    assert await opened("zhang") == []
    assert all("Max-Age=0" in cookie for cookie in await opened("li"))


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/h5/", ""])
async def test_only_web_addresses_are_opened(talk: Any, address: str) -> None:
    params = {"person": "zhang", "url": address}
    assert (await talk.ask("GET", "/_sandbox/open", params=params, expect=400))["detail"]
