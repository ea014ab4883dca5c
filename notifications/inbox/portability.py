"""What becomes of inboxes and wishes when people merge, take their data along, or leave."""

from typing import Any
from uuid import UUID

import orjson

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.kit import db
from notifications.inbox import cards

# Where both were told the same, or wish something of the same kind, the kept one's row counts.
_TOLD_ONCE = (
    "NOT EXISTS (SELECT 1 FROM inbox_item k WHERE k.person_id = $1 AND k.message = inbox_item.message"
    " AND k.committed_at = inbox_item.committed_at"
    " AND (k.event_id = inbox_item.event_id OR k.campaign_id = inbox_item.campaign_id))"
)
_WISHED_ONCE = (
    "NOT EXISTS (SELECT 1 FROM message_preference k"
    " WHERE k.person_id = $1 AND k.message = message_preference.message)"
)
_COUNTED_ONCE = "NOT EXISTS (SELECT 1 FROM digest_day k WHERE k.person_id = $1 AND k.day = digest_day.day)"


async def export(person_id: UUID) -> object:
    """Every message in the inbox as it reads, and what the person wishes of each kind."""
    rows = await db.fetch(
        "SELECT message, message_version, params, arrived_at, read_at, acknowledged_at FROM inbox_item"
        " WHERE person_id = $1 ORDER BY id",
        person_id,
    )
    kinds = await cards.known((row["message"], row["message_version"]) for row in rows)
    wishes = await db.fetch(
        "SELECT message, is_muted, switched_off, changed_at FROM message_preference"
        " WHERE person_id = $1 ORDER BY message",
        person_id,
    )
    return {
        "messages": [_told(row, kinds.get((row["message"], row["message_version"]))) for row in rows],
        "preferences": [dict(row) for row in wishes],
    }


async def leave(person_id: UUID) -> None:
    """Take out everything but the proof that documents were served, which stays without their content."""
    await db.execute("DELETE FROM inbox_item WHERE person_id = $1 AND NOT is_statutory", person_id)
    await db.execute("UPDATE inbox_item SET params = '{}' WHERE person_id = $1", person_id)
    await db.execute("DELETE FROM message_preference WHERE person_id = $1", person_id)
    await db.execute("DELETE FROM digest_day WHERE person_id = $1", person_id)


def register() -> None:
    """Make them known to the accounts area. The proof of service names whom it was served on, and stays."""
    portability.register("inbox", export)
    portability.before_deletion("inbox", leave)
    merging.register("inbox", Rows("inbox_item", only=_TOLD_ONCE))
    merging.register("message_preferences", Rows("message_preference", only=_WISHED_ONCE))
    merging.register("digests", Rows("digest_day", only=_COUNTED_ONCE))


def _told(row: Any, kind: Any) -> dict[str, object]:
    made = cards.card(kind, orjson.loads(row["params"]))
    return {
        "title": made.title,
        "text": made.summary,
        "arrived_at": row["arrived_at"],
        "read_at": row["read_at"],
        "acknowledged_at": row["acknowledged_at"],
    }
