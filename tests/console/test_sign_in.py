"""Coming to one's desk: who gets in, what stays of it in the browser, and how one leaves."""

from datetime import timedelta

import pytest

from app.console.site import SESSION_COOKIE
from app.domain.accounts import staff, staffing
from app.domain.accounts.errors import SessionEnded
from app.domain.accounts.models import Staff, StaffRole, StaffSession
from app.domain.accounts.staff import Post
from app.kit import clock, ids
from app.kit.web import csrf_token
from tests.console.conftest import AtWork, OpenBrowser
from tests.factories.accounts import CHOSEN_PASSWORD, code_of
from tests.public_account.h5.conftest import Browser, Page

CLERK = Post(StaffRole.CLERK)


async def sign_in(browser: Browser, username: str, password: str, code: str, **more: str) -> Page:
    door = await browser.get("/console/sign-in")
    form = {"csrf": door.field("csrf"), "username": username, "password": password, "code": code, **more}
    return await browser.post("/console/sign-in", **form)


async def test_whoever_is_not_signed_in_is_sent_to_the_door_and_back(open_browser: OpenBrowser) -> None:
    browser = await open_browser()
    sent = await browser.get("/console/audit/records?action=staff.hired")
    assert sent.status == 303
    assert sent.location == "/console/sign-in?to=%2Fconsole%2Faudit%2Frecords%3Faction%3Dstaff.hired"


async def test_first_sign_in_leads_to_a_password_of_ones_own_and_nowhere_else(
    open_browser: OpenBrowser,
) -> None:
    given = await staffing.hire("li-si", "李四", Post(StaffRole.AUDITOR))
    browser = await open_browser()
    entered = await sign_in(browser, "li-si", given.password, code_of(given.totp_uri))
    assert (entered.status, entered.location) == (303, "/console/password")
    assert (await browser.get("/console/audit/records")).location == "/console/password"
    page = await browser.get("/console/password")
    differing = {"old": given.password, "new": CHOSEN_PASSWORD, "again": CHOSEN_PASSWORD + "x"}
    refused = await browser.post("/console/password", csrf=page.field("csrf"), **differing)
    assert (refused.status, "不一样" in refused.text) == (409, True)
    said = {"old": given.password, "new": CHOSEN_PASSWORD, "again": CHOSEN_PASSWORD}
    assert (await browser.post("/console/password", csrf=page.field("csrf"), **said)).status == 303
    assert (await browser.get("/console/audit/records")).status == 200


async def test_a_wrong_code_leaves_the_name_and_nothing_else_in_the_form(open_browser: OpenBrowser) -> None:
    given = await staffing.hire("li-si", "李四", CLERK)
    refused = await sign_in(await open_browser(), "li-si", given.password, "000000")
    assert refused.status == 401
    assert 'value="li-si"' in refused.text
    assert given.password not in refused.text


async def test_an_empty_field_is_marked_and_the_rest_stays(open_browser: OpenBrowser) -> None:
    refused = await sign_in(await open_browser(), "li-si", "x", "")
    assert refused.status == 422
    assert 'value="li-si"' in refused.text
    assert 'aria-invalid="true"' in refused.text


async def test_the_session_is_new_at_every_sign_in_and_hidden_from_scripts(open_browser: OpenBrowser) -> None:
    given = await staffing.hire("li-si", "李四", CLERK)
    browser = await open_browser()
    browser.plant(SESSION_COOKIE, "fixed-by-somebody-else")
    entered = await sign_in(browser, "li-si", given.password, code_of(given.totp_uri))
    cookie = entered.cookies[SESSION_COOKIE]
    assert cookie.value != "fixed-by-somebody-else"
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Strict"


async def test_a_session_ends_with_the_next_sign_in_at_the_same_desk(open_browser: OpenBrowser) -> None:
    first = await staffing.hire("li-si", "李四", CLERK)
    second = await staffing.hire("wang-wu", "王五", CLERK)
    browser = await open_browser()
    earlier = (await sign_in(browser, "li-si", first.password, code_of(first.totp_uri))).cookies
    await sign_in(browser, "wang-wu", second.password, code_of(second.totp_uri))
    with pytest.raises(SessionEnded):
        await staff.staff_of(earlier[SESSION_COOKIE].value)


async def test_the_doors_form_is_bound_to_its_browser(open_browser: OpenBrowser) -> None:
    given = await staffing.hire("li-si", "李四", CLERK)
    said = {"username": "li-si", "password": given.password, "code": code_of(given.totp_uri)}
    for forged in ("", "0" * 128, csrf_token("another")):
        browser = await open_browser()
        await browser.get("/console/sign-in")
        assert (await browser.post("/console/sign-in", csrf=forged, **said)).status == 403
    foreign = (await (await open_browser()).get("/console/sign-in")).field("csrf")
    assert (await (await open_browser()).post("/console/sign-in", csrf=foreign, **said)).status == 403


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/h5/", "/console/../h5/"])
async def test_a_sign_in_leads_to_our_own_desks_only(open_browser: OpenBrowser, to: str) -> None:
    given = await staffing.hire("li-si", "李四", CLERK)
    browser = await open_browser()
    await sign_in(browser, "li-si", given.password, code_of(given.totp_uri))
    page = await browser.get("/console/password")
    said = {"old": given.password, "new": CHOSEN_PASSWORD, "again": CHOSEN_PASSWORD}
    await browser.post("/console/password", csrf=page.field("csrf"), **said)
    entered = await sign_in(browser, "li-si", CHOSEN_PASSWORD, code_of(given.totp_uri, 1), to=to)
    assert (entered.status, entered.location) == (303, "/console/")


async def test_whoever_leaves_is_gone_also_for_a_copy_of_the_cookie(open_browser: OpenBrowser) -> None:
    given = await staffing.hire("li-si", "李四", CLERK)
    browser = await open_browser()
    entered = await sign_in(browser, "li-si", given.password, code_of(given.totp_uri))
    copied = entered.cookies[SESSION_COOKIE].value
    page = await browser.get("/console/password")
    assert (await browser.post("/console/sign-out", csrf=page.field("csrf"))).status == 303
    assert (await browser.get("/console/")).location.startswith("/console/sign-in")
    with pytest.raises(SessionEnded):
        await staff.staff_of(copied)


async def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(at_work: AtWork) -> None:
    browser = await at_work("li-si", CLERK)
    member = await Staff.get(username="li-si")
    elsewhere = ids.new_token()
    await StaffSession.create(
        id=ids.uuid7(), staff_id=member.id, token_hash=ids.token_hash(elsewhere), address="10.0.0.9",
        expires_at=clock.now() + timedelta(hours=1), seen_at=clock.now(),
    )  # fmt: skip
    assert (await staff.staff_of(elsewhere)).id == member.id
    csrf = (await browser.get("/console/password")).field("csrf")
    said = {"old": CHOSEN_PASSWORD, "new": CHOSEN_PASSWORD + "x", "again": CHOSEN_PASSWORD + "x"}
    assert (await browser.post("/console/password", csrf=csrf, **said)).status == 303
    with pytest.raises(SessionEnded):
        await staff.staff_of(elsewhere)
    assert (await browser.get("/console/")).status == 200


async def test_a_password_that_is_missing_or_weak_is_marked_and_never_sent_back(at_work: AtWork) -> None:
    browser = await at_work("li-si", CLERK)
    csrf = (await browser.get("/console/password")).field("csrf")
    missing = await browser.post("/console/password", csrf=csrf, old=CHOSEN_PASSWORD, new="", again="")
    assert (missing.status, missing.text.count('aria-invalid="true"')) == (422, 2)
    said = {"old": CHOSEN_PASSWORD, "new": "short-one", "again": "short-one"}
    weak = await browser.post("/console/password", csrf=csrf, **said)
    assert (weak.status, "12 到 128 位" in weak.text, "short-one" in weak.text) == (409, True, False)
    assert CHOSEN_PASSWORD not in missing.text + weak.text


async def test_five_wrong_codes_lock_the_door_for_the_right_one_too(open_browser: OpenBrowser) -> None:
    given = await staffing.hire("li-si", "李四", CLERK)
    browser = await open_browser()
    for _ in range(5):
        assert (await sign_in(browser, "li-si", given.password, "000000")).status == 401
    locked = await sign_in(browser, "li-si", given.password, code_of(given.totp_uri))
    assert (locked.status, SESSION_COOKIE in locked.cookies) == (401, False)


async def test_a_desk_stands_open_to_its_roles_only(at_work: AtWork) -> None:
    clerk, auditor = await at_work("li-si", CLERK), await at_work("wang-wu", Post(StaffRole.AUDITOR))
    assert (await clerk.get("/console/audit/records")).status == 403
    assert "/console/audit/" not in (await clerk.get("/console/")).text
    assert (await auditor.get("/console/audit/records")).status == 200
    assert "/console/audit/" in (await auditor.get("/console/")).text
