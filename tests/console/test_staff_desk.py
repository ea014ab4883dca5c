"""The desk of staff: accounts, posts and sessions, which nobody keeps for themselves."""

import re

import pytest

from app.domain.accounts import staff, staffing
from app.domain.accounts.errors import SessionEnded, SignInFailed
from app.domain.accounts.models import Staff, StaffPost, StaffRole
from app.domain.accounts.staff import Post
from app.domain.accounts.staffing import Credentials
from app.domain.halls.models import Region
from app.kit import db
from tests.console.conftest import AtWork
from tests.factories.accounts import code_of
from tests.factories.appointments import make_hall
from tests.public_account.h5.conftest import Browser, Page

DESK = "/console/staff"


@pytest.fixture
async def security(at_work: AtWork) -> Browser:
    return await at_work("an-quan", Post(StaffRole.SECURITY_ADMIN))


@pytest.fixture
async def clerk(db: None) -> Credentials:
    return await staffing.hire("chuang-kou", "前台小王", Post(StaffRole.CLERK))


async def do(browser: Browser, path: str, **form: str) -> Page:
    """Fill in a form of a page; the token is of the session, so any page has it."""
    csrf = (await browser.get("/console/sessions/")).field("csrf")
    return await browser.post(path, csrf=csrf, **form)


async def actions() -> list[str]:
    return [
        row["action"]
        for row in await db.fetch(
            "SELECT action FROM audit_entry WHERE actor LIKE 'staff:%' AND action LIKE 'staff.%'"
            " AND action NOT IN ('staff.signed_in', 'staff.password_changed') ORDER BY id"
        )
    ]


async def test_a_new_member_gets_password_and_code_once_and_can_sign_in_with_them(security: Browser) -> None:
    page = await do(
        security, f"{DESK}/new", username="xiao-li", display_name="小李", role="clerk", hall="", region=""
    )
    assert page.status == 200
    password, uri = re.findall(r'class="secret">([^<]+)<', page.text)
    signed = await staff.sign_in("xiao-li", password, code_of(uri.replace("&amp;", "&")), address="10.0.0.1")
    assert signed.member.must_change_password
    assert password not in (await security.get(f"{DESK}/{signed.member.id}")).text
    assert await actions() == ["staff.hired"]


async def test_a_refused_form_keeps_what_was_typed_and_says_why(security: Browser) -> None:
    said = {"username": "xiao-li", "display_name": "小李", "role": "clerk", "region": ""}
    page = await do(security, f"{DESK}/new", hall="NOWHERE", **said)
    assert page.status == 422
    assert 'value="xiao-li"' in page.text
    assert "没有“NOWHERE”这个大厅" in page.text
    assert re.search(r'id="hire-hall"[^>]*value="NOWHERE"[^>]*aria-invalid="true"', page.text)
    assert not await Staff.filter(username="xiao-li").exists()


async def test_posts_are_given_and_taken_and_the_three_powers_stay_apart(
    security: Browser, clerk: Credentials
) -> None:
    place = f"{DESK}/{clerk.staff_id}"
    assert (await do(security, f"{place}/appoint", role="auditor", hall="", region="")).status == 303
    split = await do(security, f"{place}/appoint", role="system_admin", hall="", region="")
    assert (split.status, "必须由不同的人担任" in split.text) == (409, True)
    held = await StaffPost.get(staff_id=clerk.staff_id, role=StaffRole.AUDITOR)
    unsaid = await do(security, f"{place}/relieve", post=str(held.id), reason="")
    assert unsaid.status == 422
    assert (await do(security, f"{place}/relieve", post=str(held.id), reason="轮岗")).status == 303
    assert not await StaffPost.filter(id=held.id).exists()
    assert await actions() == ["staff.appointed", "staff.relieved"]


async def test_nobody_changes_their_own_account(security: Browser) -> None:
    own = await Staff.get(username="an-quan")
    refused = await do(security, f"{DESK}/{own.id}/appoint", role="clerk", hall="", region="")
    assert (refused.status, "另一位安全管理员" in refused.text) == (403, True)
    assert await StaffPost.filter(staff_id=own.id).count() == 1


async def test_who_is_locked_out_is_seen_and_let_in_again(security: Browser, clerk: Credentials) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await staff.sign_in(clerk.username, "wrong", "000000", address="10.0.0.1")
    assert clerk.username in (await security.get(f"{DESK}/?state=locked")).text
    page = await do(security, f"{DESK}/{clerk.staff_id}/unlock", reason="本人来电，已核实")
    assert page.status == 303
    await staff.sign_in(clerk.username, clerk.password, code_of(clerk.totp_uri), address="10.0.0.1")


async def test_ending_a_session_and_closing_an_account_take_hold_at_once(
    security: Browser, clerk: Credentials
) -> None:
    first = await staff.sign_in(clerk.username, clerk.password, code_of(clerk.totp_uri), address="10.0.0.1")
    await do(security, f"{DESK}/{clerk.staff_id}/sessions/{first.member.session_id}/end")
    with pytest.raises(SessionEnded):
        await staff.staff_of(first.token)
    later = await staff.sign_in(
        clerk.username, clerk.password, code_of(clerk.totp_uri, 1), address="10.0.0.1"
    )
    assert (await do(security, f"{DESK}/{clerk.staff_id}/dismiss", reason="离职")).status == 303
    with pytest.raises(SessionEnded):
        await staff.staff_of(later.token)
    assert not (await Staff.get(id=clerk.staff_id)).is_active


async def test_new_credentials_replace_the_lost_ones(security: Browser, clerk: Credentials) -> None:
    page = await do(security, f"{DESK}/{clerk.staff_id}/renew", reason="手机丢失")
    password, uri = re.findall(r'class="secret">([^<]+)<', page.text)
    with pytest.raises(SignInFailed):
        await staff.sign_in(clerk.username, clerk.password, code_of(clerk.totp_uri), address="10.0.0.1")
    await staff.sign_in(clerk.username, password, code_of(uri.replace("&amp;", "&")), address="10.0.0.1")


async def test_the_other_administrations_read_and_do_nothing(at_work: AtWork, clerk: Credentials) -> None:
    auditor = await at_work("shen-ji", Post(StaffRole.AUDITOR))
    page = await auditor.get(f"{DESK}/{clerk.staff_id}")
    assert (page.status, "/dismiss" in page.text) == (200, False)
    assert (await do(auditor, f"{DESK}/{clerk.staff_id}/dismiss", reason="试试")).status == 403


async def test_posts_are_listed_with_their_scope(security: Browser, clerk: Credentials) -> None:
    page = await security.get(f"{DESK}/posts?role=clerk")
    assert clerk.username in page.text
    assert "an-quan" not in page.text.split("<tbody>")[1]
    assert clerk.username in (await security.get(f"{DESK}/posts.csv?role=clerk")).text


async def test_everybody_ends_sessions_of_their_own_and_no_others(
    at_work: AtWork, clerk: Credentials
) -> None:
    browser = await at_work("guan-li", Post(StaffRole.HALL_MANAGER))
    signed = await staff.sign_in(clerk.username, clerk.password, code_of(clerk.totp_uri), address="10.9.9.9")
    assert "10.9.9.9" not in (await browser.get("/console/sessions/")).text
    await do(browser, f"/console/sessions/{signed.member.session_id}/end")
    assert (await staff.staff_of(signed.token)).id == clerk.staff_id
    own = await Staff.get(username="guan-li").prefetch_related("sessions")
    ended = await do(browser, f"/console/sessions/{own.sessions[0].id}/end")  # type: ignore[attr-defined]
    assert ended.location == "/console/sign-in"
    assert (await browser.get("/console/")).status == 303


async def test_a_post_is_for_a_hall_or_a_region_chosen_by_name(security: Browser, clerk: Credentials) -> None:
    hall, place = await make_hall("TH"), f"{DESK}/{clerk.staff_id}"
    await Region.filter(code="440106").update(parent_code="4401")
    for code, name, level, parent in (
        ("44", "广东省", 1, None),
        ("4401", "广州市", 2, "44"),
        ("440106010", "石牌街道", 4, "440106"),
    ):
        await Region.create(code=code, name=name, level=level, parent_code=parent, pinyin="", initials="")
    page = (await security.get(place)).text
    for offered in ("天河区办税服务厅（TH）", "广东省（44）", "广州市（4401）", "广州市天河区（440106）"):
        assert f'<option value="{offered}">' in page, offered
    assert "石牌街道" not in page, "towns are too many to offer"
    for typed in ("天河区办税服务厅（TH）", "广州市天河区（440106）", "石牌街道"):
        field = "hall" if "厅" in typed else "region"
        said = {"hall": "", "region": "", field: typed}
        assert (await do(security, f"{place}/appoint", role="hall_manager", **said)).status == 303, typed
    held = await StaffPost.filter(staff_id=clerk.staff_id, role=StaffRole.HALL_MANAGER).order_by("id")
    assert [(one.hall_id, one.region_code) for one in held] == [
        (hall.id, None),
        (None, "440106"),
        (None, "440106010"),
    ]
    for asked, count in (("hall=天河", 1), ("region=广州市", 3), ("region=石牌街道", 1), ("region=石牌", 0)):
        listed = (await security.get(f"{DESK}/posts?role=hall_manager&{asked}")).text
        assert listed.count("chuang-kou") == count, asked


async def test_a_name_that_two_regions_share_is_told_apart(security: Browser, clerk: Credentials) -> None:
    for code, city in (("3201", "南京市"), ("3501", "福州市")):
        await Region.create(code=code, name=city, level=2, parent_code=code[:2], pinyin="", initials="")
        await Region.create(
            code=f"{code}02", name="鼓楼区", level=3, parent_code=code, pinyin="", initials=""
        )
    path = f"{DESK}/{clerk.staff_id}/appoint"
    page = await do(security, path, role="clerk", hall="", region="鼓楼区")
    assert (page.status, 'value="鼓楼区"' in page.text) == (422, True)
    assert "南京市鼓楼区（320102）、福州市鼓楼区（350102）" in page.text
    mixed = await do(security, path, role="clerk", hall="", region="南京市鼓楼区（350102）")
    assert mixed.status == 422, "a name with another's code is neither"
    assert (await do(security, path, role="clerk", hall="", region="福州市鼓楼区")).status == 303
    assert await StaffPost.filter(staff_id=clerk.staff_id, region_code="350102").exists()
