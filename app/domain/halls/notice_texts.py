"""The State Council's notice as it is published, read sentence by sentence; what is not understood is said.

    三、清明节：4月3日（周六）至5日（周一）放假，共3天。
    二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月20日（周六）上班。

The weekdays and the count of days that the notice gives beside its dates have to agree with them.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from app.domain.halls.calendar import CalendarDay
from app.domain.halls.errors import BadNotice
from app.domain.halls.models import DayKind, DayStatus

_TITLE: Final = re.compile(r"(20\d\d)年部分节假日")
# A number counts only where a sentence begins: the lunar 正月初七、 is none.
_NUMBER: Final = "[一二三四五六七八九十]、"
_ITEM: Final = re.compile(rf"{_NUMBER}([^：:。]{{2,20}})[：:](.*?)(?=(?<=。){_NUMBER}|节假日期间|$)")
_DAY: Final = re.compile(r"(?:(20\d\d)年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[（(]([^）)]*)[）)])?")
_SPAN: Final = re.compile(rf"(?P<first>{_DAY.pattern})(?:至(?P<last>{_DAY.pattern}))?放假")
_COUNT: Final = re.compile(r"(?:共|放假)(\d{1,2})天")
_WEEKDAY: Final = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WEEKDAYS: Final = "一二三四五六日"
# A recommendation to employers, which moves no day of the calendar.
_ADVICE: Final = "鼓励"


def is_text(text: str) -> bool:
    """Whether this is the notice itself, and not a list of days made from it."""
    return _TITLE.search(_plain(text)) is not None


def read(text: str) -> dict[date, CalendarDay]:
    """The days a notice speaks of. Raises BadNotice naming each holiday whose words are not understood."""
    plain = _plain(text)
    title = _TITLE.search(plain)
    if title is None:
        raise BadNotice(fields={"标题": ["没有找到“关于某某年部分节假日安排的通知”"]})
    found: dict[date, CalendarDay] = {}
    faults: dict[str, list[str]] = {}
    for name, body in _ITEM.findall(plain):
        for sentence in filter(_DAY.search, body.split("。")):
            try:
                for on, kind in _days(sentence, int(title[1])):
                    if on in found:
                        raise _Unclear(f"{on} 说了两次")
                    found[on] = CalendarDay(on, kind, DayStatus.OFFICIAL, name[:40])
            except _Unclear as why:
                faults.setdefault(name, []).append(f"{why}：{sentence}")
    if faults:
        raise BadNotice(fields=faults)
    return found


class _Unclear(Exception):
    """Why a sentence cannot be taken as it stands."""


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _days(sentence: str, year: int) -> Iterator[tuple[date, DayKind]]:
    if _ADVICE in sentence:
        return
    span = _SPAN.search(sentence)
    if span is not None:
        first = _day(span["first"], date(year, 1, 1))
        last = _day(span["last"], first) if span["last"] else first
        count = (last - first).days + 1
        told = _COUNT.search(sentence)
        if count < 1 or (told is not None and int(told[1]) != count):
            raise _Unclear("天数与日期对不上")
        for step in range(count):
            yield first + timedelta(days=step), DayKind.RESTDAY
    elif sentence.endswith("上班"):
        near = date(year, 1, 1)
        for one in _DAY.finditer(sentence):
            near = _day(one[0], near)
            yield near, DayKind.WORKDAY
    else:
        raise _Unclear("没有读懂")


def _day(words: str, near: date) -> date:
    """A day; year and month are those of ``near`` where the words leave them out."""
    told = _DAY.fullmatch(words)
    if told is None:
        raise _Unclear("没有读懂")
    try:
        on = date(int(told[1] or near.year), int(told[2] or near.month), int(told[3]))
    except ValueError:
        raise _Unclear("没有这一天") from None
    weekday = _WEEKDAY.search(told[4] or "")
    if weekday is not None and _WEEKDAYS.index(weekday[1].replace("天", "日")) + 1 != on.isoweekday():
        raise _Unclear(f"{on} 不是周{weekday[1]}")
    return on
