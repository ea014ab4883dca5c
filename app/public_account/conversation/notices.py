"""通知公告、政策法规、办税日历: the newest notices, or those in which the given words occur."""

from collections.abc import Sequence
from typing import Final

from app.domain.notices import queries
from app.domain.notices.models import NoticeKind
from app.domain.notices.queries import NoticeBrief
from app.gateways.wechat.replies import Reply, Text
from app.kit.clock import SHANGHAI
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import link, plain

_MOST: Final = 3
_SUMMARY_SIGNS: Final = 40
_POLICIES: Final = (NoticeKind.POLICY, NoticeKind.INTERPRETATION)


async def announcements(talk: Talk, about: str) -> Reply | None:
    """通知公告; with words, notices of every kind in which they occur."""
    if about:
        return await _told(talk, "公告", None, about)
    return await _told(talk, "通知公告", (NoticeKind.ANNOUNCEMENT,), about)


async def policies(talk: Talk, about: str) -> Reply | None:
    """政策法规 and what explains them."""
    return await _told(talk, "政策法规", _POLICIES, about)


async def calendar(talk: Talk, about: str) -> Reply | None:
    """办税日历: until when what has to be declared."""
    return await _told(talk, "办税日历", (NoticeKind.CALENDAR,), about)


async def _told(talk: Talk, name: str, kinds: Sequence[NoticeKind] | None, q: str) -> Reply:
    found = await queries.notices(reader=await talk.person(), kinds=kinds, q=q, limit=_MOST)
    path = f"/h5/notices?kind={kinds[0].value}" if kinds else "/h5/notices"
    if not found.items:
        about = f"没有找到与“{plain(q)}”有关的{name}。" if q else f"目前没有{name}。"
        return Text(f"{about}\n{link('看全部公告', '/h5/notices')}")
    lines = "\n\n".join(_line(one) for one in found.items)
    return Text(f"{lines}\n\n{link(f'更多{name}', path)}\n回复“公告 关键词”可查找，如“公告 汇算清缴”。")


def _line(one: NoticeBrief) -> str:
    summary = one.summary[:_SUMMARY_SIGNS] + ("…" if len(one.summary) > _SUMMARY_SIGNS else "")
    on = one.published_at.astimezone(SHANGHAI).date()
    return f"{link(one.title, f'/h5/notices/{one.id}')}\n{on} {plain(summary)}"
