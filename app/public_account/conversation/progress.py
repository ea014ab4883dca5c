"""进度: how far a matter has got, by its number and query code, or one's own."""

import re
from datetime import timedelta
from typing import Final

from app.domain.cases import lookup, time_left
from app.domain.cases import queries as cases
from app.domain.cases.errors import CaseNotFound, LookupLocked
from app.domain.cases.models import UNDECIDED
from app.domain.cases.progress import CaseProgress
from app.gateways.wechat.replies import Reply, Text
from app.kit import clock
from app.public_account.conversation import own
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import day, link, plain, time_of_day

QUERY_CODE: Final = "query_code"
_HOW = (
    "查办件进度：回复“进度 办件编号”，再按提示回复查询码，编号和查询码都在受理通知书上。\n"
    "查预约：回复 8 位预约号，或回复“我的预约”。"
)
_ALL = "/h5/cases"
_LOOKUP = "/h5/cases/lookup"
_STEPS_SHOWN = 3
_DUE: Final = {True: "办结期限", False: "送达期限"}
_NUMBER = re.compile(r"(?=[A-Z-]*\d)[0-9A-Z-]{8,64}")


async def ask(talk: Talk, about: str) -> Reply | None:
    """With a number, what it stands for; without one, everything of one's own."""
    number = about.replace(" ", "").upper()
    if not number:
        return await _everything(talk)
    known = await of_number(talk, number)
    if known is None and _NUMBER.fullmatch(number):
        return _ask_code(talk, number)  # Not every office numbers its cases in the official form.
    return known or Text(f"没有看懂这个编号。\n{_HOW}")


async def of_number(talk: Talk, number: str) -> Reply | None:
    """An appointment number of one's own, else a case number, whose query code is asked for."""
    number = number.replace(" ", "").upper()
    if re.fullmatch(own.NUMBER, number):
        mine = await own.by_number(talk, number)
        if mine is not None:
            return mine
    if cases.looks_like_number(number):
        return _ask_code(talk, number)
    if re.fullmatch(own.NUMBER, number):
        return Text("您名下没有这个预约号。请核对，或回复“我的预约”查看全部。")
    return None


async def give_code(talk: Talk, code: str) -> Reply | None:
    """The query code of the case asked for just now."""
    (number,) = talk.about_of(QUERY_CODE) or ("",)
    try:
        progress = await lookup.look_up(number, code.upper(), asked_by=talk.asker)
    except CaseNotFound as wrong:
        return Text(
            f"{wrong.message}。\n可以直接再回复一次查询码，或回复“进度 办件编号”重新开始；"
            f"连续错 {lookup.TRIES} 次会暂停查询。"
        )
    except LookupLocked as locked:
        again_at = clock.now() + timedelta(seconds=locked.retry_after)
        return Text(f"查询失败次数过多，已暂停查询，请在 {time_of_day(again_at)} 后再试。")
    talk.dialogue = talk.dialogue.settled()
    return Text(described(progress, is_own=False))


def _ask_code(talk: Talk, number: str) -> Reply:
    talk.ask(QUERY_CODE, number)
    return Text(f"请在 5 分钟内回复办件 {number} 的查询码（在受理通知书上）。")


async def _everything(talk: Talk) -> Reply:
    person_id = await talk.person()
    mine = await cases.recent(person_id, limit=3) if person_id is not None else ()
    told = [f"{described(one, is_own=True)}\n{link('查看详情', f'{_ALL}/{one.number}')}" for one in mine]
    booked = await own.told(talk)
    if booked:
        told.append(booked)
    page = link("查看全部办件", _ALL) if mine else link("在网页上查询", _LOOKUP)
    return Text("\n\n".join([*told, f"{_HOW}\n{page}"]))


def described(case: CaseProgress, *, is_own: bool) -> str:
    """A case in a few lines: where it stands, until when, what comes next.

    What the offices wrote is for whom it concerns: who merely knows the code reads the names of the steps.
    """
    lines = [
        f"办件 {case.number}",
        f"{plain(case.item_name)}：{case.state_text}",
        f"办理单位：{plain(case.office)}" + (f"，咨询电话 {plain(case.contact)}" if case.contact else ""),
    ]
    if case.due_on is not None:
        lines.append(f"{_DUE[case.state in UNDECIDED]}：{day(case.due_on)}，{time_left.sentence(case)}")
    if is_own and case.asked:
        until = f"（{day(case.asked_until)}前）" if case.asked_until else ""
        lines.append(f"需要您{until}：{plain(case.asked)}")
    else:
        lines.append(f"下一步：{plain(case.next_text)}")
    lines += [
        f"· {day(one.at.date())} {plain(one.text if is_own else one.title)}"
        for one in case.steps[-_STEPS_SHOWN:]
    ]
    return "\n".join(lines)
