"""What readers find: their own groups' notices, by kind and words, page by page, and how many they are."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.domain.accounts.models import FollowerGroup, TaxpayerGroup, WeChatIdentity
from app.domain.notices import queries, reads
from app.domain.notices.errors import NoticeNotFound
from app.domain.notices.models import NoticeKind, NoticeReads
from app.kit import cache, clock
from app.kit import db as raw
from app.kit.clock import SHANGHAI
from app.kit.cursors import BadCursor
from tests.factories.appointments import make_person
from tests.factories.notices import Desk, notice_text

NOON = datetime(2026, 12, 1, 12, tzinfo=SHANGHAI)


async def grouped(group: TaxpayerGroup) -> UUID:
    """Somebody who follows the account and is in this group."""
    person_id = await make_person()
    identity = await WeChatIdentity.create(
        person_id=person_id, appid="wx-oa", openid=f"o-{person_id}", is_follower=True
    )
    await FollowerGroup.create(
        identity_id=identity.id,
        taxpayer_group=group,
        because="测试",
        rules_version=1,
        changed_at=clock.now(),
    )
    return person_id


async def titles(
    reader: UUID | None = None, *, kinds: list[NoticeKind] | None = None, q: str | None = None
) -> list[str]:
    return [one.title for one in (await queries.notices(reader=reader, kinds=kinds, q=q)).items]


async def test_a_notice_for_a_group_is_for_that_group_alone(people: Desk) -> None:
    for_all = await people.published(notice_text("给所有人"))
    text = notice_text("给法定代表人", groups=["legal_representative"])
    for_some = await people.published(text)
    boss, visitor = await grouped(TaxpayerGroup.LEGAL_REPRESENTATIVE), await grouped(TaxpayerGroup.VISITOR)
    assert await titles(boss) == ["给法定代表人", "给所有人"]
    for other in (visitor, None, await make_person()):
        assert await titles(other) == ["给所有人"]
        assert await titles(other, q="法定代表人") == []
        with pytest.raises(NoticeNotFound):
            await queries.notice(for_some, reader=other, files_at="")
        with pytest.raises(NoticeNotFound):
            await queries.attachment(for_some, 1, reader=other)
        assert (await queries.notice(for_all, reader=other, files_at="")).title == "给所有人"
    assert (await queries.notice(for_some, reader=boss, files_at="")).title == "给法定代表人"


async def test_what_is_not_published_is_not_there(people: Desk) -> None:
    notice_id = await people.reviewed(notice_text())
    for unknown in (notice_id, notice_id + 1, 0, -1, 2**80):
        with pytest.raises(NoticeNotFound):
            await queries.notice(unknown, files_at="")


async def test_lists_go_back_in_time_page_by_page_without_gaps(people: Desk) -> None:
    wanted = []
    for n in range(7):
        # Some are published at the very same moment.
        with clock.frozen(NOON + timedelta(hours=n // 3)):
            wanted.append(await people.published(notice_text(f"第 {n} 篇")))
    seen, cursor = [], None
    while True:
        page = await queries.notices(limit=2, cursor=cursor)
        seen += [one.id for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(wanted, reverse=True)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "cursor", ["x", "W10", "WzEsMl0x", "WyJhIiwyXQ", "WzEuNSwyXQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LDFd"]
)
async def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        await queries.notices(cursor=cursor)


async def test_notices_are_found_by_words_pinyin_and_number_and_by_kind(people: Desk) -> None:
    await people.published(
        notice_text("个人所得税汇算清缴开始", document_number="2026年第8号", body="<p>请在期限内办理</p>")
    )
    await people.published(
        notice_text("车辆购置税政策", kind="policy", body="<table><td>新能源</td></table>")
    )
    for asked in ("汇算清缴", "个税汇算清缴什么时候", "gerensuodeshui", "2026年第8号", "期限内"):
        assert await titles(q=asked) == ["个人所得税汇算清缴开始"], asked
    assert await titles(q="新能源") == ["车辆购置税政策"]
    assert await titles(q="政策法规") == ["车辆购置税政策"]
    for asked in ("火锅", "吗", "'; DROP TABLE notice; --", "& | !", "\\"):
        assert await titles(q=asked) == [], asked
    assert await titles(kinds=[NoticeKind.POLICY]) == ["车辆购置税政策"]
    assert await titles(kinds=[NoticeKind.CALENDAR]) == []


async def test_a_reader_counts_once_a_day(people: Desk) -> None:
    notice_id, other = await people.published(notice_text()), await people.published(notice_text("另一篇"))
    with clock.frozen(NOON):
        for reader in ("person:1", "person:1", "person:2"):
            reads.note(notice_id, reader)
        reads.note(other, "person:1")
        await reads.flush()
        reads.note(notice_id, "person:1")
        await reads.flush()
        await reads.fold()
        await reads.fold()
    with clock.frozen(NOON + timedelta(days=1)):
        reads.note(notice_id, "person:1")
        await reads.flush()
        await asyncio.gather(reads.fold(), reads.fold())
    counted = await NoticeReads.all().order_by("notice_id", "on").values_list("notice_id", "readers")
    assert counted == [(notice_id, 2), (notice_id, 1), (other, 1)]


async def test_an_emptied_cache_never_makes_the_count_smaller(people: Desk) -> None:
    notice_id = await people.published(notice_text())
    for n in range(3):
        reads.note(notice_id, f"person:{n}")
    await reads.flush()
    await reads.fold()
    await cache.client().flushall()
    reads.note(notice_id, "person:9")
    await reads.flush()
    await reads.fold()
    assert (await NoticeReads.get()).readers == 3


async def test_readers_are_told_to_the_cache_by_themselves(
    people: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_GATHER_S", 0)
    notice_id = await people.published(notice_text())
    reads.note(notice_id, "person:1")
    for _ in range(100):
        await asyncio.sleep(0.01)
        if await cache.client().exists(f"notice:read:{clock.today()}"):
            break
    await reads.fold()
    assert (await NoticeReads.get()).readers == 1


async def test_without_a_cache_reading_goes_on_uncounted(
    people: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone() -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "client", gone)
    reads.note(1, "person:1")
    await reads.flush()
    assert "1 readers of notices were not counted" in caplog.text
    assert "person:1" not in caplog.text


async def test_lists_use_their_index(people: Desk) -> None:
    await people.published(notice_text())
    async with raw.transaction():
        await raw.execute("SET LOCAL enable_seqscan = off")
        plan = await raw.fetch(
            "EXPLAIN SELECT id FROM notice WHERE state = 'published' AND (published_at, id) < (now(), 9)"
            " ORDER BY published_at DESC, id DESC LIMIT 20"
        )
    assert "notice_listed" in "\n".join(row[0] for row in plan)


async def test_a_count_that_the_cache_forgot_keeps_no_other_from_being_written(people: Desk) -> None:
    forgotten, other = await people.published(notice_text()), await people.published(notice_text("另一篇"))
    for notice_id in (forgotten, other):
        reads.note(notice_id, "person:1")
    await reads.flush()
    await cache.client().delete(f"notice:readers:{clock.today()}:{forgotten}")
    await reads.fold()
    assert (await NoticeReads.get()).notice_id == other
