"""Statements over a whole audience: they may take longer than any request, and run in a transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from asyncpg import QueryCanceledError

from app.kit import db
from notifications.campaigns.errors import TooManyToCount

# A million people take some ten seconds, ten million on a slower machine minutes.
_TIMEOUT_S: Final = 600
# Sorting and hashing a million rows in memory takes half the time that doing so on disk takes.
_PATIENCE: Final = f"SET LOCAL statement_timeout = '{_TIMEOUT_S}s'; SET LOCAL work_mem = '128MB'"


async def execute(sql: str, *args: Any) -> int:
    """Run a statement in the caller's transaction; answers the count of rows it touched.

    Raises TooManyToCount, as ``fetch`` does.
    """
    async with _patiently() as raw:
        tag: str = await raw.execute(sql, *args, timeout=_TIMEOUT_S)
    return int(tag.rpartition(" ")[2])


async def fetch(sql: str, *args: Any) -> Sequence[Any]:
    """All rows of a statement in the caller's transaction."""
    async with _patiently() as raw:
        return cast(Sequence[Any], await raw.fetch(sql, *args, timeout=_TIMEOUT_S))


@asynccontextmanager
async def _patiently() -> AsyncIterator[Any]:
    async with db.connection().acquire_connection() as raw:
        await raw.execute(_PATIENCE)
        try:
            yield raw
        except (QueryCanceledError, TimeoutError):
            raise TooManyToCount from None
