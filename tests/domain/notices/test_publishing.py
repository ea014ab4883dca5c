"""Publishing at a time, once however many workers try, and withdrawing."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.domain.notices import desk as staff_desk
from app.domain.notices import drafting, publishing, queries
from app.domain.notices.errors import (
    AttachmentNameTaken,
    AttachmentNotFound,
    BadNoticeText,
    NoticeExpires,
    NoticeNotAt,
    NoticeNotFound,
    PublishInPast,
    TooManyAttachments,
)
from app.domain.notices.models import Notice, NoticeEvent, NoticeState
from app.kit import clock
from app.kit import db as raw
from app.kit.clock import SHANGHAI
from tests.factories.notices import PDF, PNG, Desk, notice_text

NOON = datetime(2026, 12, 1, 12, tzinfo=SHANGHAI)


async def events() -> list[str]:
    rows = await raw.fetch("SELECT kind FROM outbox_event ORDER BY id")
    return [row["kind"] for row in rows]


async def listed() -> list[int]:
    return [one.id for one in (await queries.notices()).items]


async def test_a_scheduled_notice_is_published_when_its_time_has_come(people: Desk) -> None:
    with clock.frozen(NOON):
        notice_id = await people.reviewed(notice_text())
        await publishing.schedule(people.author, notice_id, NOON + timedelta(hours=1))
    with clock.frozen(NOON + timedelta(minutes=59)):
        assert await publishing.publish_due() == 0
        assert await listed() == []
    with clock.frozen(NOON + timedelta(hours=1)):
        assert await publishing.publish_due() == 1
        assert await publishing.publish_due() == 0
        assert await listed() == [notice_id]
    assert (await Notice.get()).published_at == NOON + timedelta(hours=1)


async def test_many_workers_publish_each_notice_once(people: Desk) -> None:
    with clock.frozen(NOON):
        wanted = [await people.reviewed(notice_text(f"第 {n} 篇")) for n in range(3)]
        for notice_id in wanted:
            await publishing.schedule(people.author, notice_id, NOON)
        counts = await asyncio.gather(*(publishing.publish_due() for _ in range(4)))
    assert sum(counts) == 3
    assert await events() == ["notice_published"] * 3
    assert await NoticeEvent.filter(kind="published").count() == 3


async def test_a_notice_that_fails_keeps_no_other_back(
    people: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_BATCH", 2)
    with clock.frozen(NOON):
        wanted = [await people.reviewed(notice_text(f"第 {n} 篇")) for n in range(5)]
        for notice_id in wanted:
            await publishing.schedule(people.author, notice_id, NOON)
        # Words that should not be there yet have the database refuse three: a whole batch and half of one.
        for notice_id in wanted[:3]:
            await raw.execute("INSERT INTO notice_index (notice_id, words) VALUES ($1, '')", notice_id)
        assert await publishing.publish_due() == 2
        assert sorted(await listed()) == wanted[3:]
        assert [f"notice {notice_id} is not published" in caplog.text for notice_id in wanted] == [
            True, True, True, False, False,
        ]  # fmt: skip
        await raw.execute("DELETE FROM notice_index WHERE words = ''")
        assert await publishing.publish_due() == 3
    assert await events() == ["notice_published"] * 5


async def test_the_past_is_refused_and_a_time_may_be_taken_back(people: Desk) -> None:
    with clock.frozen(NOON):
        notice_id = await people.reviewed(notice_text())
        with pytest.raises(PublishInPast):
            await publishing.schedule(people.author, notice_id, NOON - timedelta(seconds=1))
        await publishing.schedule(people.author, notice_id, NOON + timedelta(hours=1))
        await publishing.schedule(people.author, notice_id, None)
    with clock.frozen(NOON + timedelta(days=1)):
        assert await publishing.publish_due() == 0
    assert (await Notice.get()).state is NoticeState.SCHEDULED


async def test_a_change_takes_the_time_away(people: Desk) -> None:
    with clock.frozen(NOON):
        notice_id = await people.reviewed(notice_text())
        await publishing.schedule(people.author, notice_id, NOON + timedelta(hours=1))
        await drafting.edit(people.author, notice_id, notice_text("改了"))
        await people.review(notice_id)
    with clock.frozen(NOON + timedelta(days=1)):
        assert await publishing.publish_due() == 0


async def test_an_expired_notice_is_not_published_and_not_listed_but_still_read(people: Desk) -> None:
    text = notice_text(expires_at=NOON.date())
    midnight = datetime(2026, 12, 2, tzinfo=SHANGHAI)
    with clock.frozen(NOON):
        notice_id, late = await people.published(text), await people.reviewed(text)
        with pytest.raises(NoticeExpires):
            await publishing.schedule(people.author, late, midnight)
        assert await listed() == [notice_id]
    with clock.frozen(midnight):
        with pytest.raises(NoticeExpires):
            await publishing.publish(people.author, late)
        assert await listed() == []
        assert (await queries.notice(notice_id, files_at="")).is_expired


async def test_a_withdrawn_notice_says_why_and_hides_its_words(people: Desk, files: object) -> None:
    text = notice_text(body="<p>错误的内容<img src='attachment:图.png'></p>")
    notice_id = await people.published(text, {"图.png": PNG})
    attachment_id = (await queries.notice(notice_id, files_at="/a")).attachments[0].id
    with pytest.raises(BadNoticeText):
        await publishing.withdraw(people.author, notice_id, " ")
    await publishing.withdraw(people.author, notice_id, "时间有误，请以新通知为准")
    shown = await queries.notice(notice_id, files_at="/a")
    assert (shown.withdrawn_because, shown.body, shown.attachments) == ("时间有误，请以新通知为准", "", [])
    assert shown.summary == ""
    assert await listed() == []
    assert (await queries.notices(q="延长办公时间")).items == []
    with pytest.raises(AttachmentNotFound):
        await queries.attachment(notice_id, attachment_id)
    with pytest.raises(NoticeNotAt):
        await publishing.withdraw(people.author, notice_id, "再撤一次")
    assert await events() == ["notice_published", "notice_withdrawn"]
    # Staff still see it as it was.
    kept = await staff_desk.whole(people.author, notice_id)
    assert "错误的内容" in kept.text.body
    assert (await staff_desk.file(people.author, notice_id, attachment_id)).content == PNG
    with pytest.raises(NoticeNotFound):
        await staff_desk.whole(people.author, notice_id, version=9)


async def test_ten_files_and_no_name_twice(people: Desk, files: object) -> None:
    notice_id = await drafting.draft(people.author, notice_text())
    for n in range(10):
        await drafting.attach(people.author, notice_id, f"{n}.pdf", PDF)
    with pytest.raises(TooManyAttachments):
        await drafting.attach(people.author, notice_id, "eleven.pdf", PDF)
    first = (await queries.attached(notice_id, 11))[0]
    await drafting.detach(people.author, notice_id, first.id)
    with pytest.raises(AttachmentNameTaken):
        await drafting.attach(people.author, notice_id, "9.pdf", PDF)
    await drafting.attach(people.author, notice_id, "0.pdf", PDF)
    with pytest.raises(AttachmentNotFound):
        await drafting.detach(people.author, notice_id, first.id)


async def test_words_that_show_a_missing_file_are_not_handed_in(people: Desk, files: object) -> None:
    body = "<p>见<a href='attachment:表.pdf'>表</a><img src='attachment:表.pdf'></p>"
    notice_id = await drafting.draft(people.author, notice_text(body=body))
    with pytest.raises(BadNoticeText):
        await drafting.submit(people.author, notice_id)
    # A document cannot be shown as a picture.
    await drafting.attach(people.author, notice_id, "表.pdf", PDF)
    with pytest.raises(BadNoticeText):
        await drafting.submit(people.author, notice_id)
    await drafting.edit(people.author, notice_id, notice_text(body="<a href='attachment:表.pdf'>表</a>"))
    await drafting.submit(people.author, notice_id)
