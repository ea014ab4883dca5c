"""Versions of messages as they are kept: what the file brings in, and what everybody reads again."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from app.kit import clock, db
from config import messages as message_list
from config.messages import BadMessages, MessageKind

log = logging.getLogger("weiban.wording")

LOCK = 0x30FD1  # One number for all who write versions: their numbers are given one after the other.


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a version has changed since it was read."""

    id: int
    name: str
    version: int
    revision: int
    state: str

    @property
    def is_approved(self) -> bool:
        return self.state == "approved"


async def stamps() -> list[Stamp]:
    """Every version there is, in the order of decision; those nobody decided on come first."""
    rows = await db.fetch(
        "SELECT id, name, version, revision, state FROM message_version ORDER BY decided_at NULLS FIRST, id"
    )
    return [Stamp(**row) for row in rows]


async def kinds(ids: Sequence[int]) -> list[MessageKind]:
    """These versions; one that this program cannot read is left out, and the operator told."""
    rows = await db.fetch("SELECT name, version, definition FROM message_version WHERE id = ANY ($1)", ids)
    found: list[MessageKind] = []
    for row in rows:
        try:
            found.append(kind_of(row))
        except BadMessages as wrong:
            log.error("message %s version %s cannot be read: %s", row["name"], row["version"], wrong)
    return found


def kind_of(row: Any) -> MessageKind:
    """The version a row holds. Raises BadMessages."""
    return message_list.read(row["name"], orjson.loads(row["definition"]) | {"version": row["version"]})


def definition_of(kind: MessageKind) -> str:
    """What is kept of a version, as JSON."""
    return orjson.dumps(message_list.written(kind)).decode()


async def register(listed: Mapping[str, MessageKind]) -> list[str]:
    """Make the message list's new versions the current ones; answers their names. Safe to repeat anywhere.

    Raises BadMessages, and then nothing is written, if a version that was registered before now reads
    otherwise: what was sent with it could no longer be told.
    """
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        known = await _registered()
        faults = [fault for kind in listed.values() if (fault := _fault(kind, known.get(kind.name, {})))]
        if faults:
            raise BadMessages(faults)
        new = [kind for kind in listed.values() if kind.version not in known.get(kind.name, {})]
        if new:
            await _insert(new)
            log.info("messages registered: %s", ", ".join(kind.name for kind in new))
    return [kind.name for kind in new]


async def next_number(name: str) -> int:
    """The number of the next version of a message; the caller holds the lock."""
    return int(
        await db.fetch_value(
            "SELECT coalesce(max(version), 0) + 1 FROM message_version WHERE name = $1", name
        )
    )


async def _registered() -> dict[str, dict[int, MessageKind | None]]:
    """The file's versions by name and number; ``None`` for one this program cannot read."""
    rows = await db.fetch(
        "SELECT name, version, file_version, definition FROM message_version WHERE origin = 'file'"
    )
    found: dict[str, dict[int, MessageKind | None]] = {}
    for row in rows:
        try:
            kind = replace(kind_of(row), version=row["file_version"])
        except BadMessages:
            kind = None
        found.setdefault(row["name"], {})[row["file_version"]] = kind
    return found


def _fault(kind: MessageKind, known: Mapping[int, MessageKind | None]) -> str | None:
    if kind.version in known and known[kind.version] != kind:
        return f"{kind.name}: 内容改了，version 仍是 {kind.version}，请把 version 加到 {max(known) + 1}"
    if kind.version not in known and known and kind.version < max(known):
        return f"{kind.name}: version {kind.version} 比已启用过的 {max(known)} 小，请改为 {max(known) + 1}"
    return None


async def _insert(new: Sequence[MessageKind]) -> None:
    # A number that an edited version took already is passed over.
    await db.execute(
        "INSERT INTO message_version (name, version, definition, state, origin, file_version, revision,"
        " editor_ids, decided_at)"
        " SELECT d.name, greatest(d.version, coalesce((SELECT max(m.version) + 1 FROM message_version m"
        " WHERE m.name = d.name), 1)), d.definition::jsonb, 'approved', 'file', d.version, 1, '{}', $4"
        " FROM unnest($1::text[], $2::smallint[], $3::text[]) AS d (name, version, definition)",
        [kind.name for kind in new],
        [kind.version for kind in new],
        [definition_of(kind) for kind in new],
        clock.now(),
    )
