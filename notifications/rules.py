"""Pure rules of telling: which ways lead to a reader, when people are left in peace, what may be served."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.kit.clock import SHANGHAI
from config.day_hours import Span, is_within
from config.messages import LANES, MessageKind
from notifications.models import Channel

BULK: Final = LANES["bulk"]

# 《税务文书电子送达规定（试行）》（国家税务总局公告 2019 年第 39 号）第八条: what decides over somebody's
# rights is not served electronically, a penalty by summary procedure excepted.
_NEVER_SERVED: Final = (
    "税务处理决定书",
    "税务行政处罚决定书",
    "税收保全措施决定书",
    "税收强制执行决定书",
    "阻止出境决定书",
    "税务稽查",
    "行政复议",
)
_SUMMARY_PROCEDURE: Final = "简易"


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of a person when a message of one kind is about to be told.

    ``credits`` counts the unspent one-off consents for the kind's template, ``has_grant`` is its
    long-term one; ``has_open_window`` says that a customer-service message may be sent; ``has_phone``
    that a text message may.
    """

    is_follower: bool = False
    is_in_mini_program: bool = False
    credits: int = 0
    has_grant: bool = False
    has_open_window: bool = False
    has_phone: bool = False
    is_muted: bool = False
    switched_off: frozenset[Channel] = frozenset()


def route(kind: MessageKind, reader: Reader) -> tuple[Channel, ...]:
    """The channels to try, in order; empty for whom only the inbox is left.

    What concerns one person goes where it is surest to be seen: a template message costs nothing and
    stays in the chat; a consent can be spent once; the window of customer service closes; a text
    message costs money. Many people's notices take what costs the reader nothing first, a long-term
    grant, and never customer service, which answers people, nor text messages.
    """
    ways = _in_bulk(reader) if kind.lane == BULK else _in_person(kind, reader)
    if kind.is_statutory:
        return tuple(ways)
    return () if reader.is_muted else tuple(way for way in ways if way not in reader.switched_off)


def _in_person(kind: MessageKind, reader: Reader) -> Iterator[Channel]:
    if reader.is_follower:
        yield Channel.TEMPLATE
    if reader.is_in_mini_program and (reader.has_grant or reader.credits > 0):
        yield Channel.SUBSCRIBE
    if reader.is_follower and reader.has_open_window:
        yield Channel.CUSTOM
    if kind.sms is not None and reader.has_phone:
        yield Channel.SMS


def _in_bulk(reader: Reader) -> Iterator[Channel]:
    if reader.is_in_mini_program and reader.has_grant:
        yield Channel.SUBSCRIBE
    if reader.is_follower:
        yield Channel.TEMPLATE
    if reader.is_in_mini_program and reader.credits > 0 and not reader.has_grant:
        yield Channel.SUBSCRIBE


def channels_of(kind: MessageKind) -> tuple[Channel, ...]:
    """The channels a message of this kind can take, which its reader may switch off."""
    anybody = Reader(
        is_follower=True, is_in_mini_program=True, has_grant=True, has_open_window=True, has_phone=True
    )
    return tuple(_in_bulk(anybody) if kind.lane == BULK else _in_person(kind, anybody))


def is_quiet(now: datetime, hours: Span | None) -> bool:
    """Whether people are left in peace; ``hours`` are by Shanghai's clock, ``None`` is no quiet at all."""
    return hours is not None and is_within(now.astimezone(SHANGHAI).time(), hours)


def may_be_served(document: str) -> bool:
    """Whether a document of this name may be served electronically (article 8)."""
    if _SUMMARY_PROCEDURE in document:
        return True
    return not any(name in document for name in _NEVER_SERVED)
