"""Everybody's month: WeChat carries four mass sends to a follower in a calendar month, and no fifth.

It counts by itself and filters in silence. This ledger knows before it does.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from app.kit import clock, db

MONTHLY: Final = 4


def this_month() -> date:
    """The first day of the month in Shanghai."""
    return clock.today().replace(day=1)


async def spend(person_ids: Sequence[UUID], month: date) -> set[UUID]:
    """Count one more for each, in the caller's transaction; answers those who had one left."""
    rows = await db.fetch(
        "INSERT INTO mass_month (person_id, month, count)"
        " SELECT person_id, $2, 1 FROM unnest($1::uuid[]) AS d (person_id) ORDER BY person_id"
        " ON CONFLICT (person_id, month) DO UPDATE SET count = mass_month.count + 1"
        " WHERE mass_month.count < $3 RETURNING person_id",
        person_ids, month, MONTHLY,
    )  # fmt: skip
    return {row["person_id"] for row in rows}


async def give_back(person_ids: Sequence[UUID], month: date) -> None:
    """Count one less for each: WeChat carried nothing to them."""
    await db.execute(
        "UPDATE mass_month SET count = count - 1 WHERE id IN ("
        " SELECT id FROM mass_month WHERE month = $2 AND person_id = ANY ($1) AND count > 0"
        " ORDER BY person_id FOR NO KEY UPDATE)",
        person_ids, month,
    )  # fmt: skip


async def forget_past() -> int:
    """Delete what was counted before the last month; answers how many rows."""
    return await db.execute(
        "DELETE FROM mass_month WHERE month < $1::date - interval '1 month'", this_month()
    )
