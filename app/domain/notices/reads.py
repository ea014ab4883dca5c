"""How many people read a notice: counted beside the reading, once a person and day, and never in its way.

Readers are counted in Valkey as HyperLogLogs, which keep no list of who read what and err by 0.8 % when
there are many; each minute what they count is written down. Writing the same count again changes
nothing, so any number of workers may do it, and a cache that was emptied makes the count too low, never
too high.
"""

import asyncio
import logging
from datetime import date, timedelta
from typing import Final

from app.kit import cache, clock, crypto, db

log = logging.getLogger("weiban.notices")

_GATHER_S: Final = 0.5
_MOST_WAITING: Final = 10_000
_KEPT_S: Final = 2 * 86_400

_waiting: set[tuple[date, int, str]] = set()
_telling: asyncio.Task[None] | None = None

_WRITE = """
INSERT INTO notice_reads (notice_id, "on", readers)
SELECT n.id, $1::date, r.readers FROM unnest($2::bigint[], $3::int[]) AS r (id, readers)
JOIN notice n ON n.id = r.id WHERE r.readers > 0 ORDER BY n.id
ON CONFLICT (notice_id, "on") DO UPDATE SET readers = greatest(notice_reads.readers, excluded.readers)
"""


def note(notice_id: int, reader: str) -> None:
    """Somebody read a notice; ``reader`` names them and is kept nowhere. Costs nothing but memory."""
    global _telling
    if len(_waiting) >= _MOST_WAITING:
        return  # Better a reader uncounted than a process without memory.
    today = clock.today()
    _waiting.add((today, notice_id, crypto.lookup_hash(f"{today} {reader}", "notice reader").hex()[:32]))
    if _telling is None:
        _telling = asyncio.get_running_loop().create_task(_tell_soon())


async def flush() -> None:
    """Tell Valkey of everybody noted so far; who cannot be told now is not counted."""
    told = list(_waiting)
    _waiting.clear()
    if not told:
        return
    try:
        async with cache.client().pipeline(transaction=False) as pipeline:
            for day, notice_id, reader in told:
                pipeline.pfadd(_readers(day, notice_id), reader)
            for day, notice_id in {(day, notice_id) for day, notice_id, _ in told}:
                pipeline.expire(_readers(day, notice_id), _KEPT_S)
                pipeline.sadd(_read_on(day), notice_id)
                pipeline.expire(_read_on(day), _KEPT_S)
            await pipeline.execute()
    except cache.CACHE_ERRORS as lost:
        log.warning("%s readers of notices were not counted: %s", len(told), type(lost).__name__)


async def fold() -> None:
    """Write down what is counted of today and yesterday; may be repeated at any time."""
    for day in (clock.today() - timedelta(days=1), clock.today()):
        notice_ids = sorted(int(one) for one in await cache.client().smembers(_read_on(day)))
        if not notice_ids:
            continue
        async with cache.client().pipeline(transaction=False) as pipeline:
            for notice_id in notice_ids:
                pipeline.pfcount(_readers(day, notice_id))
            counts = await pipeline.execute()
        await db.execute(_WRITE, day, notice_ids, counts)


async def _tell_soon() -> None:
    global _telling
    await asyncio.sleep(_GATHER_S)
    _telling = None
    await flush()


def _readers(day: date, notice_id: int) -> str:
    return f"notice:readers:{day}:{notice_id}"


def _read_on(day: date) -> str:
    return f"notice:read:{day}"
