"""Filling an empty database: what every hall needs, and the demonstration."""

from app.domain.appointments import schedule
from app.domain.halls import holidays, regions
from app.domain.halls.regions import Progress
from app.domain.seed import cases, demo, guides, notices, past
from app.kit import db

_LOCK = 0x5EED  # One number for all processes that seed, so that they do it one after the other.


async def run(kind: str, progress: Progress | None = None) -> None:
    """Write the seed ``demo``; what is there already stays as it is, so it may run again at any time."""
    if kind != "demo":
        raise ValueError(f"there is no seed {kind}")
    async with db.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await holidays.fill_calendar()
        if not await db.fetch_one("SELECT 1 FROM region LIMIT 1"):
            await regions.load(regions.read_regions(regions.shipped()), progress=progress)
        await demo.write()
        await guides.write()
        await notices.write()
        await cases.write()
        await past.write()
    await schedule.generate_ahead()
