"""Thin doors to raw SQL on Tortoise's own connection, for the few places an ORM cannot say it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

CONNECTION = "default"


def connection() -> BaseDBAsyncClient:
    """The pool, or the transaction this task is in."""
    return get_connection(CONNECTION)


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Everything inside is one transaction; inside another one it is a savepoint."""
    async with in_transaction(CONNECTION):
        yield


async def fetch(sql: str, *args: Any) -> Sequence[Any]:
    """All rows of a statement, as asyncpg records."""
    async with connection().acquire_connection() as raw:
        return cast(Sequence[Any], await raw.fetch(sql, *args))


async def fetch_one(sql: str, *args: Any) -> Any | None:
    """The first row of a statement, or ``None``."""
    async with connection().acquire_connection() as raw:
        return await raw.fetchrow(sql, *args)


async def fetch_value(sql: str, *args: Any) -> Any:
    """The first column of the first row, or ``None``."""
    async with connection().acquire_connection() as raw:
        return await raw.fetchval(sql, *args)


async def execute(sql: str, *args: Any) -> int:
    """Run a statement; answers the count of rows it touched."""
    async with connection().acquire_connection() as raw:
        tag = await raw.execute(sql, *args)
    count = tag.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
