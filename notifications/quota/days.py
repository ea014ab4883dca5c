"""The day's use in the database: counted here, written down in batches, read when the cache forgot it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from app.kit import db
from notifications.quota.products import Product
from notifications.quota.rules import Lanes

Place = tuple[str, str, date, int]
"""Channel, account, day and lane."""


class Days:
    """What this process used and has not written down yet; the rows are added to by all processes."""

    def __init__(self) -> None:
        self._pending: Counter[Place] = Counter()

    def add(self, product: Product, day: date, lane: int, used: int) -> None:
        """Count so many, or below zero so many fewer."""
        self._pending[product.channel.value, product.account_id, day, lane] += used

    async def write_down(self) -> None:
        """Add to the rows what was counted; what fails is added the next time.

        Call it outside of transactions: a count that is rolled back would be lost.
        """
        told = {place: used for place, used in self._pending.items() if used}
        self._pending = Counter()
        if not told:
            return
        places = sorted(told)
        try:
            await db.execute(
                _ADD,
                [place[0] for place in places],
                [place[1] for place in places],
                [place[2] for place in places],
                [place[3] for place in places],
                [told[place] for place in places],
            )
        except BaseException:
            for place, used in told.items():
                self._pending[place] += used
            raise

    async def used(self, product: Product, day: date) -> Lanes:
        """What all processes have used, this one's latest included."""
        rows = await db.fetch(
            "SELECT lane, used FROM send_day WHERE channel = $1 AND account_id = $2 AND day = $3",
            product.channel.value, product.account_id, day,
        )  # fmt: skip
        lanes = [0, 0, 0]
        for row in rows:
            lanes[row["lane"]] = row["used"]
        for lane in range(3):
            lanes[lane] += self._pending[product.channel.value, product.account_id, day, lane]
        return _lanes(lanes)


def _lanes(numbers: Sequence[int]) -> Lanes:
    urgent, normal, bulk = (max(number, 0) for number in numbers)
    return urgent, normal, bulk


# Rows are locked in one order, or two processes that write down together could wait for each other.
_ADD: Final = """
WITH told AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::smallint[], $5::int[])
        AS d (channel, account_id, day, lane, used)
), there AS (
    SELECT s.id, d.used FROM send_day s
    JOIN told d USING (channel, account_id, day, lane) ORDER BY s.id FOR UPDATE OF s
), added AS (
    UPDATE send_day s SET used = greatest(s.used + there.used, 0) FROM there WHERE s.id = there.id
    RETURNING s.channel, s.account_id, s.day, s.lane
)
INSERT INTO send_day (channel, account_id, day, lane, used)
SELECT channel, account_id, day, lane, used FROM told
WHERE used > 0 AND (channel, account_id, day, lane) NOT IN (SELECT channel, account_id, day, lane FROM added)
ORDER BY channel, account_id, day, lane
ON CONFLICT (channel, account_id, day, lane) DO UPDATE SET used = send_day.used + EXCLUDED.used
"""
