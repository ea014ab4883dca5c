"""The library is WeChat's, and a message that does not fit its template is found before WeChat refuses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from app.gateways import wechat
from app.gateways.wechat import AccountTemplate
from app.kit import clock, db
from config import messages as message_list
from config.messages import Line
from notifications import library
from notifications.library import Finding, Library
from notifications.messages import Messages
from notifications.models import Channel
from tests.notifications.conftest import Story

BOOKED = "oaAppointmentBooked-sandbox"
SEND = "/cgi-bin/message/template/send"
TEMPLATES = "/cgi-bin/template/get_all_private_template"


@dataclass
class Account:
    """What the accounts have, instead of what the sandbox would tell."""

    templates: list[AccountTemplate] = field(default_factory=list)
    subscribe: list[AccountTemplate] = field(default_factory=list)


@pytest.fixture
async def account(story: Story, monkeypatch: pytest.MonkeyPatch) -> Account:
    current = wechat.current()
    there = Account(list(await current.oa.templates()), list(await current.mp.subscribe_templates()))

    async def templates() -> Sequence[AccountTemplate]:
        return there.templates

    async def subscribe_templates() -> Sequence[AccountTemplate]:
        return there.subscribe

    monkeypatch.setattr(current.oa, "templates", templates)
    monkeypatch.setattr(current.mp, "subscribe_templates", subscribe_templates)
    return there


def change(account: Account, **changes: Any) -> None:
    """Change the public account's template of a booking."""
    account.templates = [
        replace(one, **changes) if one.template_id == BOOKED else one for one in account.templates
    ]


async def found(messages: Messages | None = None) -> list[Finding]:
    await library.sync()
    return await library.check(messages or Messages(message_list.current()))


def with_line(line: Line, message: str = "appointment_booked") -> Messages:
    """The messages with the last line of one of them replaced."""
    kind = message_list.current()[message]
    return Messages({**message_list.current(), message: replace(kind, lines=(*kind.lines[:-1], line))})


async def test_a_sync_copies_the_templates_of_both_accounts(story: Story) -> None:
    synced = await library.sync()
    kinds = message_list.current()
    assert synced.count >= 2 * len(kinds)
    assert len(synced.new) == synced.count
    assert (await library.sync()).new == ()
    rows = await db.fetch("SELECT * FROM wechat_template WHERE template_id = $1", BOOKED)
    assert [(row["appid"], row["channel"], row["title"]) for row in rows] == [
        (story.oa_appid, "template", "预约成功通知")
    ]
    known = await library.read()
    assert list(known[BOOKED].labels) == [line.key for line in kinds["appointment_booked"].lines]
    assert known[BOOKED].labels["thing2"] == "办事大厅"


async def test_every_message_of_ours_fits(story: Story) -> None:
    assert await found() == []


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("预约号:{{number1.DATA}}\n大厅:{{thing2.DATA}}", {"number1": "预约号", "thing2": "大厅"}),
        ("预约号：{ {character_string1.DATA} }\n", {"character_string1": "预约号"}),
        ("{{first.DATA}}\n项：{{ keyword1.DATA }}\n", {"first": "", "keyword1": "项"}),
        ("", {}),
    ],
)  # fmt: skip
def test_fields_are_read_from_wechats_text(content: str, lines: Mapping[str, str]) -> None:
    assert {line["key"]: line["label"] for line in library.lines_of(content)} == lines


async def test_a_template_that_is_gone_is_found_and_may_come_back(account: Account) -> None:
    await library.sync()
    gone, account.templates = (
        account.templates,
        [one for one in account.templates if one.template_id != BOOKED],
    )
    assert (await library.sync()).gone == (BOOKED,)
    (finding,) = await found()
    assert (finding.message, finding.channel) == ("appointment_booked", Channel.TEMPLATE)
    assert f"没有模板 {BOOKED}" in finding.text
    account.templates = gone
    assert await found() == []


async def test_a_library_never_synced_lacks_every_template(story: Story) -> None:
    assert len(await library.check(story.messages)) == 2 * len(message_list.current())


async def test_fields_that_differ_are_named(account: Account) -> None:
    change(account, content="预约号:{{character_string1.DATA}}\n时间:{{time4.DATA}}\n窗口:{{thing9.DATA}}")
    texts = {one.text for one in await found()}
    assert texts == {
        "缺少模板的字段 thing9（窗口）",
        "“办事大厅”的字段 thing2 不在模板里",
        "“办理业务”的字段 thing3 不在模板里",
        "“温馨提示”的字段 thing5 不在模板里",
    }


async def test_another_title_is_only_a_warning(account: Account) -> None:
    change(account, title="预约成功提醒")
    (finding,) = await found()
    assert finding.is_warning
    assert "预约成功提醒" in finding.text


async def test_a_value_wechat_did_not_approve_is_found(account: Account) -> None:
    content = next(one.content for one in account.templates if one.template_id == BOOKED)
    change(account, content=content.replace("thing5", "enum5"), choices={"enum5": ("已预约", "已取消")})
    subscribe = next(one for one in account.subscribe if one.template_id.startswith("mpAppointmentBooked"))
    account.subscribe.remove(subscribe)
    account.subscribe.append(replace(subscribe, content=subscribe.content.replace("thing5", "enum5")))
    assert await found(with_line(Line("状态", "enum5", "enum5", "已预约"))) == []
    (finding,) = await found(with_line(Line("状态", "enum5", "enum5", "预约好了")))
    assert finding.text == "“状态”的内容“预约好了”不在微信允许的取值里：已预约、已取消"


async def test_long_term_templates_are_marked(account: Account) -> None:
    first = account.subscribe[0]
    account.subscribe[0] = replace(first, type=3)
    await library.sync()
    rows = await db.fetch("SELECT template_id FROM wechat_template WHERE is_long_term")
    assert [row["template_id"] for row in rows] == [first.template_id]


async def test_half_a_sync_is_never_kept(story: Story) -> None:
    story.fault("/wxaapi/newtmpl/gettemplate", errcode=48001, times=1)
    with pytest.raises(wechat.WeChatRefused):
        await library.sync()
    assert await library.read() == {}


async def test_a_message_its_template_would_refuse_is_not_sent(
    story: Story, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    change(account, content="预约号:{{character_string1.DATA}}\n窗口:{{thing9.DATA}}")
    await library.sync()
    await story.books(await story.person())
    await story.deliver()
    (row,) = await story.rows()
    assert row["status"] == "dead"
    assert "differ in thing2, thing3, thing5, thing9, time4" in row["error_text"]
    assert story.calls(SEND) == 0
    assert "appointment_booked cannot be written" in caplog.text


async def test_a_message_that_fits_goes_out(story: Story) -> None:
    await library.sync()
    await story.books(await story.person())
    await story.deliver()
    assert await story.states() == [("template", "sent")]


async def test_of_an_unknown_template_wechat_is_the_judge(story: Story) -> None:
    await story.books(await story.person())
    await story.deliver()
    assert story.calls(SEND) == 1


async def resyncs() -> int:
    """How many times the library was asked to be brought in step."""
    return int(
        await db.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", library.RESYNC_JOB)
    )


async def test_what_wechat_refuses_makes_the_library_doubted_once(story: Story) -> None:
    doubting = Library()
    for errcode in (None, 43101, 45009):
        await doubting.doubt(errcode)
    assert await resyncs() == 0
    for _ in range(1000):
        await doubting.doubt(40037)
        await doubting.doubt(47003)
    assert await resyncs() == 1


async def test_a_fresh_library_is_not_doubted(story: Story) -> None:
    await library.sync()
    await Library().doubt(40037)
    assert await resyncs() == 0
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        await Library().doubt(40037)
    assert await resyncs() == 1


async def test_of_many_who_doubt_one_asks_wechat(story: Story) -> None:
    await library.resync({})
    assert len(await library.read()) >= 2 * len(message_list.current())
    asked = story.calls(TEMPLATES)
    await library.resync({})
    assert story.calls(TEMPLATES) == asked == 1
