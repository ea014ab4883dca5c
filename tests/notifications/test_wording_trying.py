"""A member of staff tries a message on their own WeChat, linked by a code, and on nobody else's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.accounts import merging, portability
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import clock
from app.kit import db as raw
from app.kit.errors import TooOften
from app.kit.ids import uuid7
from app.kit.outbox import Relay
from config import messages as message_list
from notifications import library
from notifications.messages import Messages
from notifications.models import Channel
from notifications.wording import editing, queries, readers, trying, versions
from notifications.wording.editing import Seen
from notifications.wording.errors import BadWording, LinkCodeWrong, NotAnEditor, NotLinked, TriesUsedUp
from tests.factories.accounts import log_in
from tests.factories.wording import member, publisher, reviewer
from tests.notifications.conftest import Story

NAME = "appointment_booked"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
async def registered(story: Story) -> None:
    await versions.register(message_list.current())
    await library.sync()


async def linked(who: StaffMember, person_id: UUID) -> None:
    code, _ = await readers.new_code(who)
    await readers.link(code, person_id, asked_by=str(person_id))


async def delivered(story: Story) -> None:
    """Another worker, which has read no version before, relays and delivers."""
    story.messages = Messages(message_list.current(), read_again_after_s=3600)
    relay = Relay(trying.handlers(story.messages))
    while await relay.step():
        pass
    await story.delivery().drain()


def shown(story: Story, name: str = "zhang") -> list[dict[str, str]]:
    return [{one["key"]: one["value"] for one in message["lines"]} for message in story.phone(name)]


async def test_a_draft_is_tried_by_its_author_alone(story: Story) -> None:
    author, mine, other = publisher(), await story.person("zhang"), await story.person("lisi")
    await linked(author, mine)
    await linked(publisher(), other)
    lines = message_list.written((await queries.version(NAME)).kind)["lines"]
    lines[-1]["text"] = "请带身份证原件"
    written = await editing.draft(author, NAME, {"lines": lines}, seen=Seen(1))
    await trying.try_out(author, NAME, written.version, {"hall": "越秀区办税服务厅"})
    await delivered(story)
    (card,) = shown(story)
    assert (card["thing5"], card["thing2"]) == ("请带身份证原件", "越秀区办税服务厅")
    assert shown(story, "lisi") == []
    (row,) = await story.rows()
    assert (row["lane"], row["message_version"], row["person_id"]) == (0, written.version, mine)
    assert story.messages.kind(NAME).version == 1, "a try puts nothing in effect"


async def test_it_goes_out_in_quiet_hours_too(story: Story) -> None:
    who = reviewer()
    await linked(who, await story.person())
    with clock.frozen(NOON.replace(hour=23)):
        await trying.try_out(who, NAME)
        await raw.execute("UPDATE outbox_event SET created_at = $1, retry_at = $1", clock.now())
        await delivered(story)
    assert len(shown(story)) == 1


async def test_who_has_no_wechat_linked_is_told_how(story: Story) -> None:
    with pytest.raises(NotLinked):
        await trying.try_out(publisher(), NAME)


async def test_only_those_who_deal_with_messages_try_them(story: Story) -> None:
    clerk = member(StaffRole.CLERK)
    await linked(clerk, await story.person())
    with pytest.raises(NotAnEditor):
        await trying.try_out(clerk, NAME)


@pytest.mark.parametrize(
    ("params", "channel"),
    [({"name": "张三"}, "template"), ({"starts_at": "明天"}, "template"), ({}, "sms")],
)
async def test_what_could_not_be_sent_costs_no_try(
    story: Story, params: dict[str, str], channel: str
) -> None:
    who = publisher()
    await linked(who, await story.person())
    with pytest.raises(BadWording):
        await trying.try_out(who, NAME, params=params, channel=Channel(channel))
    assert await raw.fetch_value("SELECT tries FROM staff_reader") == 0


async def test_twenty_tries_a_day_and_no_more(story: Story) -> None:
    who, person_id = publisher(), await story.person()
    await linked(who, person_id)
    with clock.frozen(NOON.replace(hour=23, minute=59, second=30)):
        for _ in range(readers.A_DAY):
            await readers.count_try(who)
        with pytest.raises(TriesUsedUp) as refused:
            await readers.count_try(who)
        assert refused.value.retry_after == 30
        await linked(who, person_id)
        with pytest.raises(TriesUsedUp):
            await trying.try_out(who, NAME)
    with clock.frozen(NOON + timedelta(days=1)):
        await readers.count_try(who)


async def test_a_code_works_once_for_ten_minutes_and_the_newest_alone(story: Story) -> None:
    who, person_id = publisher(), await story.person()
    with clock.frozen(NOON):
        old, expires_at = await readers.new_code(who)
        assert (len(old), expires_at) == (6, NOON + timedelta(minutes=10))
        code, _ = await readers.new_code(who)
    if old != code:
        with pytest.raises(LinkCodeWrong):
            await readers.link(old, person_id, asked_by="one")
    with clock.frozen(NOON + timedelta(minutes=10)), pytest.raises(LinkCodeWrong):
        await readers.link(code, person_id, asked_by="two")
    with clock.frozen(NOON + timedelta(minutes=9, seconds=59)):
        await readers.link(code, person_id, asked_by="three")
        with pytest.raises(LinkCodeWrong):
            await readers.link(code, uuid7(), asked_by="four")
    rows: Sequence[Any] = await raw.fetch("SELECT * FROM staff_reader")
    assert [(row["staff_id"], row["person_id"]) for row in rows] == [(who.id, person_id)]


async def test_the_code_itself_is_nowhere_kept(story: Story) -> None:
    code, _ = await readers.new_code(publisher())
    kept = str(dict(await raw.fetch_one("SELECT * FROM staff_link_code") or {}))
    assert code not in kept


async def test_a_code_drawn_twice_is_drawn_anew(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
    assert (await readers.new_code(publisher()))[0] == "000007"
    assert (await readers.new_code(publisher()))[0] == "000008"


async def test_nobody_guesses_a_code(story: Story) -> None:
    person_id = await story.person()
    for _ in range(5):
        with pytest.raises(LinkCodeWrong):
            await readers.link("000000", person_id, asked_by="guesser")
    with pytest.raises(TooOften):
        await readers.link("000000", person_id, asked_by="guesser")


async def test_many_who_guess_together_are_stopped_together(story: Story) -> None:
    person_id = await story.person()
    for turn in range(60):
        with pytest.raises(LinkCodeWrong):
            await readers.link("000000", person_id, asked_by=f"guesser {turn}")
    with pytest.raises(TooOften):
        await readers.link("000000", person_id, asked_by="one more")


async def test_a_link_goes_along_in_a_merge_and_ends_with_its_person(story: Story) -> None:
    who = publisher()
    kept, absorbed = await log_in("kept"), await log_in("absorbed")
    await linked(who, absorbed.person_id)
    await merging.merge(kept.person_id, absorbed.person_id, actor="test", reason="同一人")
    found = await raw.fetch_value("SELECT person_id FROM staff_reader")
    owner = kept if found == kept.person_id else absorbed
    assert "linked_at" in str((await portability.export(owner))["staff_links"])
    await portability.delete(owner)
    assert await raw.fetch("SELECT * FROM staff_reader") == []
    with pytest.raises(NotLinked):
        await trying.try_out(who, NAME)


async def test_who_left_meanwhile_gets_nothing(story: Story) -> None:
    who = publisher()
    await linked(who, await story.person())
    await trying.try_out(who, NAME)
    await raw.execute("DELETE FROM staff_reader")
    await delivered(story)
    assert await story.rows() == []
    assert await raw.fetch_value("SELECT count(*) FROM outbox_event WHERE kind = $1", trying.TRIED) == 0
