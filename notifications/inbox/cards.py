"""How a message in the inbox reads: with the wording it was told in, however often that has changed since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from config import messages as message_list
from config.messages import MessageKind
from notifications.messages import Messages, page_of
from notifications.template_fields import DoesNotFit

_WITHOUT_CONTENT: Final = "内容已删除"


class FilledLine(NamedTuple):
    """One line of a card, in full: a phone's card may have to cut it, the inbox need not."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message as its reader sees it; ``page`` is the page of the mini-program it leads to."""

    title: str
    summary: str = field(repr=False)
    lines: tuple[FilledLine, ...] = field(repr=False)
    page: str | None


@cache
def messages() -> Messages:
    """The message list of this process; whoever reads it asks it to refresh first."""
    return Messages(message_list.current())


async def known(needed: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], MessageKind]:
    """The wordings of these names and versions, as far as there are any."""
    wanted = set(needed)
    await messages().refresh(wanted)
    return {pair: messages().kind(*pair) for pair in wanted if messages().knows(*pair)}


def card(kind: MessageKind | None, params: Mapping[str, str]) -> Card:
    """A message filled in; without its wording or its content only that it was there."""
    if kind is None:
        return Card("消息", _WITHOUT_CONTENT, (), None)
    try:
        return Card(
            title=kind.title,
            summary=kind.summary.format_map(params),
            lines=tuple(FilledLine(line.label, line.text.format_map(params)) for line in kind.lines),
            page=page_of(kind, params),
        )
    except (KeyError, DoesNotFit):
        return Card(kind.title, _WITHOUT_CONTENT, (), None)
