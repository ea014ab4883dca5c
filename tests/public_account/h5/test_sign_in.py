"""Signing in on the pages: who gets in, once, in the browser that asked, and to our own pages only."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.accounts import sessions, web_login
from app.domain.accounts.errors import SessionEnded
from app.domain.accounts.models import IdentityLevel, Person, PersonStatus, Session, WeChatIdentity
from app.kit import cache
from app.public_account.h5.entry.sign_in import SESSION_COOKIE, STATE_COOKIE
from config import settings
from tests.factories.appointments import make_person
from tests.public_account.h5.conftest import Browser, KnownCodes, OpenBrowser, Page

OPENID = "o-zhangsan"


async def ask(browser: Browser, to: str = "/h5/") -> str:
    """Begin a sign-in; answers the state WeChat is given."""
    asked = await browser("GET", "/h5/sign-in", params={"to": to})
    assert asked.status == 302
    return parse_qs(urlsplit(asked.location).query)["state"][0]


async def come_back(browser: Browser, state: str, code: str) -> Page:
    return await browser("GET", "/h5/authorized", params={"code": code, "state": state})


async def test_a_page_leads_to_wechat_and_back_to_itself(browser: Browser, codes: KnownCodes) -> None:
    wanted = await browser.get("/h5/slots/7?business=INVOICE&from=singlemessage")
    assert (wanted.status, wanted.location.partition("?")[0]) == (303, "/h5/sign-in")
    asked = await browser.get(wanted.location)
    chosen = settings.current()
    assert asked.location.startswith(
        f"{chosen.wechat_open_base}/connect/oauth2/authorize?appid={chosen.oa_appid}&"
    )
    query = parse_qs(urlsplit(asked.location).query)
    assert query["redirect_uri"] == [f"{chosen.public_url}/h5/authorized"]
    assert query["scope"] == ["snsapi_base"]
    back = await come_back(browser, query["state"][0], codes.give("C1", OPENID))
    assert (back.status, back.location) == (303, "/h5/slots/7?business=INVOICE&from=singlemessage")
    assert (await browser.get("/h5/")).status == 200


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, codes: KnownCodes
) -> None:
    back = await come_back(browser, await ask(browser), codes.give("C1", OPENID))
    cookie = back.cookies[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (
        True, True, "Lax", "/h5",
    )  # fmt: skip
    assert int(cookie["max-age"]) == settings.current().session_days * 24 * 3600
    assert browser.holds(STATE_COOKIE) is None, "the sign-in is over"


async def test_a_state_works_once(browser: Browser, codes: KnownCodes) -> None:
    state = await ask(browser)
    secret = browser.holds(STATE_COOKIE) or ""
    await come_back(browser, state, codes.give("C1", OPENID))
    browser.plant(STATE_COOKIE, secret)
    again = await come_back(browser, state, codes.give("C2", "o-somebody-else"))
    assert again.status == 409
    assert "重新登录" in again.text
    assert await WeChatIdentity.filter(openid="o-somebody-else").count() == 0


async def test_a_state_belongs_to_the_browser_that_asked(
    browser: Browser, open_browser: OpenBrowser, codes: KnownCodes
) -> None:
    """Else an attacker could sign somebody in as the attacker, with a link."""
    state = await ask(browser)
    victim = await open_browser()
    await ask(victim)
    code = codes.give("C1", OPENID)
    assert (await come_back(victim, state, code)).status == 409
    assert (await come_back(await open_browser(), state, code)).status == 409
    assert await Person.all().count() == 0
    assert (await come_back(browser, state, code)).status == 303, "the one who asked still gets in"


@pytest.mark.parametrize(
    "query", ["", "?state=", "?code=C1", "?code=C1&state=made-up", "?state=%00&code=%ff"]
)
async def test_what_was_never_asked_signs_nobody_in(browser: Browser, codes: KnownCodes, query: str) -> None:
    codes.give("C1", OPENID)
    await ask(browser)
    refused = await browser.get(f"/h5/authorized{query}")
    assert refused.status in (409, 422)
    assert browser.holds(SESSION_COOKIE) is None
    assert await Person.all().count() == 0


async def test_a_sign_in_ends_after_ten_minutes_and_keeps_no_state_in_clear(browser: Browser) -> None:
    state = await ask(browser)
    [key] = await cache.client().keys("sign-in:*")
    assert state.encode() not in key
    assert 0 < await cache.client().ttl(key) <= timedelta(minutes=10).total_seconds()


async def test_a_snapshot_visitor_is_nobody(browser: Browser, codes: KnownCodes) -> None:
    back = await come_back(browser, await ask(browser), codes.give("C1", "o-virtual", is_snapshot=True))
    assert back.status == 409
    assert "使用完整服务" in back.text
    assert browser.holds(SESSION_COOKIE) is None
    assert await Person.all().count() == 0
    assert (await browser.get("/h5/halls")).status == 200, "looking is free"


async def test_a_code_wechat_refuses_leads_to_a_new_try(browser: Browser, codes: KnownCodes) -> None:
    back = await come_back(browser, await ask(browser), "unknown")
    assert back.status == 422
    assert 'href="/h5/sign-in"' in back.text


async def test_a_new_sign_in_ends_the_session_the_browser_held(browser: Browser, codes: KnownCodes) -> None:
    """A session planted before the sign-in is not the one used after it."""
    planted = await sessions.begin(await make_person(), IdentityLevel.WX_BOUND)
    browser.plant(SESSION_COOKIE, planted.token)
    await come_back(browser, await ask(browser), codes.give("C1", OPENID))
    held = browser.holds(SESSION_COOKIE)
    assert held not in (None, planted.token)
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(planted.token)
    assert (await sessions.citizen_of(held or "")).person_id != planted.citizen.person_id


async def test_a_follower_is_the_person_the_mini_program_knows(browser: Browser, codes: KnownCodes) -> None:
    """A silent grant carries no unionid; WeChat tells it of a follower when asked."""
    person_id = await make_person()
    await WeChatIdentity.create(
        person_id=person_id, appid=settings.current().mp_appid, openid="m", unionid="U"
    )
    codes.unionids[OPENID] = "U"
    await come_back(browser, await ask(browser), codes.give("C1", OPENID))
    assert (await sessions.citizen_of(browser.holds(SESSION_COOKIE) or "")).person_id == person_id


async def test_a_frozen_person_does_not_get_in(browser: Browser, codes: KnownCodes) -> None:
    person_id = await make_person()
    await WeChatIdentity.create(person_id=person_id, appid=settings.current().oa_appid, openid=OPENID)
    await Person.filter(id=person_id).update(status=PersonStatus.FROZEN)
    back = await come_back(browser, await ask(browser), codes.give("C1", OPENID))
    assert (back.status, "人工窗口" in back.text) == (403, True)
    assert await Session.all().count() == 0


async def test_signing_out_ends_the_session(signed_in: Browser) -> None:
    token = signed_in.holds(SESSION_COOKIE) or ""
    home = await signed_in.get("/h5/")
    out = await signed_in.post("/h5/sign-out", csrf=home.field("csrf"))
    assert (out.status, "已退出" in out.text) == (200, True)
    assert not signed_in.holds(SESSION_COOKIE)
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(token)


OURS = [
    "/h5/",
    "/h5/slots/7?business=INVOICE",
    "/h5/appointments/0193a7c0-0000-7000-8000-000000000000",
    "/h5/guides/3?from=singlemessage&isappinstalled=0",
]
NOT_OURS = [
    "", "/", "/h5", "h5/", "https://evil.example/h5/", "//evil.example/h5/", "/h5//evil.example",
    "/\\evil.example", "/h5/\\evil.example", "/h5/../console/", "/h5/%2e%2e/console",
    "/h5/%2f%2fevil.example",
    "/h5/@evil.example", "/h5/\r\nLocation: x", "/h5/\n", "/h5/ x", "/h5/?to=//evil.example",
    "/h5/#//evil.example",
    "/h5/\t/evil.example", "javascript:alert(1)", "/h5/;x", "/H5/", "/h5/é", "/h5/" + "a" * 300,
]  # fmt: skip


@pytest.mark.parametrize("path", OURS)
async def test_our_own_pages_may_follow_a_sign_in(path: str) -> None:
    assert web_login.is_page(path)


@pytest.mark.parametrize("path", NOT_OURS)
async def test_nothing_else_may_follow_a_sign_in(path: str) -> None:
    assert not web_login.is_page(path)


async def test_a_foreign_target_becomes_the_home_page(browser: Browser, codes: KnownCodes) -> None:
    for path in ("//evil.example/h5/", "https://evil.example", "/h5/../../x"):
        back = await come_back(browser, await ask(browser, path), codes.give("C1", OPENID))
        assert back.location == "/h5/"


async def status_of(address: str, path: str, cookies: bytes) -> int:
    """What a page answers to cookies as no browser of good faith sends them."""
    host = urlsplit(address)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    writer.write(b"GET %s HTTP/1.1\r\nHost: weiban\r\nCookie: %s\r\n\r\n" % (path.encode(), cookies))
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


@pytest.mark.parametrize(
    ("path", "status"), [("/h5/guides", 200), ("/h5/", 303), ("/h5/authorized?state=a&code=C1", 409)]
)
async def test_cookies_that_are_no_tokens_are_none(db: None, address: str, path: str, status: int) -> None:
    broken = b"; ".join(name.encode() + b"=\xff\xfe" for name in (SESSION_COOKIE, STATE_COOKIE))
    assert await status_of(address, path, broken) == status


async def test_a_broken_cookie_does_not_stop_a_sign_in(
    browser: Browser, address: str, codes: KnownCodes
) -> None:
    state, secret = await ask(browser), browser.holds(STATE_COOKIE)
    path = f"/h5/authorized?code={codes.give('C1', OPENID)}&state={state}"
    cookies = f"{STATE_COOKIE}={secret}; {SESSION_COOKIE}=".encode() + b"\xff"
    assert await status_of(address, path, cookies) == 303
    assert await Session.all().count() == 1
