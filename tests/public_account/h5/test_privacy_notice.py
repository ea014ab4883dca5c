"""The privacy notice: before the first sign-in, in words of a known version, and with a way out."""

from uuid import UUID

import pytest

from app.domain.accounts import consents, handoffs, sessions
from app.domain.accounts.consents import ConsentText
from app.domain.accounts.errors import SessionEnded
from app.domain.accounts.models import ConsentEntry, IdentityLevel, Person, ServiceChannel
from app.public_account.h5.entry.privacy import AGREED_COOKIE, DOOR_COOKIE, PURPOSE
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from config import settings
from tests.public_account.h5.conftest import Browser, KnownCodes, OpenBrowser, Page
from tests.public_account.h5.test_sign_in import OPENID, come_back


@pytest.fixture
async def fresh(open_browser: OpenBrowser) -> Browser:
    """A browser in which nobody has agreed to anything."""
    browser = await open_browser()
    browser.session.cookie_jar.clear()
    return browser


async def agree(browser: Browser, page: Page, **changes: str) -> Page:
    fields = {name: page.field(name) for name in ("csrf", "to", "version")}
    return await browser.post("/h5/privacy/agree", **{**fields, **changes})


def changed(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """The words in force become others."""
    text = ConsentText(PURPOSE, version, "隐私政策", "新的条款")
    monkeypatch.setattr(consents, "texts", lambda: {PURPOSE: text})


async def test_the_notice_comes_before_anything_is_asked_of_wechat(fresh: Browser) -> None:
    page = await fresh.get("/h5/sign-in?to=/h5/halls")
    assert page.status == 200
    assert consents.texts()[PURPOSE].text in page.text
    assert "/connect/oauth2" not in page.text
    assert await Person.all().count() == 0


async def test_agreeing_leads_to_wechat_and_is_written_down(fresh: Browser, codes: KnownCodes) -> None:
    page = await fresh.get("/h5/sign-in?to=/h5/inbox")
    agreed = await agree(fresh, page)
    assert (agreed.status, agreed.location) == (303, "/h5/sign-in?to=%2Fh5%2Finbox")
    asked = await fresh.get(agreed.location)
    assert "/connect/oauth2/authorize" in asked.location
    state = asked.location.partition("state=")[2].partition("&")[0].partition("#")[0]
    landed = await come_back(fresh, state, codes.give("C1", OPENID))
    assert landed.location == "/h5/inbox"
    [entry] = await ConsentEntry.all()
    assert (entry.purpose, entry.is_granted, entry.channel) == (PURPOSE, True, ServiceChannel.WX_OA)
    assert (await fresh.get("/h5/sign-in")).status == 302, "who is known here is not asked again"


async def test_whoever_signs_in_where_another_agreed_is_asked_for_themselves(
    browser: Browser, codes: KnownCodes
) -> None:
    for code, openid in (("C1", OPENID), ("C2", "o-lisi")):
        asked = await browser.get("/h5/sign-in?to=/h5/inbox")
        state = asked.location.partition("state=")[2].partition("&")[0].partition("#")[0]
        landed = await come_back(browser, state, codes.give(code, openid))
    assert landed.location == "/h5/privacy?to=%2Fh5%2Finbox"
    assert await ConsentEntry.all().count() == 1


async def test_another_site_agrees_for_nobody(fresh: Browser) -> None:
    page = await fresh.get("/h5/sign-in")
    for csrf in ("", "0" * 128):
        assert (await agree(fresh, page, csrf=csrf)).status == 403
    fresh.session.cookie_jar.clear()
    assert (await agree(fresh, page)).status == 403, "the form belongs to the browser that was shown it"
    assert fresh.holds(AGREED_COOKIE) is None


async def test_words_that_have_changed_are_shown_anew(
    fresh: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await fresh.get("/h5/sign-in")
    await agree(fresh, page)
    changed(monkeypatch, "2")
    again = await fresh.get("/h5/sign-in")
    assert (again.status, "新的条款" in again.text) == (200, True)
    old = await agree(fresh, again, version="1")
    assert (old.status, "新的条款" in old.text) == (200, True)


@pytest.mark.parametrize("path", ["/h5/privacy", "/h5/privacy/declined"])
async def test_anybody_may_read_it_and_learn_what_is_open_without_it(fresh: Browser, path: str) -> None:
    page = await fresh.get(path)
    assert page.status == 200
    assert fresh.holds(SESSION_COOKIE) is None
    assert 'href="/h5/halls"' in page.text
    assert "同意并继续" not in page.text, "there is nobody yet who could agree"


async def test_who_is_signed_in_agrees_on_the_page_and_goes_on(signed_in: Browser, person_id: UUID) -> None:
    assert "阅读隐私政策" in (await signed_in.get("/h5/")).text
    page = await signed_in.get("/h5/privacy?to=/h5/inbox")
    agreed = await signed_in.post(
        "/h5/privacy", csrf=page.field("csrf"), to=page.field("to"), version=page.field("version")
    )
    assert agreed.location == "/h5/inbox"
    assert await consents.is_granted(person_id, PURPOSE)
    assert "同意并继续" not in (await signed_in.get("/h5/privacy")).text
    assert "阅读隐私政策" not in (await signed_in.get("/h5/")).text


async def test_a_version_nobody_was_shown_is_not_agreed_to(signed_in: Browser, person_id: UUID) -> None:
    page = await signed_in.get("/h5/privacy")
    refused = await signed_in.post("/h5/privacy", csrf=page.field("csrf"), version="0")
    assert refused.status == 422
    assert "同意并继续" in refused.text
    assert not await consents.is_granted(person_id, PURPOSE)


async def test_declining_leads_out_politely(signed_in: Browser, person_id: UUID) -> None:
    token = signed_in.holds(SESSION_COOKIE) or ""
    page = await signed_in.get("/h5/privacy")
    out = await signed_in.post("/h5/privacy/decline", csrf=page.field("csrf"))
    assert (out.status, out.location) == (303, "/h5/privacy/declined")
    assert not signed_in.holds(SESSION_COOKIE)
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(token)
    [entry] = await ConsentEntry.filter(person_id=person_id)
    assert entry.is_granted is False


async def test_who_comes_over_from_another_channel_is_asked_first(fresh: Browser, person_id: UUID) -> None:
    begun = await sessions.begin(person_id, IdentityLevel.WX_BOUND)
    ticket = await handoffs.issue(
        begun.citizen, "/h5/inbox", from_channel=ServiceChannel.MP, to_channel=ServiceChannel.WX_OA
    )
    landed = await fresh.get(f"/h5/handoff/{ticket.token}")
    assert landed.location == "/h5/privacy?to=%2Fh5%2Finbox"
    assert await ConsentEntry.all().count() == 0


@pytest.mark.parametrize("foreign", ["//evil.example", "https://evil.example", "/h5/%2f%2fevil"])
async def test_the_notice_leads_nowhere_else(fresh: Browser, foreign: str) -> None:
    page = await fresh.get("/h5/sign-in")
    agreed = await agree(fresh, page, to=foreign)
    assert agreed.location == "/h5/sign-in?to=%2Fh5%2F"
    assert fresh.holds(DOOR_COOKIE) in (None, "")


async def test_a_form_may_lead_to_wechat_and_nowhere_else(fresh: Browser) -> None:
    """Browsers judge a form by where its redirects end, too."""
    policy = (await fresh.get("/h5/sign-in")).headers["content-security-policy"]
    [targets] = [rule for rule in policy.split(";") if rule.strip().startswith("form-action")]
    assert targets.split()[1:] == ["'self'", settings.current().wechat_open_base]
