"""The audit log: who did what to whom and why, each row sealed by the hash of the one before it.

GB/T 22239-2019 level 3 asks for records that nobody can alter unseen. The table refuses UPDATE and
DELETE by trigger; whoever goes around the trigger breaks the chain, and ``verify`` finds where.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit import clock, db

Plain = str | int | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]
"""What a detail is made of. No floats: the database may give them back written differently."""

SYSTEM = "system"
GENESIS = bytes(32)
"""The hash before the first row."""

_CHAIN_LOCK = 0x0A0D17  # One number for the one chain; any other advisory lock takes another.
_PAGE = 1000


class ChainBroken(Exception):
    """A row was changed, removed or slipped in; ``entry_id`` is the first at which the chain fails."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(f"the audit chain is broken at entry {entry_id}")
        self.entry_id = entry_id


def person(person_id: UUID) -> str:
    """How a citizen is named as actor or target."""
    return f"person:{person_id}"


def staff(staff_id: UUID) -> str:
    """How a member of staff is named as actor or target."""
    return f"staff:{staff_id}"


async def record(
    actor: str,
    action: str,
    target: str,
    *,
    detail: Mapping[str, Plain] | None = None,
    reason: str | None = None,
    hall_id: int | None = None,
) -> int:
    """Append one row in the caller's transaction and answer its id; never put personal data in ``detail``.

    The chain is locked until that transaction ends, so call this last in it.
    """
    at = clock.now()
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _CHAIN_LOCK)
        last = await db.fetch_one("SELECT id, hash FROM audit_entry ORDER BY id DESC LIMIT 1")
        entry_id, previous = (last["id"] + 1, bytes(last["hash"])) if last else (1, GENESIS)
        given = dict(detail or {})
        own = _hash(previous, entry_id, at, actor, action, target, hall_id, reason, given)
        await db.execute(
            "INSERT INTO audit_entry"
            " (id, at, actor, action, target, hall_id, reason, detail, previous_hash, hash)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            entry_id, at, actor, action, target, hall_id, reason, json.dumps(given), previous, own,
        )  # fmt: skip
    return entry_id


async def verify() -> int:
    """Walk the whole chain and answer how many rows it has.

    Raises:
        ChainBroken: at the first row that does not follow from the one before it.
    """
    previous, count = GENESIS, 0
    while rows := await _page_after(count):
        for row in rows:
            count += 1
            if (
                row["id"] != count
                or bytes(row["previous_hash"]) != previous
                or _hash_of(row) != bytes(row["hash"])
            ):
                raise ChainBroken(count)
            previous = bytes(row["hash"])
    return count


async def _page_after(entry_id: int) -> Sequence[Any]:
    return await db.fetch(
        "SELECT id, at, actor, action, target, hall_id, reason, detail::text, previous_hash, hash"
        " FROM audit_entry WHERE id > $1 ORDER BY id LIMIT $2",
        entry_id, _PAGE,
    )  # fmt: skip


def _hash_of(row: Any) -> bytes:
    return _hash(
        bytes(row["previous_hash"]), row["id"], row["at"], row["actor"], row["action"], row["target"],
        row["hall_id"], row["reason"], json.loads(row["detail"]),
    )  # fmt: skip


def _hash(previous: bytes, entry_id: int, at: datetime, *facts: object) -> bytes:
    """SHA-256 over the previous hash and the row as canonical JSON: sorted keys, no spaces, UTF-8."""
    row = [entry_id, at.astimezone(clock.SHANGHAI).isoformat(timespec="microseconds"), *facts]
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + canonical.encode()).digest()
