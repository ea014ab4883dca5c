"""Proof of service 送达证明: when a document arrived, was shown, read and acknowledged, beyond dispute.

《税务文书电子送达规定（试行）》（国家税务总局公告 2019 年第 39 号）第五条: the day on which the document
arrives at the recipient's end of the system is the day of service, and the system records it by itself;
第六条: reminders by other channels do not touch it. The rows are append-only; each holds the hash of the
one before it, so that a row that was changed or taken away is seen.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from app.kit import clock, crypto, db
from notifications.inbox.models import Step

GENESIS: Final = bytes(32)
"""The hash before a document's arrival."""

BASIS: Final = (
    "《税务文书电子送达规定（试行）》（国家税务总局公告 2019 年第 39 号）第五条："
    "以电子版式税务文书到达特定系统受送达人端的日期为送达日期"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document that has just arrived."""

    item_id: UUID
    person_id: UUID
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a proof; ``hash`` is the seal."""

    item_id: UUID
    seq: int
    step: Step
    at: datetime
    person_id: UUID
    content_hash: bytes
    hash: bytes


def content_hash(message: str, version: int, params: Mapping[str, str]) -> bytes:
    """What is kept of a content: keyed, so that nobody finds it out by trying."""
    content = orjson.dumps([message, version, dict(params)], option=orjson.OPT_SORT_KEYS)
    return crypto.lookup_hash(content.decode(), "service")


async def arrived(arrivals: Sequence[Arrival], at: datetime) -> None:
    """Begin the proofs of documents, in the transaction that puts them into their inboxes."""
    await _append(
        [
            _entry(one.item_id, 1, Step.ARRIVED, at, one.person_id, one.content_hash, GENESIS)
            for one in arrivals
        ]
    )


async def stepped(steps: Sequence[tuple[UUID, Step]], at: datetime) -> None:
    """Go on with the proofs of documents whose rows the caller's transaction holds, in order."""
    rows = await db.fetch(
        "SELECT DISTINCT ON (item_id) item_id, seq, person_id, content_hash, hash FROM service_proof"
        " WHERE item_id = ANY ($1) ORDER BY item_id, seq DESC",
        [item_id for item_id, _ in steps],
    )
    last = {row["item_id"]: (row["seq"], bytes(row["hash"])) for row in rows}
    known = {row["item_id"]: row for row in rows}
    entries: list[Entry] = []
    for item_id, step in steps:
        (seq, previous), row = last[item_id], known[item_id]
        made = _entry(item_id, seq + 1, step, at, row["person_id"], bytes(row["content_hash"]), previous)
        last[item_id] = (made.seq, made.hash)
        entries.append(made)
    await _append(entries)


async def of_item(item_id: UUID) -> list[Entry]:
    """The proof of a document, from its arrival on."""
    rows = await db.fetch(
        "SELECT item_id, seq, step, at, person_id, content_hash, hash FROM service_proof"
        " WHERE item_id = $1 ORDER BY seq",
        item_id,
    )
    return [_read(row) for row in rows]


def is_intact(entries: Sequence[Entry]) -> bool:
    """Whether each row follows from the one before it and none is missing in between."""
    previous = GENESIS
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq or entry.hash != _hash(entry, previous):
            return False
        previous = entry.hash
    return bool(entries)


def _entry(
    item_id: UUID, seq: int, step: Step, at: datetime, person_id: UUID, content: bytes, previous: bytes
) -> Entry:
    unsealed = Entry(item_id, seq, step, at, person_id, content, b"")
    return Entry(item_id, seq, step, at, person_id, content, _hash(unsealed, previous))


def _hash(entry: Entry, previous: bytes) -> bytes:
    """SHA-256 over the hash before and the row as JSON, its moment in Beijing time."""
    at = entry.at.astimezone(clock.SHANGHAI).isoformat(timespec="microseconds")
    row = [str(entry.item_id), entry.seq, entry.step, at, str(entry.person_id), entry.content_hash.hex()]
    return hashlib.sha256(previous + orjson.dumps(row)).digest()


async def _append(entries: Sequence[Entry]) -> None:
    await db.execute(
        "INSERT INTO service_proof (item_id, seq, step, at, person_id, content_hash, hash)"
        " SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::timestamptz[], $5::uuid[],"
        " $6::bytea[], $7::bytea[])",
        [entry.item_id for entry in entries],
        [entry.seq for entry in entries],
        [entry.step.value for entry in entries],
        [entry.at for entry in entries],
        [entry.person_id for entry in entries],
        [entry.content_hash for entry in entries],
        [entry.hash for entry in entries],
    )


def _read(row: Any) -> Entry:
    return Entry(
        row["item_id"], row["seq"], Step(row["step"]), row["at"], row["person_id"],
        bytes(row["content_hash"]), bytes(row["hash"]),
    )  # fmt: skip
