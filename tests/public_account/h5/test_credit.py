"""Pages of credit ratings: one's own in detail, the calculator, applications, and the A list."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import AgentRole, EnterpriseBinding, IdentityLevel
from app.domain.credit_appeals.models import AppealKind, CreditAppeal
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from tests.domain.invoices.conftest import agent
from tests.factories import credit as make
from tests.factories.accounts import uscc_number
from tests.factories.credit import Authority
from tests.public_account.h5.conftest import Browser, OpenBrowser, Page


@dataclass(frozen=True)
class Acting:
    """A browser whose person acts for an enterprise."""

    browser: Browser
    person_id: UUID
    enterprise_id: UUID


@pytest.fixture(autouse=True)
def authority() -> Iterator[Authority]:
    """The tax authority, telling a B that can be repaired."""
    with make.asked_of_a_repairable_b() as told:
        yield told


@pytest.fixture(autouse=True)
async def _after_the_release(db: None) -> AsyncIterator[None]:
    async with make.after_the_release():
        yield


async def act(browser: Browser, enterprise_id: UUID | None = None) -> Acting:
    owner = await agent(enterprise_id)
    assert owner.enterprise_id is not None
    begun = await sessions.begin(owner.person_id, IdentityLevel.WX_BOUND)
    await sessions.act_as(await sessions.citizen_of(begun.token), owner.enterprise_id)
    browser.plant(SESSION_COOKIE, begun.token)
    return Acting(browser, owner.person_id, owner.enterprise_id)


@pytest.fixture
async def acting(browser: Browser) -> Acting:
    return await act(browser)


async def apply(acting: Acting, **form: str) -> Page:
    page = await acting.browser.get("/h5/credit")
    csrf = (await acting.browser.get("/h5/credit/apply")).field("csrf")
    assert page.status == 200
    return await acting.browser.post("/h5/credit/apply", csrf=csrf, **form)


async def test_the_rating_says_what_it_is_and_what_can_still_be_done(acting: Acting) -> None:
    page = await acting.browser.get("/h5/credit")
    assert page.status == 200
    for words in (
        "广州某公司", "<strong>B</strong>", "88 分", "010101", "2026-12-31 前可以修复", "恢复 40%，加 2 分",
        "不在修复范围", "税务机关正常管理", "申请修复", "申请复核", "历年变化",
        'data-year="2024" data-level="A"',
    ):  # fmt: skip
        assert words in page.text, words
    past = await acting.browser.get("/h5/credit?year=2024")
    assert ("<strong>A</strong>" in past.text, "申请复核" in past.text) == (True, False)
    assert (await acting.browser.get("/h5/credit?year=2020")).status == 404


async def test_who_acts_for_no_enterprise_is_shown_the_way(signed_in: Browser, authority: Authority) -> None:
    for path in ("", "/what-if", "/apply"):
        page = await signed_in.get(f"/h5/credit{path}")
        assert (page.status, "/h5/me/identity?back=/h5/credit" in page.text) == (200, True)
    assert authority.asked == []


async def test_a_silent_authority_is_told_as_a_page(acting: Acting, authority: Authority) -> None:
    authority.is_down = True
    page = await acting.browser.get("/h5/credit")
    assert (page.status, "text/html" in page.headers["content-type"]) == (503, True)


async def test_one_never_rated_is_told_so(acting: Acting, authority: Authority) -> None:
    authority.told = ()
    page = await acting.browser.get("/h5/credit")
    assert (page.status, "还没有参加评价" in page.text) == (200, True)


async def test_the_calculator_reckons_and_keeps_what_was_supposed(acting: Acting) -> None:
    form = await acting.browser.get("/h5/credit/what-if?year=2025")
    assert ("测算结果" in form.text, 'value="2026-05-18"' in form.text) == (False, True)
    asked = "year=2025&on=2026-06-01&lines=1&breaches=bank_accounts&breaches=late_filing"
    page = await acting.browser.get(f"/h5/credit/what-if?{asked}")
    for words in ("测算结果", "恢复 40%，加 2.00 分", "扣 11 分", "<strong>B</strong>74"):
        assert words in page.text, words
    assert 'name="lines" value="1" checked' in page.text
    assert 'value="late_filing" checked' in page.text
    assert await CreditAppeal.all().count() == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("on=2024-01-01&lines=1", "纠正日期不能早于"),
        ("on=2026-06-01&lines=9", "没有这一项扣分"),
        ("on=2026-02-30&lines=1", "应为日期"),
    ],
)
async def test_a_supposition_that_makes_no_sense_is_marked(acting: Acting, query: str, words: str) -> None:
    page = await acting.browser.get(f"/h5/credit/what-if?{query}")
    assert (page.status, 'aria-invalid="true"' in page.text, words in page.text) == (422, True, True)


async def test_refused_boxes_say_why_beneath_them_in_every_language(acting: Acting) -> None:
    asked = "/h5/credit/what-if?on=2026-06-01&breaches=nonsense&lines=0"
    page = (await acting.browser.get(asked)).text
    for name in ("breaches", "lines"):
        assert f'<fieldset aria-describedby="{name}-said">' in page
        assert f'id="{name}-said"' in page
    await acting.browser.get("/h5/language?to=en&back=/h5/")
    english = (await acting.browser.get(asked)).text.partition('id="lines-said">')[2].partition("</p>")[0]
    assert english.startswith("Please mend this: ")
    assert '<span lang="zh-CN">' in english


async def test_a_repair_of_nothing_is_asked_what_it_is_to_mend(acting: Acting) -> None:
    refused = await apply(acting, kind="repair", year="2025", reason="已补报")
    assert (refused.status, "请勾选要修复的扣分" in refused.text, "已补报" in refused.text) == (
        422,
        True,
        True,
    )
    await acting.browser.get("/h5/language?to=en&back=/h5/")
    english = (await apply(acting, kind="repair", year="2025", reason="已补报")).text
    assert '<p class="why" id="lines-said">Please tick what is to be repaired</p>' in english, (
        "not as Chinese"
    )


async def test_an_application_is_made_once_and_tells_its_code_once(acting: Acting) -> None:
    form = await acting.browser.get("/h5/credit/apply?kind=repair&year=2025")
    assert ('name="lines" value="1"' in form.text, 'name="lines" value="2"' in form.text) == (True, False)
    wish = {"kind": "repair", "year": "2025", "lines": "1", "reason": "已补申报"}
    done = await apply(acting, **wish)
    made = await CreditAppeal.get(enterprise_id=acting.enterprise_id)
    assert (made.kind, made.codes, made.reason) == (AppealKind.REPAIR, ["010101"], "已补申报")
    for words in ("申请已提交", made.case_number, "只显示这一次", f"/h5/cases/{made.case_number}"):
        assert words in done.text, words
    twice = await apply(acting, **wish)
    assert (twice.status, "已有同类申请" in twice.text, "已补申报" in twice.text) == (409, True, True)
    page = await acting.browser.get("/h5/credit")
    for words in ("修复中", "已申请，等待受理", made.case_number):
        assert words in page.text, words


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"reason": ""}, 422, "必填"),
        ({"lines": "2"}, 409, "不在修复范围"),
        ({"lines": "7"}, 422, "没有第 7 项扣分"),
        ({"kind": "overall", "lines": "1"}, 422, "请不要选择扣分"),
        ({"kind": "direct_d", "lines": ""}, 409, "不需要直接判级修复"),
        ({"kind": "review", "year": "2024", "lines": ""}, 409, "已不能申请"),
    ],
)
async def test_a_refused_application_says_why_and_keeps_what_was_typed(
    acting: Acting, change: dict[str, str], status: int, words: str
) -> None:
    page = await apply(
        acting, **({"kind": "repair", "year": "2025", "lines": "1", "reason": "已补<b>申报"} | change)
    )
    assert (page.status, words in page.text) == (status, True)
    assert ("已补&lt;b&gt;申报" in page.text) == ("reason" not in change)
    assert await CreditAppeal.all().count() == 0


async def test_an_invoice_collector_may_look_and_not_apply(acting: Acting) -> None:
    await EnterpriseBinding.filter(person_id=acting.person_id).update(role=AgentRole.INVOICE_COLLECTOR)
    page = await apply(acting, kind="repair", year="2025", lines="1", reason="已补申报")
    assert (page.status, "请由他们办理" in page.text) == (403, True)


async def test_a_direct_d_says_why_and_when_it_may_be_repaired(acting: Acting, authority: Authority) -> None:
    authority.told = (make.direct_d(corrected_on=date(2026, 5, 1)),)
    page = await acting.browser.get("/h5/credit")
    for words in (
        "直接判为 D 级",
        "未在规定期限内按税务处理决定足额缴纳",
        "2026-08-01 起",
        "2026 年度评价保持 D 级",
    ):
        assert words in page.text, words
    form = await acting.browser.get("/h5/credit/apply?kind=direct_d")
    assert ("2026-08-01 起" in form.text, 'name="reason"' in form.text) == (True, False)


async def test_nobody_sees_the_applications_of_another_enterprise(
    acting: Acting, open_browser: OpenBrowser
) -> None:
    await apply(acting, kind="repair", year="2025", lines="1", reason="已补申报")
    made = await CreditAppeal.get(enterprise_id=acting.enterprise_id)
    other = await act(await open_browser())
    assert made.case_number not in (await other.browser.get("/h5/credit")).text
    colleague = await act(await open_browser(), acting.enterprise_id)
    assert made.case_number in (await colleague.browser.get("/h5/credit")).text


async def test_the_a_list_is_open_to_anyone(browser: Browser, tmp_path: Path) -> None:
    rows = [make.row(n, name=f"广州第{n:02d}有限公司") for n in range(1, 23)]
    await make.published(tmp_path, [*rows, make.row(30, "B", "80", name="广州乙有限公司")])
    first = await browser.get("/h5/credit/a-list")
    assert (first.status, "2025 年度 A 级" in first.text, "广州乙" in first.text) == (200, True, False)
    cursor = first.text.partition("cursor=")[2].partition('"')[0]
    further = await browser.get(f"/h5/credit/a-list?year=2025&cursor={cursor}")
    assert ("广州第22有限公司" in further.text, "广州第01有限公司" in further.text) == (True, False)
    found = await browser.get(f"/h5/credit/a-list?year=2025&q={uscc_number(7)}")
    assert ("广州第07有限公司" in found.text, "广州第08有限公司" in found.text) == (True, False)
    again = await browser("GET", "/h5/credit/a-list", headers={"if-none-match": first.headers["etag"]})
    assert again.status == 304
    none = await browser.get("/h5/credit/a-list?year=2025&q=没有")
    assert (none.status, "没有找到" in none.text) == (200, True)


async def test_a_year_without_a_list_keeps_the_form(browser: Browser) -> None:
    page = await browser.get("/h5/credit/a-list?year=2023")
    assert (page.status, "尚未公布" in page.text, 'value="2023" selected' in page.text) == (404, True, True)
    wrong = await browser.get("/h5/credit/a-list?year=abc&q=广州")
    assert (wrong.status, "应为整数" in wrong.text, 'value="广州"' in wrong.text) == (422, True, True)
