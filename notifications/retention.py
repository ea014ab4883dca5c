"""What becomes of messages with time: days in the queue, then the archive, then a history without content.

A whole day moves at once, as a partition, so that neither the queue nor its indexes grow with the past.
"""

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.kit import clock, db
from app.kit.partitions import Part, Partitioned

log = logging.getLogger("weiban.notifications")

QUEUE: Final = Partitioned("notification", "committed_at", "day", fill=80)
RECEIPTS: Final = Partitioned("notification_receipt", "received_at", "day", fill=80)
HISTORY: Final = Partitioned("notification_history", "committed_at", "month")
ARCHIVE: Final = Partitioned("notification_archive", "committed_at", "day")

# Every partition costs each statement a little; the worker looks every hour.
_AHEAD_DAYS: Final = 2
_AHEAD_MONTHS: Final = 2
# An operator of text messages may report for three days, WeChat within minutes.
_IN_QUEUE: Final = timedelta(days=3)
WITH_CONTENT: Final = timedelta(days=90)
_RECEIPTS_KEPT: Final = timedelta(days=8)


async def prepare() -> int:
    """Make the partitions of the days to come; answers how many. Safe to repeat."""
    made = await QUEUE.prepare(_AHEAD_DAYS)
    made += await RECEIPTS.prepare(_AHEAD_DAYS)
    return made + await HISTORY.prepare(_AHEAD_MONTHS)


async def archive() -> int:
    """Take days out of the queue on which nothing is left to do; answers how many.

    A day with open messages, such as a campaign's that runs for weeks, stays until they are settled.
    """
    moved = 0
    for part in await QUEUE.parts():
        if part.until <= clock.now() - _IN_QUEUE and not await _has_open(part):
            moved += await _move(part)
    return moved


async def reduce() -> int:
    """Replace days older than 90 by their history, which says nothing of anybody; answers how many."""
    reduced = 0
    for part in await ARCHIVE.parts():
        if part.until <= clock.now() - WITH_CONTENT:
            await _reduce(part)
            reduced += 1
    await db.execute(_REDUCE_LATE_COMERS, clock.now() - WITH_CONTENT)
    return reduced


async def drop_receipts() -> int:
    """Drop the days of receipts that have long been applied; answers how many."""
    old = [part for part in await RECEIPTS.parts() if part.until <= clock.now() - _RECEIPTS_KEPT]
    for part in old:
        async with db.transaction():
            await RECEIPTS.take_off(part)
            await db.execute(f"DROP TABLE {part.name}")
    return len(old)


async def forget(person_id: UUID) -> None:
    """Take the content out of what somebody was told who leaves; what is still open finds nobody and ends."""
    for table in (QUEUE, ARCHIVE):
        await db.execute(
            f"UPDATE {table.table} SET params = '{{}}', openid = NULL"  # noqa: S608  Names of ours.
            " WHERE person_id = $1 AND status NOT IN ('created', 'claimed', 'sending', 'held')",
            person_id,
        )


async def keep_house() -> None:
    """Everything above, in order; the task of every night."""
    await prepare()
    moved, reduced, dropped = await archive(), await reduce(), await drop_receipts()
    log.info("days archived: %s, reduced: %s, receipts dropped: %s", moved, reduced, dropped)


# Each condition is one of the partial indexes, so that looking costs nothing however full the day was.
_HAS_OPEN: Final = """
SELECT EXISTS (SELECT 1 FROM {0} WHERE status = 'created')
    OR EXISTS (SELECT 1 FROM {0} WHERE status IN ('claimed', 'sending'))
    OR EXISTS (SELECT 1 FROM {0} WHERE campaign_id IS NOT NULL AND status IN ('created', 'held'))
"""


async def _has_open(part: Part) -> bool:
    return bool(await db.fetch_value(_HAS_OPEN.format(part.name)))


async def _move(part: Part) -> bool:
    """Detach and attach in one moment: the check spares the archive from reading the day under a lock.

    Answers False, and leaves the day where it is, if somebody has queued a message of it anew meanwhile.
    """
    within = (
        f"CHECK (committed_at >= '{part.since.isoformat()}' AND committed_at < '{part.until.isoformat()}')"
    )
    await db.execute(f"ALTER TABLE {part.name} DROP CONSTRAINT IF EXISTS of_this_day")
    await db.execute(f"ALTER TABLE {part.name} ADD CONSTRAINT of_this_day {within} NOT VALID")
    await db.execute(f"ALTER TABLE {part.name} VALIDATE CONSTRAINT of_this_day")
    async with db.transaction():
        await QUEUE.take_off(part)
        if await _has_open(part):
            await QUEUE.attach(part)
            return False
        for index in await db.fetch(_OF_THE_QUEUE, part.name):
            await db.execute(f"DROP INDEX {index['name']}")
        await ARCHIVE.attach(part)
        await db.execute(f"ALTER TABLE {part.name} DROP CONSTRAINT of_this_day")
    return True


# The archive is asked by key and by person only.
_OF_THE_QUEUE: Final = """
SELECT indexrelid::regclass::text AS name FROM pg_index
WHERE indrelid = $1::text::regclass AND NOT indisprimary
  AND pg_get_indexdef(indexrelid) NOT LIKE '%(person_id, id)'
"""

_PAGE: Final = 50_000
_REMAINS: Final = (
    "id, event_id, campaign_id, message, message_version, channel, lane, status, attempt, error_code,"
    " committed_at, sent_at, settled_at"
)


# Rows whose day was archived before they came lie in the rest; there are hardly ever any.
_REDUCE_LATE_COMERS: Final = f"""
WITH late AS (
    DELETE FROM {QUEUE.rest}
    WHERE committed_at < $1 AND status NOT IN ('created', 'claimed', 'sending', 'held') RETURNING {_REMAINS}
) INSERT INTO notification_history ({_REMAINS}) SELECT * FROM late
"""  # noqa: S608  Names of ours.


async def _reduce(part: Part) -> None:
    """Copy what remains page by page, so that no statement takes long, then drop the day."""
    await HISTORY.make(part.since.date())
    after = 0
    while (
        last := await db.fetch_value(
            f"WITH page AS (SELECT {_REMAINS} FROM {part.name} WHERE id > $1 ORDER BY id LIMIT {_PAGE}),"  # noqa: S608  Names of ours.
            f" kept AS (INSERT INTO notification_history ({_REMAINS}) SELECT * FROM page"
            " ON CONFLICT DO NOTHING) SELECT max(id) FROM page",
            after,
        )
    ) is not None:
        after = last
    async with db.transaction():
        await ARCHIVE.take_off(part)
        await db.execute(f"DROP TABLE {part.name}")
