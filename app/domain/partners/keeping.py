"""Keeping the ledger: what waits for another system's case is released, old words and rows are dropped."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from app.domain.partners import admission, advancing, arrivals, dead_letters, queries
from app.kit import clock, db
from app.kit.partitions import Part, Partitioned

BODIES: Final = Partitioned("partner_message_body", "received_at", "day")

AHEAD: Final = 3
KEPT: Final = timedelta(days=90)
"""So long what was said is kept, and the ledger of what is settled."""
_BATCH: Final = 500
_PAGE: Final = 5000

_OLD: Final = "SELECT id, received_at FROM partner_message WHERE id > $1 ORDER BY id LIMIT $2"
_FORGET: Final = """
WITH gone AS (
    DELETE FROM partner_message WHERE id > $1 AND id <= $2 AND received_at < $3
        AND state IN ('applied', 'refused') RETURNING system_id, sequence
), furthest AS (
    SELECT system_id, max(sequence) AS sequence FROM gone GROUP BY system_id
), noted AS (
    UPDATE partner_system s SET forgotten_to = greatest(forgotten_to, f.sequence)
    FROM furthest f WHERE s.id = f.system_id
)
SELECT count(*) FROM gone
"""


async def release() -> int:
    """Apply messages whose turn came by no push of their own system; answers how many were judged.

    Another one handed the case in, or they came back from the dead and nobody was left to apply them.
    """
    judged = 0
    for system_id, group in groupby(await arrivals.waiting(_BATCH), key=lambda one: one.system_id):
        found = list(group)
        judged += await advancing.revive(system_id, {one.case_number for one in found})
        await arrivals.forget(found)
    return judged


async def tend() -> None:
    """Every minute: set aside what waited too long, note what is whole, forget old nonces."""
    await arrivals.look_again()
    await dead_letters.bury()
    await queries.note_whole()
    await admission.purge()


async def prepare() -> None:
    """Make the days to come."""
    await BODIES.prepare(AHEAD)


async def keep_house() -> int:
    """Every night: drop days of words that are 90 days old, and settled rows of that age; answers how many.

    A message told again after that is known by the step of its case (``partner_chain``); one of no case is
    refused, for an old rating must not take the place of a newer one.
    """
    before = clock.now() - KEPT
    for part in await BODIES.parts():
        if part.until > before:
            break
        await _drop(part)
    return await _forget(before)


async def _drop(part: Part) -> None:
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", BODIES.table)
        if await db.fetch_value("SELECT to_regclass($1) IS NOT NULL", part.name):
            await BODIES.take_off(part)
            await db.execute(f"DROP TABLE {part.name}")


async def _forget(before: datetime) -> int:
    """Go through the ledger from its beginning, page by page, until what is young."""
    forgotten, after = 0, 0
    while page := await _page(after):
        if page[0]["received_at"] >= before:
            break
        forgotten += await db.fetch_value(_FORGET, after, page[-1]["id"], before)
        after = page[-1]["id"]
    return forgotten


async def _page(after: int) -> Sequence[Any]:
    return await db.fetch(_OLD, after, _PAGE)
