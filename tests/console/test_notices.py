"""The notices' desk: written, reviewed by three others, published, withdrawn; each within its districts."""

import re

import aiohttp
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.notices import drafting
from app.domain.notices.models import Notice, NoticeState
from tests.console.conftest import AtWork, OpenBrowser
from tests.factories.notices import PDF, author, desk, notice_text
from tests.factories.papers import SilentScanner
from tests.public_account.h5.conftest import Browser, Page

NEW = "/console/notices/new"
WORDS = {
    "kind": "announcement",
    "title": "关于延长办公时间的通知",
    "source": "天河区税务局",
    "body": "<p>自下周起</p><script>alert(1)</script>",
}
TIANHE = "440106"


@pytest.fixture
async def publisher(at_work: AtWork) -> Browser:
    return await at_work("bo-zhe", Post(StaffRole.PUBLISHER))


async def press(browser: Browser, path: str, deed: str, **form: str) -> Page:
    """A deed from the page of a notice, with the token of that page."""
    page = await browser.get(path)
    return await browser.post(f"{path}/{deed}", csrf=page.field("csrf"), **form)


async def drafted(browser: Browser, **words: str) -> str:
    page = await browser.get(NEW)
    made = await browser.post(NEW, csrf=page.field("csrf"), **{**WORDS, **words})
    assert made.status == 303, re.findall('class="why">([^<]+)', made.text)
    return made.location.partition("?")[0]


async def hand_over(browser: Browser, path: str, name: str, content: bytes) -> Page:
    page = await browser.get(path)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("csrf", page.field("csrf"))
    form.add_field("file", content, filename=name)
    return await browser("POST", f"{path}/attach", data=form)


async def state_of(path: str) -> NoticeState:
    return (await Notice.get(id=int(path.rpartition("/")[2]))).state


async def test_a_notice_goes_its_whole_way(publisher: Browser, at_work: AtWork) -> None:
    path = await drafted(publisher)
    assert (await hand_over(publisher, path, "说明.pdf", PDF)).status == 303
    assert (await press(publisher, path, "submit")).status == 303
    for name in ("yi-shen", "er-shen", "san-shen"):
        reviewer = await at_work(name, Post(StaffRole.REVIEWER))
        assert (await press(reviewer, path, "approve", version="2")).location.endswith("done=approved")
    assert (await press(publisher, path, "schedule", at="2027-01-01T09:00")).status == 303
    assert "2027-01-01T09:00" in (await publisher.get(path)).text
    assert (await press(publisher, path, "unschedule")).status == 303
    assert (await press(publisher, path, "publish")).status == 303
    assert await state_of(path) is NoticeState.PUBLISHED
    assert (await press(publisher, path, "withdraw", reason="数字有误")).status == 303
    page = await publisher.get(path)
    assert "已撤回" in page.text
    assert "数字有误" in page.text
    assert page.text.count("审校通过") >= 3, "the history names each review"


async def test_words_are_shown_clean_before_they_are_saved(publisher: Browser) -> None:
    page = await publisher.get(NEW)
    shown = await publisher.post(NEW, csrf=page.field("csrf"), then="preview", **WORDS)
    assert shown.status == 200
    assert "<p>自下周起</p>" in shown.text
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert" in shown.text, "what was typed stands in the field as it was"
    assert not await Notice.all().exists()


async def test_a_wrong_field_is_marked_and_the_rest_stays(publisher: Browser) -> None:
    page = await publisher.get(NEW)
    said = {**WORDS, "title": "", "expires_at": "2026-13-44", "groups": "natural_person"}
    shown = await publisher.post(NEW, csrf=page.field("csrf"), **said)
    assert shown.status == 422
    assert "应为日期" in shown.text
    assert 'value="天河区税务局"' in shown.text
    assert 'value="natural_person" checked' in shown.text
    del said["expires_at"]
    shown = await publisher.post(NEW, csrf=page.field("csrf"), **said)
    assert 'id="title-said" class="why"' in shown.text


async def test_a_file_nobody_can_look_at_now_is_told_with_when_to_try_again(
    publisher: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kit.files.choice._scanner", SilentScanner())
    path = await drafted(publisher)
    page = await hand_over(publisher, path, "说明.pdf", PDF)
    assert (page.status, page.headers["retry-after"]) == (503, "60")
    assert WORDS["title"] in page.text, "the notice is shown again"


async def test_a_change_begins_a_version_and_the_one_before_stays(publisher: Browser) -> None:
    path = await drafted(publisher, groups="natural_person", expires_at="2027-05-01")
    page = await publisher.get(f"{path}/edit")
    assert 'value="2027-05-01"' in page.text
    changed = await publisher.post(f"{path}/edit", csrf=page.field("csrf"), **{**WORDS, "title": "新标题"})
    assert changed.location == f"{path}?done=edited"
    assert "新标题" in (await publisher.get(path)).text
    assert WORDS["title"] in (await publisher.get(f"{path}?version=1")).text
    other = await publisher.post(f"{path}/edit", csrf=page.field("csrf"), **{**WORDS, "kind": "policy"})
    assert (other.status, "不能更改" in other.text) == (422, True)


async def test_a_refusal_says_the_way_out_and_keeps_the_reason_typed(
    publisher: Browser, at_work: AtWork
) -> None:
    path = await drafted(publisher)
    await press(publisher, path, "submit")
    reviewer = await at_work("yi-shen", Post(StaffRole.REVIEWER))
    empty = await press(reviewer, path, "refuse", version="1", reason="")
    assert (empty.status, await state_of(path)) == (422, NoticeState.FIRST_REVIEW)
    stale = await press(reviewer, path, "refuse", version="9", reason="第二段数字有误")
    assert (stale.status, "第二段数字有误" in stale.text) == (409, True)
    assert (await press(reviewer, path, "refuse", version="1", reason="第二段数字有误")).status == 303
    again = await press(publisher, path, "submit")
    assert (again.status, "按审校意见修改" in again.text) == (409, True)


async def test_nobody_reviews_what_they_wrote(at_work: AtWork) -> None:
    both = await at_work("liang-zhe", Post(StaffRole.PUBLISHER), Post(StaffRole.REVIEWER))
    path = await drafted(both)
    await press(both, path, "submit")
    refused = await press(both, path, "approve", version="1")
    assert (refused.status, "须由其他人审校" in refused.text) == (409, True)


@pytest.mark.parametrize("name", ["page.html", "logo.svg", "page.png"])
async def test_what_a_browser_would_run_is_not_taken_in(publisher: Browser, name: str) -> None:
    path = await drafted(publisher)
    refused = await hand_over(publisher, path, name, b"<svg onload=alert(1)><script>alert(1)</script></svg>")
    assert refused.status == 422
    assert "附件已上传" not in refused.text


async def test_a_file_is_saved_and_never_shown_as_a_page(publisher: Browser) -> None:
    path = await drafted(publisher)
    await hand_over(publisher, path, "说明.pdf", PDF)
    found = re.search(rf'href="({path}/files/\d+\?version=2)"', (await publisher.get(path)).text)
    assert found is not None
    async with publisher.session.get(found[1]) as answer:
        assert await answer.read() == PDF
        assert answer.headers["content-disposition"].startswith("attachment")
    page = await publisher.get(path)
    gone = await publisher.post(f"{path}/detach", csrf=page.field("csrf"), file_id=page.field("file_id"))
    assert gone.status == 303
    assert "没有附件" in (await publisher.get(path)).text


async def test_a_district_sees_its_own_notices_alone(at_work: AtWork) -> None:
    own = await drafting.draft(author(), notice_text("不限辖区的通知"))
    tianhe = await at_work("tian-he", Post(StaffRole.PUBLISHER, region_code=TIANHE))
    listed = await tianhe.get("/console/notices/list")
    assert "不限辖区的通知" not in listed.text
    assert (await tianhe.get(f"/console/notices/{own}")).status == 403
    assert "不限辖区的通知" not in (await tianhe.get("/console/notices/list.csv")).text
    page = await tianhe.get(NEW)
    refused = await tianhe.post(NEW, csrf=page.field("csrf"), **WORDS)
    assert refused.status == 403
    assert 'value="天河区税务局"' in refused.text


async def test_the_list_is_narrowed_by_state_and_kind(publisher: Browser) -> None:
    await desk().published(notice_text("已发布的"))
    await drafted(publisher, title="还是草稿")
    page = await publisher.get("/console/notices/list?state=published")
    assert ("已发布的" in page.text, "还是草稿" in page.text) == (True, False)
    assert "还是草稿" not in (await publisher.get("/console/notices/list?kind=policy")).text


async def test_what_staff_type_never_becomes_markup(publisher: Browser, at_work: AtWork) -> None:
    probe = "<script>alert(1)</script>"
    attack = (
        f"<p onclick='alert(1)'>话</p>{probe}<img src=x onerror=alert(1)><a href='javascript:alert(1)'>点</a>"
    )
    lines = dict.fromkeys(("title", "source", "document_number", "summary"), f"字{probe}")
    path = await drafted(publisher, **lines, body=attack)
    await press(publisher, path, "submit")
    reviewer = await at_work("yi-shen", Post(StaffRole.REVIEWER))
    await press(reviewer, path, "refuse", version="1", reason=f"不妥{probe}")
    for address in (path, f"{path}/edit", "/console/notices/list"):
        page = await publisher.get(address)
        assert probe not in page.text, address
        assert "&lt;script&gt;alert(1)" in page.text, "the probe is shown"
    page = await publisher.get(path)
    for dead in ("onclick", "onerror", "javascript:"):
        assert dead not in page.text, dead


async def test_a_citizen_reads_no_markup_of_the_publisher(open_browser: OpenBrowser) -> None:
    probe = "<script>alert(1)</script>"
    notice_id = await desk().published(
        notice_text(
            f"题{probe}", source=f"局{probe}", summary=f"摘{probe}", body=f"<p onclick=x>话</p>{probe}"
        )
    )
    citizen = await open_browser()
    for address in ("/h5/notices", f"/h5/notices/{notice_id}"):
        page = await citizen.get(address)
        assert page.status == 200
        assert probe not in page.text, address
        assert "onclick" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text, "the probe is shown"
