"""The database for the length of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.commands import CannotStart
from app.kit.errors import InvalidInput
from config import settings
from config.database import tortoise_config


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Connect to the database of the settings; a command needs few connections and may take its time.

    Raises CannotStart if the database does not let us in.
    """
    from tortoise import Tortoise

    config = tortoise_config(settings.current().database_url, pool_max=2, statement_timeout_ms=0)
    try:
        await Tortoise.init(config=config)
        await reached()
        yield
    finally:
        await Tortoise.close_connections()


async def reached() -> None:
    """Returns if the open database lets us in. Raises CannotStart."""
    from asyncpg import PostgresError

    from app.kit import db

    try:
        await db.fetch_value("SELECT 1")
    except (OSError, PostgresError) as failure:
        name = settings.variable("database_url")
        raise CannotStart(f"连不上数据库，请检查 {name}：{failure}") from None


def words_of(wrong: InvalidInput) -> str:
    """A refused file in words: each place and what is wrong there."""
    lines = (f"{place}：{'；'.join(reasons)}" for place, reasons in wrong.fields.items())
    return "\n".join((wrong.message, *lines))
