"""Bringing the database to this version: one straight line, safe when many start at once."""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
from tortoise import Tortoise
from tortoise.context import TortoiseContext
from tortoise.migrations import operations as ops
from tortoise.migrations.api.migrate import migrate as run_migrations
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.migration import Migration
from tortoise.migrations.schema_generator.state import State

from app import migrations
from app.kit import db
from config import settings
from config.database import APP, credentials, tortoise_config

log = logging.getLogger(__name__)

_LOCK = 7_236_401
"""The advisory lock all migrating processes share; any number, the same everywhere."""


# Forward none of these looks at a model as it was before it, backward none at a model as it was after.
_NEED_NO_COPY: Final = (ops.CreateModel, ops.AddField, ops.AddIndex, ops.AddConstraint, ops.RunSQL)

_Run = Callable[..., Coroutine[Any, Any, State]]


async def migrate(target: str | None = None) -> None:
    """Apply what is missing, or go to one migration (``0002_guards``), forward or back.

    Several processes may call it together: one works, the others wait and find nothing to do.
    """
    async with _alone():
        try:
            with _without_needless_copies():
                await run_migrations(
                    config=_config(), target=f"{APP}.{target}" if target else None, progress=_tell
                )
        finally:
            await Tortoise.close_connections()


@contextmanager
def _without_needless_copies() -> Iterator[None]:
    """Spare Tortoise most of the copies of all models it makes around every single operation.

    The copies take longer than all of the statements: a first start would wait for them.
    """
    whole = {"apply": Migration.apply, "unapply": Migration.unapply}
    try:
        for (name, run), copies in zip(whole.items(), (1, 2), strict=True):
            setattr(Migration, name, _sparing(run, copies))
        yield
    finally:
        for name, run in whole.items():
            setattr(Migration, name, run)


def _sparing(run: _Run, copies: int) -> _Run:
    """``run``, which asks for so many copies for each operation, one operation after the other."""

    async def run_it(migration: Migration, state: State, **options: Any) -> State:
        clone = State.clone
        asking = (operation for operation in migration.operations for _ in range(copies))

        def copy_if_needed(given: State) -> State:
            return given if isinstance(next(asking), _NEED_NO_COPY) else clone(given)

        setattr(State, "clone", copy_if_needed)  # noqa: B010  mypy knows no other way.
        try:
            return await run(migration, state, **options)
        finally:
            setattr(State, "clone", clone)  # noqa: B010  As above.

    return run_it


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
