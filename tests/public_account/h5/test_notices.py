"""Notices on the pages: read by anyone, those of a group after signing in."""

from pathlib import Path
from uuid import UUID

import pytest

from app.domain.accounts.models import FollowerGroup, TaxpayerGroup, WeChatIdentity
from app.domain.notices import publishing
from app.kit import clock
from config import settings
from tests.factories.notices import PDF, PNG, Desk, desk, notice_text
from tests.public_account.h5.conftest import Browser


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)


@pytest.fixture
def people(db: None) -> Desk:
    return desk()


async def test_a_notice_is_found_and_read_with_its_files(browser: Browser, people: Desk) -> None:
    text = notice_text(
        "办税<新>通知", body="<p>正文<img src='attachment:图.png'></p>", document_number="第3号"
    )
    notice_id = await people.published(text, {"图.png": PNG, "表.pdf": PDF})
    found = await browser.get("/h5/notices?q=办税&from=groupmessage")
    assert f'href="/h5/notices/{notice_id}"' in found.text
    assert "办税&lt;新&gt;通知" in found.text
    page = await browser.get(f"/h5/notices/{notice_id}?from=timeline")
    assert page.status == 200
    for words in (
        "文号：第3号", "天河区税务局", clock.today().isoformat(), "表.pdf", "1 KB",
        f'<p>正文<img src="/h5/notices/{notice_id}/attachments/1" alt="图"></p>',
        f'href="/h5/notices/{notice_id}/attachments/2" download',
    ):  # fmt: skip
        assert words in page.text
    assert "图.png</a>" not in page.text
    file = await browser.get(f"/h5/notices/{notice_id}/attachments/2")
    assert file.status == 200
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_lists_lead_on_to_what_is_older(browser: Browser, people: Desk) -> None:
    for n in range(21):
        await people.published(notice_text(f"第 {n} 篇", kind="policy"))
    first = await browser.get("/h5/notices?kind=policy")
    assert "第 0 篇" not in first.text
    older = first.text.split('href="/h5/notices?kind=policy&amp;cursor=')[1].split('"')[0]
    assert "第 0 篇" in (await browser.get(f"/h5/notices?kind=policy&cursor={older}")).text
    assert "还没有公告" in (await browser.get("/h5/notices?kind=calendar")).text
    assert "换个说法" in (await browser.get("/h5/notices?q=火锅")).text


async def test_a_withdrawn_notice_says_why(browser: Browser, people: Desk) -> None:
    notice_id = await people.published(notice_text(body="<p>错误内容</p>"))
    await publishing.withdraw(people.author, notice_id, "日期有误")
    page = await browser.get(f"/h5/notices/{notice_id}")
    assert page.status == 200
    assert "已撤回" in page.text
    assert "日期有误" in page.text
    assert "错误内容" not in page.text


async def test_a_link_to_a_groups_notice_leads_over_signing_in(
    signed_in: Browser, person_id: UUID, people: Desk
) -> None:
    notice_id = await people.published(notice_text(groups=["visitor"]))
    assert (await signed_in.get(f"/h5/notices/{notice_id}")).status == 404
    identity = await WeChatIdentity.create(person_id=person_id, appid="a", openid="o", is_follower=True)
    await FollowerGroup.create(
        identity_id=identity.id, taxpayer_group=TaxpayerGroup.VISITOR, because="测试", rules_version=1,
        changed_at=clock.now(),
    )  # fmt: skip
    page = await signed_in.get(f"/h5/notices/{notice_id}")
    assert page.status == 200
    assert page.headers["cache-control"] == "private, no-cache"


async def test_who_is_not_signed_in_is_asked_to(browser: Browser, people: Desk) -> None:
    notice_id = await people.published(notice_text(groups=["visitor"]))
    for path in (f"/h5/notices/{notice_id}", "/h5/notices/999"):
        page = await browser.get(path)
        assert (page.status, page.location.partition("?")[0]) == (303, "/h5/sign-in")
    assert "延长办公时间" not in (await browser.get("/h5/notices")).text
