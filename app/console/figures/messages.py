"""The board of messages: how many were made, went out, arrived and were opened, by message and channel."""

from collections.abc import Sequence
from typing import Final

from sanic import Request

from app.console.figures.desk import MESSAGES, more_pages
from app.console.figures.sheets import Ask, Board, Said, Sheet, Shown, Value, serve
from app.console.site import site
from app.kit.web import Call, fields
from notifications import funnel
from notifications.funnel import Stage
from notifications.wording import queries

routes = more_pages()

LENGTHS: Final = (7, 30, 90)
_STEPS: Final = ("made", "sent", "delivered", "opened")
_PLACES: Final = range(1, len(_STEPS) + 1)
_COLUMNS: Final = (*_STEPS, "under_way", "failed", "cancelled")


class AskMessages(Ask):
    days = fields.Choice([str(days) for days in LENGTHS], metadata={"description": "最近多少天，含今天"})


async def _gather(call: Call, said: Said) -> Shown:
    days = int(said.get("days", LENGTHS[0]))
    stages = await funnel.funnel(days)
    titles = {one.name: one.kind.title for one in await queries.overview() if one.is_current}
    heads = [site.said(call.request, f"figures.message.{column}") for column in _COLUMNS]
    message, channel = (site.said(call.request, f"figures.message.{name}") for name in ("name", "channel"))
    by_message: list[list[Value]] = [
        [titles.get(one.message, one.message), _channel(call.request, one.channel), *_numbers([one])]
        for one in stages
    ]
    sheets = [
        Sheet("by_channel", [channel, *heads], _by_channel(call.request, stages), "beside", _PLACES),
        Sheet("by_message", [message, channel, *heads], by_message, words=2),
    ]
    return Shown(sheets, told={"days": days, "lengths": LENGTHS})


def _by_channel(request: Request, stages: Sequence[Stage]) -> list[list[Value]]:
    channels = sorted({one.channel for one in stages}, key=lambda name: (name == funnel.INBOX, name))
    return [
        [_channel(request, channel), *_numbers([one for one in stages if one.channel == channel])]
        for channel in channels
    ]


def _numbers(stages: Sequence[Stage]) -> list[Value]:
    """The columns of these together; nothing where no channel of them could tell."""
    told: list[Value] = []
    for column in _COLUMNS:
        known = [getattr(one, column) for one in stages if getattr(one, column) is not None]
        told.append(sum(known) if known else None)
    return told


def _channel(request: Request, channel: str) -> str:
    return site.said(request, f"figures.channel.{channel}")


BOARD: Final = Board(
    "messages", AskMessages, _gather, ("by_channel", "by_message"), "figures_days.html", MESSAGES
)
serve(routes, BOARD, "消息漏斗")
