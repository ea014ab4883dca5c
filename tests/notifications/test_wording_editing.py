"""A message is written by one and approved by another; nobody overwrites what they have not seen."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post, StaffMember
from app.kit import audit
from app.kit import db as raw
from app.kit.errors import Fault
from app.kit.outbox import Relay
from config import messages as message_list
from notifications import appointments, library
from notifications.messages import Messages
from notifications.wording import editing, preview, queries, versions
from notifications.wording.editing import Seen
from notifications.wording.errors import (
    BadWording,
    NotAnEditor,
    OnlyWording,
    OwnWording,
    WordingChanged,
    WordingNotFound,
    WordingNotOpen,
    WordingOutdated,
    WordingUnderReview,
)
from notifications.wording.facts import sample_of
from notifications.wording.queries import Version
from tests.factories.wording import member, publisher, reviewer
from tests.notifications.conftest import Story

NAME = "appointment_booked"
NEW: Mapping[str, Any] = {"summary": "预约成功：{hall}，{starts_at}，预约号 {number}"}
BOTH = (StaffRole.PUBLISHER, StaffRole.REVIEWER)


@pytest.fixture(autouse=True)
async def registered(story: Story) -> None:
    """The message list is in effect, and the library knows its templates."""
    await versions.register(message_list.current())
    await library.sync()


async def drafted(author: StaffMember, changes: Mapping[str, Any] = NEW, **options: Any) -> Version:
    current = await queries.version(NAME)
    return await editing.draft(author, NAME, changes, seen=Seen(current.version), **options)


async def submitted(author: StaffMember, changes: Mapping[str, Any] = NEW) -> Version:
    written = await drafted(author, changes)
    return await editing.submit(author, NAME, Seen(written.version, written.revision))


async def approved(changes: Mapping[str, Any] = NEW) -> Version:
    handed_in = await submitted(publisher(), changes)
    return await editing.approve(reviewer(), NAME, handed_in.version)


async def test_a_message_reads_as_approved_from_then_on() -> None:
    messages = Messages(message_list.current(), read_again_after_s=0)
    before = await queries.version(NAME)
    handed_in = await submitted(publisher())
    await messages.refresh()
    assert messages.kind(NAME).version == before.version, "nothing is in effect before it is approved"
    done = await editing.approve(reviewer(), NAME, handed_in.version)
    await messages.refresh()
    assert (done.state, done.is_current, done.version) == ("approved", True, before.version + 1)
    assert messages.summary(NAME, sample_of(NAME)).startswith("预约成功：天河区办税服务厅")
    assert messages.kind(NAME) == replace(before.kind, version=2, summary=NEW["summary"])


async def test_every_deed_is_in_the_audit_log() -> None:
    await approved()
    rows = await raw.fetch("SELECT action, target FROM audit_entry WHERE target LIKE 'message:%' ORDER BY id")
    assert [(row["action"], row["target"]) for row in rows] == [
        (deed, f"message:{NAME}:2") for deed in ("message.drafted", "message.submitted", "message.approved")
    ]
    assert await audit.verify() >= 3


@pytest.mark.parametrize(
    "who",
    [
        member(StaffRole.REVIEWER),
        member(StaffRole.CLERK),
        member(Post(StaffRole.PUBLISHER, hall_id=1)),
        member(Post(StaffRole.PUBLISHER, region_code="4401")),
        member(StaffRole.PUBLISHER, must_change_password=True),
    ],
)
async def test_only_a_publisher_of_the_whole_house_writes(who: StaffMember) -> None:
    with pytest.raises(NotAnEditor):
        await drafted(who)
    written = await drafted(publisher())
    with pytest.raises(NotAnEditor):
        await editing.submit(who, NAME, Seen(written.version))


@pytest.mark.parametrize(
    "who",
    [member(StaffRole.PUBLISHER), member(Post(StaffRole.REVIEWER, hall_id=1)), member(StaffRole.AUDITOR)],
)
async def test_only_a_reviewer_of_the_whole_house_decides(who: StaffMember) -> None:
    handed_in = await submitted(publisher())
    with pytest.raises(NotAnEditor):
        await editing.approve(who, NAME, handed_in.version)
    with pytest.raises(NotAnEditor):
        await editing.refuse(who, NAME, handed_in.version, "措辞不妥")


async def test_nobody_approves_what_they_wrote_on() -> None:
    author, other = member(*BOTH), member(*BOTH)
    first = await drafted(author)
    await editing.draft(other, NAME, {"title": "预约成功"}, seen=Seen(first.version, first.revision))
    await editing.submit(other, NAME, Seen(first.version, 2))
    for who in (author, other):
        with pytest.raises(OwnWording):
            await editing.approve(who, NAME, first.version)
        with pytest.raises(OwnWording):
            await editing.refuse(who, NAME, first.version, "措辞不妥")
    assert (await editing.approve(reviewer(), NAME, first.version)).is_current


async def test_the_database_itself_asks_for_four_eyes() -> None:
    author = publisher()
    handed_in = await submitted(author)
    for reviewer_id in (author.id, None):
        with pytest.raises(asyncpg.CheckViolationError):
            await raw.execute(
                "UPDATE message_version SET state = 'approved', decided_at = now(), reviewer_id = $2"
                " WHERE name = $1 AND state = 'pending'",
                NAME, reviewer_id,
            )  # fmt: skip
    assert (await queries.version(NAME, handed_in.version)).state == "pending"


async def test_what_is_under_review_stays_as_it_was_handed_in() -> None:
    handed_in = await submitted(publisher())
    with pytest.raises(WordingUnderReview):
        await editing.draft(publisher(), NAME, {"title": "改"}, seen=Seen(handed_in.version, 1))
    with pytest.raises(asyncpg.RestrictViolationError):
        await raw.execute("UPDATE message_version SET definition = '{}' WHERE state = 'pending'")


async def test_of_two_who_edit_at_once_the_slower_is_told() -> None:
    one, other = publisher(), publisher()
    first = await drafted(one)
    seen = Seen(first.version, first.revision)
    outcomes = await asyncio.gather(
        editing.draft(one, NAME, {"title": "甲"}, seen=seen),
        editing.draft(other, NAME, {"title": "乙"}, seen=seen),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Version", "WordingChanged"]
    found = await queries.version(NAME, first.version)
    assert found.revision == 2
    with pytest.raises(WordingChanged):
        await editing.submit(one, NAME, seen)


async def test_two_who_begin_at_once_do_not_both_get_a_draft() -> None:
    outcomes = await asyncio.gather(drafted(publisher()), drafted(publisher()), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Version", "WordingChanged"]


async def test_a_draft_begun_on_an_older_version_is_told_so() -> None:
    with pytest.raises(WordingChanged):
        await editing.draft(publisher(), NAME, NEW, seen=Seen(9))
    handed_in = await submitted(publisher())
    kinds = message_list.current()
    await versions.register({**kinds, NAME: replace(kinds[NAME], version=2, title="预约成功提醒")})
    with pytest.raises(WordingOutdated):
        await editing.approve(reviewer(), NAME, handed_in.version)
    current = await queries.version(NAME)
    assert (current.version, current.file_version) == (3, 2), "the number of the draft is passed over"


async def test_a_refusal_has_a_reason_and_is_not_the_end() -> None:
    handed_in = await submitted(publisher())
    with pytest.raises(BadWording):
        await editing.refuse(reviewer(), NAME, handed_in.version, "  ")
    refused = await editing.refuse(reviewer(), NAME, handed_in.version, "请写明  地址")
    assert (refused.state, refused.note, refused.is_current) == ("refused", "请写明 地址", False)
    with pytest.raises(WordingNotOpen):
        await editing.approve(reviewer(), NAME, handed_in.version)
    again = await drafted(publisher(), {"title": "预约成功提醒"}, like=handed_in.version)
    assert (again.kind.summary, again.kind.title) == (NEW["summary"], "预约成功提醒")


async def test_the_way_back_to_an_older_version_is_a_new_one() -> None:
    first = await queries.version(NAME)
    await approved()
    written = await drafted(publisher(), {}, like=first.version)
    handed_in = await editing.submit(publisher(), NAME, Seen(written.version))
    back = await editing.approve(reviewer(), NAME, handed_in.version)
    assert back.version == 3
    assert back.kind == replace(first.kind, version=3)


async def test_a_version_in_effect_can_be_taken_out_of_use_by_a_reviewer() -> None:
    messages = Messages(message_list.current(), read_again_after_s=0)
    bad = await approved()
    await messages.refresh()
    with pytest.raises(NotAnEditor):
        await editing.retire(publisher(), NAME, bad.version, "写错了")
    await editing.retire(reviewer(), NAME, bad.version, "写错了")
    await messages.refresh()
    assert messages.kind(NAME) == message_list.current()[NAME]
    assert messages.summary(NAME, sample_of(NAME), bad.version).startswith("预约成功："), "it stays readable"
    with pytest.raises(OnlyWording):
        await editing.retire(reviewer(), NAME, 1, "也写错了")
    with pytest.raises(WordingNotOpen):
        await editing.retire(publisher(), NAME, bad.version, "再停一次")


async def test_an_author_gives_a_draft_up() -> None:
    written = await drafted(publisher())
    await editing.retire(publisher(), NAME, written.version, "不改了")
    assert (await drafted(publisher())).version == written.version + 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"summary": "{hal}"}, "不能代入 {hal}"),
        ({"summary": ""}, "summary 必填"),
        ({"summary": "请找 13812345678"}, "手机号"),
        ({"lane": "bulk"}, "lane 由系统配置决定"),
        ({"template_id": "oaSomethingElse"}, "template_id 由系统配置决定"),
        ({"colour": "red"}, "colour 由系统配置决定"),
        ({"lines": [{"label": "预约时间", "key": "time4", "text": "{hall}"}]}, "放不下"),
        ({"lines": []}, "lines 应有 1 到 5 行"),
    ],
)
async def test_wrong_words_are_refused_with_every_fault(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadWording) as refused:
        await drafted(publisher(), changes)
    assert complaint in str(refused.value.fields)


async def test_unchanged_settings_may_stand_in_the_changes() -> None:
    whole = message_list.written((await queries.version(NAME)).kind)
    assert (await drafted(publisher(), {**whole, **NEW})).kind.lane == 0


async def test_a_new_text_message_needs_the_template_its_operator_approved() -> None:
    name = "document_served"
    text = "{issuer}送达了《{document}》，请登录查看。"
    with pytest.raises(BadWording, match="提示修改") as refused:
        await editing.draft(
            publisher(), name, {"sms": {"code": "SMS_DOCUMENT_SERVED", "text": text}}, seen=Seen(1)
        )
    assert "换成新模板的 code" in str(refused.value.fields)
    sms = {"code": "SMS_DOCUMENT_2", "text": text}
    assert (await editing.draft(publisher(), name, {"sms": sms}, seen=Seen(1))).kind.sms is not None
    without = await editing.draft(publisher(), name, {"sms": None}, seen=Seen(2, 1))
    assert without.kind.sms is None


async def test_what_wechats_template_would_refuse_is_not_handed_in() -> None:
    lines = message_list.written((await queries.version(NAME)).kind)["lines"][:-1]
    written = await drafted(publisher(), {"lines": lines})
    with pytest.raises(BadWording) as refused:
        await editing.submit(publisher(), NAME, Seen(written.version, written.revision))
    assert "缺少模板的字段 thing5" in str(refused.value.fields)


async def test_a_template_gone_since_then_stops_the_approval() -> None:
    handed_in = await submitted(publisher())
    await raw.execute(
        "UPDATE wechat_template SET gone_at = now() WHERE template_id LIKE 'oaAppointmentBooked%'"
    )
    with pytest.raises(BadWording) as refused:
        await editing.approve(reviewer(), NAME, handed_in.version)
    assert "账号里没有模板" in str(refused.value.fields)


async def test_unknown_messages_and_versions_are_not_found() -> None:
    with pytest.raises(WordingNotFound):
        await queries.version("nothing")
    with pytest.raises(WordingNotFound):
        await editing.approve(reviewer(), NAME, 77)
    refusal: type[Fault] = WordingNotFound
    assert refusal.status == 404


async def test_the_preview_shows_what_wechat_will_show() -> None:
    kind = replace((await queries.version(NAME)).kind, title="我们的标题")
    facts = {"hall": "广东省广州市天河区税务局第一税务所（办税服务厅）"}
    shown = await preview.preview(kind, facts)
    card = shown.cards[0]
    assert card.title == "预约成功通知", "the title is the template's own"
    by_label = {line.label: line for line in card.lines}
    assert by_label["办事大厅"].value == "广东省广州市天河区税务局第一税务所（办…"
    assert by_label["办事大厅"].is_shortened
    assert not by_label["预约号"].is_shortened
    assert facts["hall"] in shown.summary
    assert any("我们的标题" in words for words in shown.objections)
    with pytest.raises(BadWording):
        await preview.preview(kind, {"name": "张三"})
    with pytest.raises(BadWording):
        await preview.preview(kind, {"starts_at": "明天"})


async def test_the_overview_names_what_is_in_effect_and_what_is_on_its_way() -> None:
    await submitted(publisher())
    mine = [(one.version, one.state, one.is_current) for one in await queries.overview() if one.name == NAME]
    assert mine == [(1, "approved", True), (2, "pending", False)]
    assert [one.version for one in await queries.history(NAME)] == [2, 1]
    assert [one.version for one in await queries.history(NAME, before=2)] == [1]


@pytest.mark.parametrize("version", [0, -1, 99, 2**15, 2**63])
async def test_a_version_that_never_was_is_not_there(version: int) -> None:
    with pytest.raises(WordingNotFound):
        await queries.version(NAME, version)


async def test_an_event_is_told_in_the_words_in_effect_however_new_the_worker_is(story: Story) -> None:
    written = await approved()
    await story.books(await story.person())
    started = Messages(message_list.current())
    while await Relay(appointments.handlers(started)).step():
        pass
    assert await raw.fetch_value("SELECT message_version FROM notification") == written.version
