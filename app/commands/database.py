"""One command over the database: opened for its length, and what is refused told in words."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from app.commands import CannotStart
from app.kit.errors import Fault, InvalidInput
from config import logging, settings
from config.database import tortoise_config

Answer = TypeVar("Answer")


def done(
    deed: Callable[[argparse.Namespace], Coroutine[Any, Any, Answer]], args: argparse.Namespace
) -> Answer:
    """What a deed answers. Raises CannotStart with the words of whatever refused it."""
    logging.configure("WARNING", settings.current().log_format)
    try:
        return asyncio.run(deed(args))
    except InvalidInput as wrong:
        raise CannotStart(words_of(wrong)) from None
    except Fault as refused:
        raise CannotStart(refused.message) from None
    except (OSError, UnicodeDecodeError) as unusable:
        raise CannotStart(f"读写不了文件：{unusable}") from None


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
