"""Tortoise's PostgreSQL engine with one promise more: no connection is lost to a BEGIN that did not succeed.

Tortoise gives a connection back when a transaction ends, but not when it never began: a caller who
hangs up while BEGIN is on its way, or a server killed at that moment, would cost the pool one
connection each time.
"""

import asyncio
from contextlib import suppress
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class _Transaction(TransactionContextPooled):
    """A transaction that either begins or leaves everything as it was."""

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        self.client._connection = await self._pool.acquire()  # noqa: SLF001  As at ``_pool``.
        # BEGIN is never broken off half way: how it ended decides what has to be undone.
        beginning = asyncio.ensure_future(self.client.begin())
        try:
            await asyncio.shield(beginning)
        except BaseException:
            await asyncio.shield(self._undo(beginning))
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    @property
    def _pool(self) -> Any:
        return self.client._parent._pool  # noqa: SLF001  Tortoise offers no other door to its pool.

    async def _undo(self, beginning: "asyncio.Future[None]") -> None:
        try:
            with suppress(Exception):  # Whatever hindered BEGIN is already on its way to the caller.
                await beginning
                await self.client.rollback()
        finally:
            await self._pool.release(self.client._connection)  # noqa: SLF001  As at ``_pool``.


class Client(AsyncpgDBClient):
    """The pool of one process."""

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
"""What Tortoise looks for in the module a configuration names as its engine."""
