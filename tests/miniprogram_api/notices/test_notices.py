"""Notices over the API: lists, one whole with its ETag, files, and what a group alone may see."""

from pathlib import Path

import pytest

from app import worker
from app.domain.accounts.models import TaxpayerGroup, WeChatIdentity
from app.domain.notices import publishing, reads
from app.domain.notices.models import NoticeReads
from app.kit import cache
from app.kit import db as raw
from app.kit.outbox import Relay
from config import messages, settings
from notifications.messages import Messages
from tests.client import Client
from tests.factories.notices import PDF, PNG, Desk, desk, notice_text

LIST = "/api/v1/notices"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    return tmp_path


@pytest.fixture
def people(db: None) -> Desk:
    return desk()


async def joins(openid_of: str, group: TaxpayerGroup) -> None:
    """The person of the newest session is put into a group."""
    identity = await WeChatIdentity.all().order_by("-id").first()
    assert identity is not None, openid_of
    await raw.execute(
        "INSERT INTO follower_group (identity_id, taxpayer_group, because, rules_version, changed_at)"
        " VALUES ($1, $2, '测试', 1, now())",
        identity.id,
        group.value,
    )


async def hand_on() -> None:
    relay = Relay(worker.handlers(Messages(messages.current())))
    while await relay.step():
        pass


async def test_lists_are_paged_and_narrowed(client: Client, people: Desk) -> None:
    for n in range(3):
        await people.published(notice_text(f"第 {n} 次通知", summary="要点"))
    await people.published(notice_text("购置税政策", kind="policy", document_number="第8号"))
    whole = await client.get(LIST)
    assert whole.status == 200
    assert set(whole.body["items"][0]) == {
        "id", "kind", "title", "source", "document_number", "summary", "published_at",
    }  # fmt: skip
    assert whole.body["items"][0]["title"] == "购置税政策"
    first = await client.get(f"{LIST}?kind=announcement&limit=2")
    rest = await client.get(f"{LIST}?kind=announcement&limit=2&cursor={first.body['next']}")
    assert [one["title"] for one in first.body["items"] + rest.body["items"]] == [
        "第 2 次通知",
        "第 1 次通知",
        "第 0 次通知",
    ]
    assert rest.body["next"] is None
    found = await client.get(LIST, params={"q": "购置税"})
    assert [one["document_number"] for one in found.body["items"]] == ["第8号"]
    for wrong in ("kind=news", "limit=51", "cursor=abc"):
        assert (await client.get(f"{LIST}?{wrong}")).status == 422


async def test_a_notice_comes_whole_and_not_twice(client: Client, people: Desk) -> None:
    body = "<p onclick='x()'>见<img src='attachment:图.png'></p><script>x()</script>"
    text = notice_text(body=body, groups=[], document_number="2026年第1号")
    notice_id = await people.published(text, {"图.png": PNG, "表.pdf": PDF})
    shown = await client.get(f"{LIST}/{notice_id}")
    base = f"{settings.current().public_url}{LIST}/{notice_id}/attachments"
    picture, table = shown.body["attachments"]
    assert shown.body["body"] == f'<p>见<img src="{base}/{picture["id"]}" alt="图"></p>'
    assert (table["name"], table["media_type"], table["size"]) == ("表.pdf", "application/pdf", len(PDF))
    again = await client.get(f"{LIST}/{notice_id}", headers={"If-None-Match": shown.headers["etag"]})
    assert again.status == 304
    assert shown.headers["cache-control"] == "private, no-cache"


async def test_a_file_is_saved_and_never_shown_as_a_page(client: Client, people: Desk) -> None:
    notice_id = await people.published(notice_text(), {"申请 表.pdf": PDF})
    [file] = (await client.get(f"{LIST}/{notice_id}")).body["attachments"]
    path = f"{LIST}/{notice_id}/attachments/{file['id']}"
    got = await client.get(path)
    assert (got.status, got.body) == (200, PDF)
    assert got.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%E7%94%B3%E8%AF%B7%20%E8%A1%A8.pdf"
    )
    assert got.headers["x-content-type-options"] == "nosniff"
    assert (await client.get(path, headers={"If-None-Match": got.headers["etag"]})).status == 304
    for wrong in (f"{LIST}/{notice_id}/attachments/{file['id'] + 1}", f"{LIST}/999/attachments/{file['id']}"):
        assert (await client.get(wrong)).status == 404


async def test_a_file_of_one_notice_is_not_had_through_another(client: Client, people: Desk) -> None:
    secret = await people.published(notice_text(groups=["legal_representative"]), {"内部.pdf": PDF})
    public = await people.published(notice_text())
    attachment_id = await raw.fetch_value("SELECT id FROM notice_attachment")
    for notice_id in (secret, public):
        assert (await client.get(f"{LIST}/{notice_id}/attachments/{attachment_id}")).status == 404


async def test_drafts_and_their_files_are_nobodys(client: Client, people: Desk) -> None:
    notice_id = await people.reviewed(notice_text(), {"表.pdf": PDF})
    attachment_id = await raw.fetch_value("SELECT id FROM notice_attachment")
    assert (await client.get(f"{LIST}/{notice_id}")).status == 404
    assert (await client.get(f"{LIST}/{notice_id}/attachments/{attachment_id}")).status == 404
    assert (await client.get(LIST)).body["items"] == []


async def test_a_group_sees_its_own_and_what_others_see_is_not_mixed_up(client: Client, people: Desk) -> None:
    notice_id = await people.published(notice_text("给办税人员", groups=["enterprise_agent"]))
    stranger = await client.log_in("stranger")
    agent = await client.log_in("agent")
    await joins("agent", TaxpayerGroup.ENTERPRISE_AGENT)
    seen = {token: (await client.get(LIST, token=token)).body["items"] for token in (None, agent, stranger)}
    assert [one["title"] for one in seen[agent]] == ["给办税人员"]
    assert seen[stranger] == seen[None] == []
    assert (await client.get(f"{LIST}/{notice_id}", token=agent)).status == 200
    for token in (None, stranger):
        assert (await client.get(f"{LIST}/{notice_id}", token=token)).code == "notice_not_found"


async def test_a_withdrawn_notice_says_so_at_once(client: Client, people: Desk) -> None:
    notice_id = await people.published(notice_text(), {"表.pdf": PDF})
    await client.get(f"{LIST}/{notice_id}")
    await publishing.withdraw(people.author, notice_id, "日期有误")
    shown = (await client.get(f"{LIST}/{notice_id}")).body
    assert (shown["withdrawn_because"], shown["body"], shown["summary"]) == ("日期有误", "", "")
    assert shown["attachments"] == []
    assert shown["title"]


async def test_kept_lists_are_dropped_when_something_is_published_or_withdrawn(
    client: Client, people: Desk
) -> None:
    assert (await client.get(LIST)).body["items"] == []
    assert await cache.client().exists("page:notices:all") == 1
    notice_id = await people.published(notice_text())
    assert (await client.get(LIST)).body["items"] == [], "kept for all readers"
    await hand_on()
    assert len((await client.get(LIST)).body["items"]) == 1
    assert len((await client.get(f"{LIST}?kind=announcement")).body["items"]) == 1
    await publishing.withdraw(people.author, notice_id, "有误")
    await hand_on()
    for path in (LIST, f"{LIST}?kind=announcement"):
        assert (await client.get(path)).body["items"] == []
    assert await raw.fetch_value("SELECT count(*) FROM outbox_event") == 0


def test_the_worker_publishes_and_counts_every_minute() -> None:
    every_minute = {task for cron, _, task in worker._TIMED if cron == "* * * * *"}
    assert {publishing.publish_due, reads.fold} <= every_minute


async def test_readers_are_counted_but_not_of_what_is_withdrawn(client: Client, people: Desk) -> None:
    notice_id, gone = await people.published(notice_text()), await people.published(notice_text("撤"))
    await publishing.withdraw(people.author, gone, "有误")
    token = await client.log_in("reader")
    for who in (token, token, None):
        await client.get(f"{LIST}/{notice_id}", token=who)
        await client.get(f"{LIST}/{gone}", token=who)
    await reads.flush()
    await reads.fold()
    assert [(one.notice_id, one.readers) for one in await NoticeReads.all()] == [(notice_id, 2)]
