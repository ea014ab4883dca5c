"""What the account does, read from top to bottom: the first row that fits and has an answer gives it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.gateways.wechat.replies import Reply, Text
from app.public_account.conversation import (
    booking,
    credit,
    going_on,
    guides,
    hints,
    invoices,
    mail,
    notices,
    own,
    people,
    places,
    progress,
    staff_link,
    stories,
    words,
)
from app.public_account.conversation.talk import Handler, Talk
from app.public_account.conversation.telling import link
from config import menus

Condition = Callable[[Talk], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: what comes, how it reads, and who answers; ``about`` is its named group."""

    on: str
    pattern: re.Pattern[str] | None
    handler: Handler
    if_: Condition | None
    name: str


def _row(on: str, pattern: str | None, handler: Handler, if_: Condition | None = None) -> Row:
    name = f"{handler.__module__.rpartition('.')[2]}.{getattr(handler, '__name__', '')}"
    return Row(on, re.compile(pattern, re.DOTALL) if pattern is not None else None, handler, if_, name)


def _awaits(subject: str) -> Condition:
    return lambda talk: talk.about_of(subject) is not None


async def _press(talk: Talk, about: str) -> Reply | None:
    """A menu button: says what it stands for, or that its function is not open.

    Phones keep a menu for a day: a button that opens a page by now may still be pressed as one that speaks.
    """
    del about
    try:
        function = menus.current().function(getattr(talk.said, "key", ""))
    except KeyError:
        return await hints.tell(talk, "")
    if not function.is_open:
        return Text(function.closed_text)
    if function.kind == "page":
        return Text(link(function.name, function.target))
    talk.on, talk.text, talk.words = "text", function.target, words.in_one_spelling(function.target)
    return (await find(talk))[1]


_ABOUT: Final = r"(?:[ :,]+(?P<about>.+))?"
_INVOICE: Final = r"(?:查验?|查询|验证)? ?发票(?:查验|查询|真伪|验证)?"

# What is said is compared in one spelling (conversation/words.py): half-width, lower case, simplified,
# without punctuation around it and without 请 or 我要 before it.
TABLE: Final[Sequence[Row]] = (
    # An answer to what we asked a moment ago.
    _row("text", r"(?P<about>[1-9])", booking.choose, _awaits(booking.CHOICE)),
    _row("text", r"(?P<about>[0-9a-z]{4,12})", progress.give_code, _awaits(progress.QUERY_CODE)),
    # What people come for.
    _row("text", r"更多|继续|下一页", going_on.tell),
    _row("text", r"我的预约单?|(?:查|查询|查看|取消|修改)(?:我的)?预约|预约查询|改约", own.appointments),
    _row("text", r"预约(?:办税|办事|办理|取号|服务)? ?(?P<about>.*)|取号", booking.offer),
    _row("text", r"附近(?:的)?(?:办税)?(?:服务)?大?厅|办税地图|(?:办税)?(?:服务)?大厅(?:地址)?", places.near),
    _row("text", r"(?:查|查询)?(?:办件|办理)?进度(?:查询)?[ :]*(?P<about>[0-9a-z -]*)", progress.ask),
    _row("text", rf"{_INVOICE}|{_INVOICE} ?[:,]? ?(?P<about>\S*[0-9].*)", invoices.verify),
    _row("text", r"(?:查|查询)?(?:我的|企业)?(?:纳税)?信用(?:等级|评级|级别)?(?:查询)?", credit.ratings),
    _row("text", r"(?:查看?)?(?:我的)?(?:站内)?消息|收件箱|未读消息", mail.messages),
    _row("text", r"办事指南|指南", guides.how),
    _row("text", rf"(?:最新|查看?)?(?:通知公告|公告|通知){_ABOUT}", notices.announcements),
    _row("text", rf"(?:最新|查看?)?(?:税收)?(?:政策法规|政策|法规){_ABOUT}", notices.policies),
    _row("text", rf"(?:查看?)?(?:办税|征期|申报)日历{_ABOUT}", notices.calendar),
    _row("text", r"(?:转|找)?人工(?:客服|服务)?|(?:转|找)?客服|咨询投诉", people.hand_over),
    _row("text", r"绑定工号[ :,]*(?P<about>[0-9 ]*)", staff_link.link),
    _row("text", r"|\?|help|帮助|菜单|功能|你好|您好|在吗|hi|hello|谢谢|好的?|ok|嗯|使用说明", hints.tell),
    # Things that are known by their shape.
    _row("text", r"(?P<about>(?=[a-z -]*\d)[0-9a-z][0-9a-z -]{6,80})", progress.of_number),
    _row("text", r".*", invoices.pasted),
    _row("text", r"(?P<about>.*)", guides.search),
    _row("text", r".*", hints.not_understood),
    # Messages without words.
    _row("image", None, invoices.photo),
    _row("location", None, places.take),
    # What is done rather than said.
    _row("event:subscribe", None, stories.welcome),
    _row("event:scan", None, stories.scan),
    _row("event:click", None, _press),
    _row("event:scancode_waitmsg", None, invoices.pasted),
    _row("event:location", None, places.report),
    _row("event:user_enter_tempsession", None, hints.tell),
)
_ROWS: Final = {on: [row for row in TABLE if row.on == on] for on in {row.on for row in TABLE}}
_WORDLESS: Final = _row("other", None, hints.wordless)

TALKING: Final = frozenset(on for on in _ROWS if on.startswith("event:"))
"""The events that may be answered; all others are only heard."""


async def find(talk: Talk) -> tuple[str, Reply | None]:
    """The name of the row that answers, and its answer; an event nobody answers has none."""
    if talk.on not in _ROWS and not talk.on.startswith("event:"):
        return _WORDLESS.name, await _WORDLESS.handler(talk, "")
    bare = words.without_politeness(talk.words)
    for row in _ROWS.get(talk.on, ()):
        if row.if_ is not None and not row.if_(talk):
            continue
        about = ""
        if row.pattern is not None:
            found = row.pattern.fullmatch(bare)
            if found is None:
                continue
            about = (found["about"] or "").strip() if "about" in row.pattern.groupindex else ""
        reply = await row.handler(talk, about)
        if reply is not None:
            return row.name, reply
    return talk.on, None
