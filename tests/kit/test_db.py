"""Transactions whose caller hangs up give their connection back, whatever they were doing."""

import asyncio
from contextlib import suppress

import pytest

from app.kit import db
from config import settings

pytestmark = pytest.mark.usefixtures("db")


async def in_a_transaction() -> None:
    async with db.transaction():
        await db.execute("SELECT 1")


async def test_no_connection_is_lost_to_a_caller_who_hangs_up() -> None:
    """A caller may leave at every single step of the event loop, also while BEGIN is on its way."""
    await in_a_transaction()
    for step in range(40):
        for _ in range(settings.current().database_pool_max):
            leaving = asyncio.create_task(in_a_transaction())
            for _ in range(step):
                await asyncio.sleep(0)
            leaving.cancel()
            with suppress(asyncio.CancelledError):
                await leaving
        await asyncio.wait_for(in_a_transaction(), 3)


async def test_a_caller_who_hung_up_before_begin_is_in_no_transaction() -> None:
    entering = asyncio.Event()

    async def hung_up() -> None:
        try:
            entering.set()
            await in_a_transaction()
        except asyncio.CancelledError:
            # Cleaning up after oneself must not run on a connection that was given back.
            await db.execute("SELECT 1")
            raise

    for _ in range(20):
        entering.clear()
        task = asyncio.create_task(hung_up())
        await entering.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
