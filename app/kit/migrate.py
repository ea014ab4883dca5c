"""Bringing the database to this version: one straight line, safe when many start at once."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from tortoise import Tortoise
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate as run_migrations
from tortoise.migrations.autodetector import MigrationAutodetector

from app import migrations
from app.kit import db
from config import settings
from config.database import APP, credentials, tortoise_config

log = logging.getLogger(__name__)

_LOCK = 7_236_401
"""The advisory lock all migrating processes share; any number, the same everywhere."""


async def migrate(target: str | None = None) -> None:
    """Apply what is missing, or go to one migration (``0002_guards``), forward or back.

    Several processes may call it together: one works, the others wait and find nothing to do.
    """
    async with _alone():
        try:
            await run_migrations(
                config=_config(), target=f"{APP}.{target}" if target else None, progress=_tell
            )
        finally:
            await Tortoise.close_connections()


def _tell(event: str, _app: str, name: str) -> None:
    if event.endswith("_done"):
        log.info("migration %s: %s", name, event.removesuffix("_done"))


def _config() -> dict[str, object]:
    return tortoise_config(settings.current().database_url, statement_timeout_ms=0)


@asynccontextmanager
async def _alone() -> AsyncIterator[None]:
    connection = await asyncpg.connect(**credentials(settings.current().database_url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        yield
    finally:
        await connection.close()


def names() -> list[str]:
    """Every migration of this version, in order."""
    folder = Path(migrations.__file__).parent
    return sorted(path.stem for path in folder.glob("[0-9]*.py"))


async def is_current() -> bool:
    """Whether the database has every migration of this version; a newer database is fine."""
    rows = await db.fetch("SELECT name FROM tortoise_migrations WHERE app = $1", APP)
    return set(names()) <= {row["name"] for row in rows}


async def differences() -> list[str]:
    """What the models say and the migrations do not yet; reads no database."""
    config = tortoise_config("postgresql://nowhere/none")
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            raise RuntimeError("Tortoise found no models")
        writers = await MigrationAutodetector(context.apps, config["apps"]).changes()
    return [operation.describe() for writer in writers for operation in writer.operations]
