"""The database for the length of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.kit.errors import InvalidInput
from config import settings
from config.database import tortoise_config


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Connect to the database of the settings; a command needs few connections and may take its time."""
    from tortoise import Tortoise

    config = tortoise_config(settings.current().database_url, pool_max=2, statement_timeout_ms=0)
    try:
        await Tortoise.init(config=config)
        yield
    finally:
        await Tortoise.close_connections()


def words_of(wrong: InvalidInput) -> str:
    """A refused file in words: each place and what is wrong there."""
    lines = (f"{place}：{'；'.join(reasons)}" for place, reasons in wrong.fields.items())
    return "\n".join((wrong.message, *lines))
