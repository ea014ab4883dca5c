"""Wishes 消息设置: what each person wants to be told, and how; statutory notices are not for choice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.kit import clock, db
from app.kit.errors import InvalidInput
from config.messages import MessageKind
from notifications import rules
from notifications.inbox.cards import messages
from notifications.inbox.errors import CannotSwitchOff
from notifications.models import Channel

WHY_ALWAYS_ON: Final = "法定通知关系到您的权利和期限，不能关闭；送达以到达“消息”的时间为准。"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wishes of one kind: ``is_muted`` leaves it to the inbox alone."""

    message: str
    is_muted: bool = False
    switched_off: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind as its reader may set it: the channels it can take, and those that are off."""

    kind: MessageKind
    channels: tuple[Channel, ...]
    wish: Wish

    @property
    def may_be_muted(self) -> bool:
        return not self.kind.is_statutory


async def of(person_ids: Sequence[UUID], names: Collection[str]) -> Mapping[tuple[UUID, str], Wish]:
    """What these people wish of these kinds; who wishes nothing is absent."""
    rows = await db.fetch(
        "SELECT person_id, message, is_muted, switched_off FROM message_preference"
        " WHERE person_id = ANY ($1) AND message = ANY ($2)",
        person_ids, list(names),
    )  # fmt: skip
    return {(row["person_id"], row["message"]): _read(row) for row in rows}


async def choices(person_id: UUID) -> list[Choice]:
    """Every kind of message with what the person wishes of it, in the order of the list."""
    await messages().refresh()
    kinds = list(messages().kinds())
    wishes = await of([person_id], [kind.name for kind in kinds])
    return [
        Choice(kind, rules.channels_of(kind), wishes.get((person_id, kind.name), Wish(kind.name)))
        for kind in kinds
    ]


async def wish(person_id: UUID, wishes: Iterable[Wish]) -> None:
    """Set what a person wishes of some kinds; the others stay as they are.

    Raises InvalidInput for a kind or a channel that is not there, CannotSwitchOff for a statutory kind.
    """
    await messages().refresh()
    known = {kind.name: kind for kind in messages().kinds()}
    # One row for each kind: of two wishes for the same the later counts.
    wanted = {one.message: one for one in wishes}
    for one in wanted.values():
        _check(one, known.get(one.message))
    await db.execute(
        "INSERT INTO message_preference (person_id, message, is_muted, switched_off, changed_at)"
        " SELECT $1, d.message, d.is_muted, d.switched_off, $5"
        " FROM unnest($2::text[], $3::boolean[], $4::text[]) AS d (message, is_muted, switched_off)"
        " ORDER BY d.message"
        " ON CONFLICT (person_id, message) DO UPDATE SET is_muted = excluded.is_muted,"
        " switched_off = excluded.switched_off, changed_at = excluded.changed_at",
        person_id,
        list(wanted),
        [one.is_muted for one in wanted.values()],
        [" ".join(sorted(one.switched_off)) for one in wanted.values()],
        clock.now(),
    )


def _check(wish: Wish, kind: MessageKind | None) -> None:
    if kind is None:
        raise InvalidInput(fields={"message": [f"没有“{wish.message}”这种消息"]})
    if kind.is_statutory and (wish.is_muted or wish.switched_off):
        raise CannotSwitchOff(fields={kind.name: [WHY_ALWAYS_ON]})
    strange = sorted(wish.switched_off - set(rules.channels_of(kind)))
    if strange:
        raise InvalidInput(fields={kind.name: [f"这种消息不走{Channel(one).label}" for one in strange]})


def _read(row: Any) -> Wish:
    off = frozenset(Channel(name) for name in row["switched_off"].split())
    return Wish(row["message"], row["is_muted"], off)
