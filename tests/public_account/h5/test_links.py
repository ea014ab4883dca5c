"""What leads into the pages: scanned codes, hand-overs, and signatures for our own addresses only."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts import handoffs, scenes, sessions
from app.domain.accounts.errors import SessionEnded
from app.domain.accounts.models import IdentityLevel, ServiceChannel
from app.domain.accounts.scene_models import SceneKind
from app.gateways import wechat
from app.gateways.wechat import WeChatUnreachable
from app.gateways.wechat.js_sdk import PageSignature
from app.public_account.h5.entry import links
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from config import settings
from tests.factories.appointments import make_person
from tests.public_account.h5.conftest import Browser

APPOINTMENT = "0193a7c0-0000-7000-8000-000000000000"


LED_TO: list[tuple[SceneKind, dict[str, str | int], str]] = [
    (SceneKind.HALL_POSTER, {"hall_id": 7}, "/h5/halls/7"),
    (SceneKind.CHECK_IN, {"appointment_id": APPOINTMENT}, f"/h5/appointments/{APPOINTMENT}"),
    (SceneKind.GUIDE, {"guide_id": 3}, "/h5/guides/3"),
    (SceneKind.REMINDERS, {}, "/h5/me/messages"),
    (SceneKind.BIND, {"person_id": "p"}, "/h5/"),
]


async def test_a_scanned_code_leads_to_its_page(browser: Browser) -> None:
    assert {kind for kind, _, _ in LED_TO} == set(SceneKind)
    for kind, payload, page in LED_TO:
        short = await scenes.make_scene(kind, payload, expires_in=timedelta(minutes=5))
        led = await browser.get(f"/h5/s/{short}?from=timeline")
        assert (led.status, led.location) == (303, page)


async def test_a_code_that_is_over_says_so(browser: Browser) -> None:
    for short in ("nothing000", "%00", "a" * 200):
        page = await browser.get(f"/h5/s/{short}")
        assert (page.status, "二维码已失效" in page.text) == (404, True)


async def test_a_hand_over_signs_in_and_goes_on(browser: Browser, person_id: UUID) -> None:
    who = (await sessions.begin(person_id, IdentityLevel.WX_BOUND)).citizen
    ticket = await handoffs.issue(
        who, "/h5/halls?q=x", from_channel=ServiceChannel.MP, to_channel=ServiceChannel.WX_OA
    )
    arrived = await browser.get(f"/h5/handoff/{ticket.token}")
    assert (arrived.status, arrived.location) == (303, "/h5/halls?q=x")
    assert arrived.headers["cache-control"] == "no-store"
    assert arrived.headers["referrer-policy"] == "no-referrer"
    assert (await browser.get("/h5/")).status == 200
    again = await browser.get(f"/h5/handoff/{ticket.token}")
    assert (again.status, "已使用或已过期" in again.text) == (409, True)


async def test_a_hand_over_ends_the_session_the_browser_held(browser: Browser, person_id: UUID) -> None:
    earlier = await sessions.begin(await make_person(), IdentityLevel.WX_BOUND)
    browser.plant(SESSION_COOKIE, earlier.token)
    who = (await sessions.begin(person_id, IdentityLevel.WX_BOUND)).citizen
    ticket = await handoffs.issue(
        who, "/h5/", from_channel=ServiceChannel.MP, to_channel=ServiceChannel.WX_OA
    )
    await browser.get(f"/h5/handoff/{ticket.token}")
    assert (await sessions.citizen_of(browser.holds(SESSION_COOKIE) or "")).person_id == person_id
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(earlier.token)


@pytest.fixture
def signed_urls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were given to be signed."""
    seen: list[str] = []

    async def sign_page(_: wechat.PublicAccount, url: str) -> PageSignature:
        seen.append(url)
        return PageSignature("wx0", 1795312800, "nonce", "f" * 40)

    monkeypatch.setattr(wechat.PublicAccount, "sign_page", sign_page)
    return seen


async def test_our_own_page_is_signed_without_its_fragment(browser: Browser, signed_urls: list[str]) -> None:
    own = f"{settings.current().public_url}/h5/halls?q=%E5%A4%A9"
    answer = await browser("GET", "/h5/js-sdk", params={"url": f"{own}#top"})
    assert answer.status == 200
    assert '"appId":"wx0","timestamp":1795312800,"nonceStr":"nonce"' in answer.text
    assert signed_urls == [own]


FOREIGN = [
    "https://evil.example/h5/", "{origin}.evil.example/h5/", "{origin}@evil.example/h5/",
    "//evil.example/h5/",
    "http://evil.example@127.0.0.1:8000/h5/", "http://127.0.0.1:8001/h5/", "https://127.0.0.1:8000/h5/",
    "http://127.0.0.1/h5/", "{origin}/", "{origin}/console/", "{origin}/h5", "{origin}/h5/../console/",
    "{origin}/h5/./", "{origin}\\@evil.example/h5/", "{origin}/h5/ x", "{origin}/h5/é", "/h5/", "h5",
    "http://[/h5/", "HTTP://127.0.0.1:8000/h5/x\x00",
]  # fmt: skip


@pytest.mark.parametrize("url", FOREIGN)
def test_no_other_address_is_ours(url: str) -> None:
    assert not links.is_ours(url.format(origin=settings.current().public_url))


async def test_no_other_address_is_signed(browser: Browser, signed_urls: list[str]) -> None:
    for url in ("https://evil.example/h5/", "", "/h5/"):
        answer = await browser("GET", "/h5/js-sdk", params={"url": url})
        assert answer.status in (403, 422)
        assert answer.headers["content-type"] == "application/problem+json"
    assert signed_urls == []


async def test_with_wechat_away_a_page_is_not_signed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(_: wechat.PublicAccount, __: str) -> PageSignature:
        raise WeChatUnreachable("/cgi-bin/ticket/getticket", "timeout", sent_maybe=True)

    monkeypatch.setattr(wechat.PublicAccount, "sign_page", lost)
    url = f"{settings.current().public_url}/h5/"
    assert (await browser("GET", "/h5/js-sdk", params={"url": url})).status == 503
