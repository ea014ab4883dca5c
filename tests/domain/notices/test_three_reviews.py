"""三审三校: three reviewers, none of whom wrote it, of the very version that is published."""

from typing import Any

import asyncpg
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.notices import desk as staff_desk
from app.domain.notices import drafting, publishing, reviewing
from app.domain.notices.errors import (
    BadNoticeText,
    NothingChanged,
    NoticeNotAt,
    NoticeNotFound,
    OtherVersion,
    OwnNotice,
    ReviewedAlready,
)
from app.domain.notices.models import Notice, NoticeEvent, NoticeReview, NoticeState
from app.kit import audit
from app.kit import db as raw
from app.kit.errors import NotAllowed
from app.kit.ids import uuid7
from tests.factories.notices import PDF, Desk, author, member, notice_text, reviewer


async def state(notice_id: int) -> NoticeState:
    return (await Notice.get(id=notice_id)).state


async def submitted(people: Desk) -> int:
    notice_id = await drafting.draft(people.author, notice_text())
    await drafting.submit(people.author, notice_id)
    return notice_id


async def test_a_notice_goes_through_three_reviews_and_is_published(people: Desk) -> None:
    notice_id = await submitted(people)
    seen = []
    for one in people.reviewers:
        seen.append(await state(notice_id))
        await reviewing.approve(one, notice_id, seen=1)
    assert seen == ["first_review", "second_review", "third_review"]
    assert await state(notice_id) is NoticeState.SCHEDULED
    await publishing.publish(people.author, notice_id)
    assert await state(notice_id) is NoticeState.PUBLISHED
    told = [one.kind for one in await NoticeEvent.filter(notice_id=notice_id).order_by("id")]
    assert told == ["drafted", "submitted", "approved", "approved", "approved", "published"]
    assert await audit.verify() == len(told)


async def test_nobody_reviews_the_same_version_twice(people: Desk) -> None:
    notice_id = await submitted(people)
    await reviewing.approve(people.reviewers[0], notice_id, seen=1)
    with pytest.raises(ReviewedAlready):
        await reviewing.approve(people.reviewers[0], notice_id, seen=1)
    assert await state(notice_id) is NoticeState.SECOND_REVIEW


async def test_nobody_reviews_what_they_ever_wrote_of_it(people: Desk) -> None:
    both = member(StaffRole.PUBLISHER, StaffRole.REVIEWER)
    notice_id = await drafting.draft(both, notice_text())
    await drafting.edit(people.author, notice_id, notice_text("别人改过的标题"))
    await drafting.submit(people.author, notice_id)
    with pytest.raises(OwnNotice):
        await reviewing.approve(both, notice_id, seen=2)


async def test_who_may_do_what(people: Desk) -> None:
    notice_id = await submitted(people)
    for deed in (
        drafting.draft(reviewer(), notice_text()),
        drafting.edit(reviewer(), notice_id, notice_text()),
        drafting.attach(reviewer(), notice_id, "a.pdf", PDF),
        reviewing.approve(author(), notice_id, seen=1),
        reviewing.refuse(author(), notice_id, "不妥", seen=1),
        publishing.publish(reviewer(), notice_id),
        publishing.schedule(reviewer(), notice_id, None),
        publishing.withdraw(reviewer(), notice_id, "有误"),
        staff_desk.whole(member(StaffRole.CLERK), notice_id),
        staff_desk.listed(member(StaffRole.CLERK)),
    ):
        with pytest.raises(NotAllowed):
            await deed
    with pytest.raises(NoticeNotFound):
        await drafting.submit(people.author, 2**70)


@pytest.mark.usefixtures("db")
async def test_a_district_has_its_own_people() -> None:
    await raw.execute(
        "INSERT INTO region (code, name, level, pinyin, initials, is_government)"
        " VALUES ('440106', '天河区', 3, '', '', true)"
    )
    text = notice_text(region="440106")
    for stranger in (author("440105"), author("44010601")):
        with pytest.raises(NotAllowed):
            await drafting.draft(stranger, text)
    notice_id = await drafting.draft(author("4401"), text)
    assert [one.id for one in await staff_desk.listed(reviewer("440106"))] == [notice_id]
    assert await staff_desk.listed(reviewer("440105")) == []
    with pytest.raises(NotAllowed):
        await drafting.draft(author("4401"), notice_text())
    with pytest.raises(BadNoticeText):
        await drafting.draft(author(), notice_text(region="990000"))


async def test_a_refusal_goes_back_with_its_reason_and_needs_a_change(people: Desk) -> None:
    notice_id = await submitted(people)
    await reviewing.approve(people.reviewers[0], notice_id, seen=1)
    with pytest.raises(BadNoticeText):
        await reviewing.refuse(people.reviewers[1], notice_id, "  ", seen=1)
    await reviewing.refuse(people.reviewers[1], notice_id, "文号有误", seen=1)
    assert await state(notice_id) is NoticeState.DRAFT
    assert (await staff_desk.whole(people.author, notice_id)).reviews[-1].reason == "文号有误"
    with pytest.raises(NothingChanged):
        await drafting.submit(people.author, notice_id)
    assert await drafting.edit(people.author, notice_id, notice_text("改好了")) == 2
    await people.review(notice_id)
    assert await NoticeReview.filter(notice_id=notice_id, version=2).count() == 3


@pytest.mark.parametrize("approvals", [0, 1, 2, 3])
async def test_any_change_after_a_review_starts_again(people: Desk, approvals: int) -> None:
    notice_id = await submitted(people)
    for one in people.reviewers[:approvals]:
        await reviewing.approve(one, notice_id, seen=1)
    await drafting.edit(people.author, notice_id, notice_text("悄悄改了"))
    assert await state(notice_id) is NoticeState.DRAFT
    with pytest.raises(NoticeNotAt):
        await publishing.publish(people.author, notice_id)
    await drafting.submit(people.author, notice_id)
    assert await state(notice_id) is NoticeState.FIRST_REVIEW
    # The earlier approvals are of another version.
    with pytest.raises(OtherVersion):
        await reviewing.approve(people.reviewers[0], notice_id, seen=1)


async def test_a_file_added_or_taken_off_starts_again(people: Desk, files: Any) -> None:
    notice_id = await people.reviewed(notice_text())
    attachment_id = await drafting.attach(people.author, notice_id, "表.pdf", PDF)
    assert await state(notice_id) is NoticeState.DRAFT
    await people.review(notice_id)
    await drafting.detach(people.author, notice_id, attachment_id)
    assert await state(notice_id) is NoticeState.DRAFT
    assert (await staff_desk.whole(people.author, notice_id)).attachments == []
    assert [one.id for one in (await staff_desk.whole(people.author, notice_id, version=2)).attachments] == [
        attachment_id
    ]


async def test_what_was_published_is_not_changed_any_more(people: Desk) -> None:
    notice_id = await people.published(notice_text())
    for deed in (
        drafting.edit(people.author, notice_id, notice_text("改")),
        drafting.submit(people.author, notice_id),
        publishing.publish(people.author, notice_id),
        publishing.schedule(people.author, notice_id, None),
        reviewing.approve(people.reviewers[0], notice_id, seen=1),
    ):
        with pytest.raises(NoticeNotAt):
            await deed


_REVIEW = (
    "INSERT INTO notice_review (notice_id, version, round, at, reviewer_id, is_approved)"
    " VALUES ($1, 1, 1, now(), {})"
)
REFUSED_BY_THE_DATABASE = {
    "published without reviews": "UPDATE notice SET state = 'published', published_at = now() WHERE id = $1",
    "scheduled without reviews": "UPDATE notice SET state = 'scheduled' WHERE id = $1",
    "born published": "INSERT INTO notice (kind, state, version, published_at)"
    " SELECT kind, 'published', 1, now() FROM notice WHERE id = $1",
    "reviewed by its author": _REVIEW.format("(SELECT author_id FROM notice_version), true"),
    "refused without a reason": _REVIEW.format("gen_random_uuid(), false"),
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
async def test_the_database_itself_refuses(people: Desk, statement: str) -> None:
    notice_id = await drafting.draft(people.author, notice_text())
    with pytest.raises(asyncpg.CheckViolationError):
        await raw.execute(statement, notice_id)


async def test_the_database_knows_a_reviewer_and_a_round_once(people: Desk) -> None:
    notice_id = await drafting.draft(people.author, notice_text())
    write = (
        "INSERT INTO notice_review (notice_id, version, round, reviewer_id, is_approved, at)"
        " VALUES ($1, 1, $2, $3, true, now())"
    )
    one, other = uuid7(), uuid7()
    await raw.execute(write, notice_id, 1, one)
    for round_, who in ((1, other), (2, one)):
        with pytest.raises(asyncpg.UniqueViolationError):
            await raw.execute(write, notice_id, round_, who)


async def test_the_database_keeps_what_was_published(people: Desk) -> None:
    notice_id = await people.published(notice_text())
    for change in ("version = 2", "kind = 'policy'", "published_at = now()", "state = 'draft'"):
        with pytest.raises(asyncpg.CheckViolationError):
            await raw.execute(f"UPDATE notice SET {change} WHERE id = $1", notice_id)  # noqa: S608  Of ours.
    await publishing.withdraw(people.author, notice_id, "有误")
    with pytest.raises(asyncpg.CheckViolationError):
        await raw.execute(
            "UPDATE notice SET state = 'published', withdrawn_at = NULL, withdrawn_because = NULL"
        )


@pytest.mark.parametrize("version", [0, -1, 2, 2**15, 2**63])
async def test_a_version_that_never_was_is_not_there(people: Desk, version: int) -> None:
    notice_id = await drafting.draft(people.author, notice_text())
    with pytest.raises(NoticeNotFound):
        await staff_desk.whole(people.author, notice_id, version=version)
