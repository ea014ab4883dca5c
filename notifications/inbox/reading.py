"""What a person does with their inbox: look through it, read, acknowledge; each moment is written once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from app.kit import clock, db
from notifications.inbox import cards, proofs
from notifications.inbox.cards import Card
from notifications.inbox.errors import ItemNotFound, NoProof, NothingToAcknowledge
from notifications.inbox.models import Step
from notifications.inbox.proofs import Entry

MOST_COUNTED: Final = 100
"""Unread messages are counted up to this many: nobody needs to know more than 99+."""

# What each step writes down; reading implies having seen, acknowledging implies having read.
_MOMENTS: Final = {Step.SHOWN: "shown_at", Step.READ: "read_at", Step.ACKNOWLEDGED: "acknowledged_at"}
_COLUMNS: Final = (
    "id, message, message_version, params, is_statutory, arrived_at, shown_at, read_at, acknowledged_at"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A message in somebody's own inbox."""

    id: UUID
    message: str
    version: int
    params: dict[str, str] = field(repr=False)
    card: Card
    is_statutory: bool
    arrived_at: datetime
    shown_at: datetime | None
    read_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proof:
    """送达回证: a served document with its proof; ``seal`` is the hash of the last step, in hex."""

    item: Item
    steps: Sequence[Entry]
    is_intact: bool

    @property
    def seal(self) -> str:
        return self.steps[-1].hash.hex() if self.steps else ""


async def page(
    person_id: UUID, *, before: UUID | None, limit: int, is_unread: bool = False
) -> tuple[list[Item], UUID | None]:
    """A page of one's messages, newest first, and the cursor of the next; what is on it counts as shown."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM inbox_item WHERE person_id = $1"  # noqa: S608  Words of ours.
        " AND ($2::uuid IS NULL OR id < $2) AND (NOT $3 OR read_at IS NULL) ORDER BY id DESC LIMIT $4",
        person_id, before, is_unread, limit + 1,
    )  # fmt: skip
    shown = rows[:limit]
    unseen = [row["id"] for row in shown if row["shown_at"] is None]
    moments = await _show(person_id, unseen) if unseen else {}
    items = await _items([{**row, "shown_at": moments.get(row["id"], row["shown_at"])} for row in shown])
    return items, items[-1].id if len(rows) > limit else None


async def one(person_id: UUID, item_id: UUID) -> Item:
    """A message of one's own; it counts as shown. Raises ItemNotFound, for other people's too."""
    return await _go(person_id, item_id, Step.SHOWN)


async def read(person_id: UUID, item_id: UUID) -> Item:
    """Open a message. Raises ItemNotFound."""
    return await _go(person_id, item_id, Step.READ)


async def acknowledge(person_id: UUID, item_id: UUID) -> Item:
    """Acknowledge a served document 签收. Raises ItemNotFound, NothingToAcknowledge."""
    return await _go(person_id, item_id, Step.ACKNOWLEDGED)


async def read_all(person_id: UUID) -> int:
    """Mark every message as read; answers how many. A served document has to be opened to be read."""
    return await db.execute(
        "UPDATE inbox_item SET shown_at = coalesce(shown_at, $2), read_at = $2"
        " WHERE person_id = $1 AND read_at IS NULL AND NOT is_statutory",
        person_id, clock.now(),
    )  # fmt: skip


async def unread(person_ids: Sequence[UUID]) -> list[int]:
    """How many messages each of these people has not read, counted up to ``MOST_COUNTED``, in order."""
    rows = await db.fetch(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM inbox_item i"
        "  WHERE i.person_id = p.person_id AND i.read_at IS NULL LIMIT $2) AS few) AS n"
        " FROM unnest($1::uuid[]) WITH ORDINALITY AS p (person_id, turn) ORDER BY p.turn",
        person_ids, MOST_COUNTED,
    )  # fmt: skip
    return [row["n"] for row in rows]


async def proof(person_id: UUID, item_id: UUID) -> Proof:
    """The proof of a document served on this person. Raises ItemNotFound, NoProof."""
    item = await one(person_id, item_id)
    if not item.is_statutory:
        raise NoProof
    steps = await proofs.of_item(item_id)
    told = proofs.content_hash(item.message, item.version, item.params)
    is_same = all(step.content_hash == told for step in steps)
    return Proof(item, steps, proofs.is_intact(steps) and is_same)


async def _show(person_id: UUID, item_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE inbox_item SET shown_at = $3"
            " WHERE person_id = $1 AND id = ANY ($2) AND shown_at IS NULL RETURNING id, is_statutory",
            person_id, item_ids, now,
        )  # fmt: skip
        served = [(row["id"], Step.SHOWN) for row in rows if row["is_statutory"]]
        if served:
            await proofs.stepped(served, now)
    return dict.fromkeys(item_ids, now)


async def _go(person_id: UUID, item_id: UUID, to: Step) -> Item:
    """Take a message as far as this step; steps taken before keep their moments."""
    now = clock.now()
    async with db.transaction():
        row = await db.fetch_one(
            f"SELECT {_COLUMNS} FROM inbox_item WHERE id = $1 AND person_id = $2 FOR UPDATE",  # noqa: S608  Words of ours.
            item_id,
            person_id,
        )
        if row is None:
            raise ItemNotFound
        if to is Step.ACKNOWLEDGED and not row["is_statutory"]:
            raise NothingToAcknowledge
        missing = [step for step in _up_to(to) if row[_MOMENTS[step]] is None]
        if missing:
            moments = ", ".join(f"{_MOMENTS[step]} = $3" for step in missing)
            await db.execute(
                f"UPDATE inbox_item SET {moments} WHERE id = $1 AND person_id = $2",  # noqa: S608  The same.
                item_id,
                person_id,
                now,
            )
            if row["is_statutory"]:
                await proofs.stepped([(item_id, step) for step in missing], now)
    [item] = await _items([{**row, **dict.fromkeys((_MOMENTS[step] for step in missing), now)}])
    return item


def _up_to(last: Step) -> Iterator[Step]:
    for step in _MOMENTS:
        yield step
        if step is last:
            return


async def _items(rows: Sequence[dict[str, Any]]) -> list[Item]:
    kinds = await cards.known((row["message"], row["message_version"]) for row in rows)
    items: list[Item] = []
    for row in rows:
        params = orjson.loads(row["params"])
        items.append(
            Item(
                id=row["id"],
                message=row["message"],
                version=row["message_version"],
                params=params,
                card=cards.card(kinds.get((row["message"], row["message_version"])), params),
                is_statutory=row["is_statutory"],
                arrived_at=row["arrived_at"],
                shown_at=row["shown_at"],
                read_at=row["read_at"],
                acknowledged_at=row["acknowledged_at"],
            )
        )
    return items
