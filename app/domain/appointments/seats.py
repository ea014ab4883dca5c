"""Seats outside of booking: set aside by a hold, given back after a cancellation, released to walk-ins."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.kit import clock, db
from app.kit.ids import uuid7


async def take(slot_id: int) -> bool:
    """Take one seat of a locked slot; false if there is none."""
    return bool(
        await db.execute(
            "UPDATE slot SET booked = booked + 1 WHERE id = $1 AND booked + held < capacity", slot_id
        )
    )


async def take_onsite(slot_id: int) -> bool:
    """Take one seat for walk-ins of a locked slot; false if there is none.

    It joins the seats that are told apart by who has them, so that whatever frees a seat frees this one too.
    """
    return bool(
        await db.execute(
            "UPDATE slot SET onsite_capacity = onsite_capacity - 1, capacity = capacity + 1,"
            " booked = booked + 1 WHERE id = $1 AND onsite_capacity > 0",
            slot_id,
        )
    )


async def give_back(slot_id: int, longest_delay_s: int, now: datetime) -> None:
    """Free one booked seat of a locked slot, at once or after a random delay.

    The delay takes the profit from trading seats: who cancels cannot know when the seat returns.
    """
    if longest_delay_s == 0:
        await db.execute("UPDATE slot SET booked = booked - 1 WHERE id = $1", slot_id)
        return
    returns_at = now + timedelta(seconds=secrets.randbelow(longest_delay_s) + 1)
    await db.execute("UPDATE slot SET booked = booked - 1, held = held + 1 WHERE id = $1", slot_id)
    await db.execute(
        "INSERT INTO seat_hold (id, slot_id, expires_at, created_at) VALUES ($1, $2, $3, $4)",
        uuid7(), slot_id, returns_at, now,
    )  # fmt: skip


async def return_expired(slot_ids: Sequence[int] | None = None) -> int:
    """Return the seats of expired holds, of some slots or of all; answers how many returned.

    Nobody depends on this being punctual: booking and availability judge expiry themselves.
    """
    now = clock.now()
    async with db.transaction():
        if slot_ids is None:
            rows = await db.fetch(
                "SELECT DISTINCT slot_id FROM seat_hold WHERE expires_at <= $1 ORDER BY slot_id LIMIT 1000",
                now,
            )
            slot_ids = [row["slot_id"] for row in rows]
        if not slot_ids:
            return 0
        await db.execute("SELECT 1 FROM slot WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", slot_ids)
        rows = await db.fetch(
            """
            WITH gone AS (
                DELETE FROM seat_hold WHERE slot_id = ANY ($1) AND expires_at <= $2 RETURNING slot_id
            )
            UPDATE slot SET held = held - g.n
            FROM (SELECT slot_id, count(*) AS n FROM gone GROUP BY slot_id) g
            WHERE slot.id = g.slot_id RETURNING g.n
            """,
            slot_ids,
            now,
        )
    return sum(row["n"] for row in rows)


async def release_started() -> int:
    """Give the seats still free online to walk-ins once their slot has started; answers how many slots."""
    return await db.execute(
        """
        UPDATE slot SET released_at = $1, onsite_capacity = onsite_capacity + capacity - booked
        WHERE id IN (SELECT id FROM slot WHERE released_at IS NULL AND starts_at <= $1
                     ORDER BY id LIMIT 2000 FOR UPDATE SKIP LOCKED)
        """,
        clock.now(),
    )


async def drop_hold(hold_id: UUID, person_id: UUID) -> bool:
    """Give up one's own hold; false if there is none of that id and person."""
    async with db.transaction():
        slot_id = await db.fetch_value(
            "SELECT slot_id FROM seat_hold WHERE id = $1 AND person_id = $2", hold_id, person_id
        )
        if slot_id is None:
            return False
        await db.execute("SELECT 1 FROM slot WHERE id = $1 FOR NO KEY UPDATE", slot_id)
        if not await db.execute("DELETE FROM seat_hold WHERE id = $1 AND person_id = $2", hold_id, person_id):
            return False
        await db.execute("UPDATE slot SET held = held - 1 WHERE id = $1", slot_id)
    return True
