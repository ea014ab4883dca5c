"""Keeping the inbox: its months are made ahead, and ordinary messages go when all of it is 90 days old."""

from datetime import timedelta
from typing import Final

from app.kit import clock, db
from app.kit.partitions import Partitioned

PARTS: Final = Partitioned("inbox_item", "committed_at", "month", fill=90)

AHEAD: Final = 2
_KEPT: Final = timedelta(days=90)


async def keep_house() -> int:
    """Make coming months and drop old ones whole, but for served documents; answers how many went."""
    await PARTS.prepare(AHEAD)
    dropped = 0
    for part in await PARTS.parts():
        if part.until > clock.now() - _KEPT:
            break
        dropped += await _drop(part.name)
    if dropped:
        await PARTS.prepare(AHEAD)
    return dropped


async def _drop(name: str) -> int:
    """Drop a month unless only documents are left in it; they come back as a small month of their own."""
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", PARTS.table)
        if not await db.fetch_value("SELECT to_regclass($1) IS NOT NULL", name):
            return 0
        if not await db.fetch_value(f"SELECT EXISTS (SELECT 1 FROM {name} WHERE NOT is_statutory)"):  # noqa: S608  Names of ours.
            return 0
        await db.execute(f"ALTER TABLE {PARTS.table} DETACH PARTITION {name}")
        await db.execute(f"INSERT INTO {PARTS.table} SELECT * FROM {name} WHERE is_statutory")  # noqa: S608  The same.
        await db.execute(f"DROP TABLE {name}")
    return 1
