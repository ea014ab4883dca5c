"""What becomes of bookings when two persons turn out to be one human being."""

from typing import Any
from uuid import UUID

from app.domain.accounts import merging
from app.domain.accounts.errors import CannotMerge
from app.domain.accounts.merging import Moved, Rows
from app.kit import db

_SUBJECT_ROWS = {
    "strikes": Rows("booking_strike", column="subject_id"),
    "bans": Rows("booking_ban", column="subject_id"),
    "appeals": Rows("booking_appeal"),
    "holds": Rows("seat_hold"),
}

# Two bookings of one business in one half-day were two persons' right and are not one's.
_CLASH = """
SELECT EXISTS (SELECT 1 FROM appointment a JOIN appointment b USING (business_id, half_day)
WHERE a.subject_id = $1 AND b.subject_id = $2
  AND a.status IN ('booked', 'checked_in', 'serving') AND b.status IN ('booked', 'checked_in', 'serving'))
"""

# A request key that both once used stays with the kept one's booking.
_TAKE = """
UPDATE appointment a SET person_id = $1, subject_id = CASE WHEN subject_id = $2 THEN $1 ELSE subject_id END,
    request_key = CASE WHEN EXISTS (
        SELECT 1 FROM appointment k WHERE k.person_id = $1 AND k.request_key = a.request_key)
        THEN NULL ELSE request_key END
WHERE person_id = $2 RETURNING id::text AS key
"""

_GIVE_BACK = """
UPDATE appointment SET person_id = $2, subject_id = CASE WHEN subject_id = $1 THEN $2 ELSE subject_id END
WHERE person_id = $1 AND id::text = ANY ($3)
"""

# A standing is what its bookings and bans say, so it is counted anew instead of being added up.
_COUNT = """
UPDATE booking_standing s SET
    active = (SELECT count(*) FROM appointment WHERE person_id = s.subject_id
              AND status IN ('booked', 'checked_in', 'serving')),
    banned_until = (SELECT max(ends_at) FROM booking_ban
                    WHERE subject_id = s.subject_id AND lifted_at IS NULL)
WHERE subject_id = ANY ($1)
"""


class _Bookings:
    """Appointments with their strikes, bans, appeals and holds, and both standings."""

    tables = frozenset({"appointment", "booking_standing", *(rows.table for rows in _SUBJECT_ROWS.values())})

    async def move(self, kept: UUID, absorbed: UUID) -> Moved:
        await _lock_standings(kept, absorbed)
        if await db.fetch_value(_CLASH, kept, absorbed):
            raise CannotMerge("两个账号在同一半天预约了同一业务，请先取消其中一个再合并")
        taken = [row["key"] for row in await db.fetch(_TAKE, kept, absorbed)]
        moved: dict[str, Any] = {
            name: await rows.move(kept, absorbed) for name, rows in _SUBJECT_ROWS.items()
        }
        await db.execute(_COUNT, [kept, absorbed])
        # Whoever still books with what they knew of the absorbed person a moment ago is refused.
        await db.execute(
            "UPDATE booking_standing SET banned_until = 'infinity' WHERE subject_id = $1", absorbed
        )
        return {**moved, "appointments": taken}

    async def put_back(self, kept: UUID, absorbed: UUID, moved: Moved) -> None:
        await _lock_standings(kept, absorbed)
        await db.execute(_GIVE_BACK, kept, absorbed, moved["appointments"])
        for name, rows in _SUBJECT_ROWS.items():
            await rows.put_back(kept, absorbed, moved[name])
        await db.execute(_COUNT, [kept, absorbed])


async def _lock_standings(*subjects: UUID) -> None:
    """Hold off every booking of both; none is under way once this answers."""
    wanted = sorted(subjects)
    await db.execute(
        "INSERT INTO booking_standing (subject_id, active) SELECT unnest($1::uuid[]), 0 ORDER BY 1"
        " ON CONFLICT DO NOTHING",
        wanted,
    )
    await db.execute(
        "SELECT 1 FROM booking_standing WHERE subject_id = ANY ($1) ORDER BY subject_id FOR NO KEY UPDATE",
        wanted,
    )


def register() -> None:
    """Make it known to the accounts area."""
    merging.register("bookings", _Bookings())
