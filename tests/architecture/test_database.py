"""The database is what models and migrations say, forward, backward, and whoever migrates it."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.domain.accounts import merging
from app.kit import db as raw
from app.kit import migrate
from config.database import credentials
from tests.conftest import Engines
from tests.processes import environment

guards: Any = importlib.import_module("app.migrations.0002_guards")
# Every migration that says indexes and checks in SQL lists them under these names.
SAID = [importlib.import_module(f"app.migrations.{name}") for name in migrate.names()]
INDEXES = {name: text for said in SAID for name, text in getattr(said, "INDEXES", {}).items()}
CHECKS = [key for said in SAID for key in getattr(said, "CHECKS", {})]
APPEND_ONLY = [table for said in SAID for table in getattr(said, "APPEND_ONLY", ())]


async def test_models_and_migrations_say_the_same() -> None:
    assert await migrate.differences() == []


@pytest.mark.usefixtures("db")
async def test_every_index_stands() -> None:
    rows = await raw.fetch(
        "SELECT c.relname AS name, i.indisunique, i.indisvalid"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    )
    found = {row["name"]: (row["indisunique"], row["indisvalid"]) for row in rows}
    for name, text in INDEXES.items():
        assert found.get(name) == (text.startswith("UNIQUE"), True), name


@pytest.mark.usefixtures("db")
async def test_every_check_stands() -> None:
    rows = await raw.fetch(
        "SELECT conrelid::regclass::text AS place, conname, convalidated"
        " FROM pg_constraint WHERE contype = 'c'"
    )
    found = {(row["place"].strip('"'), row["conname"]): row["convalidated"] for row in rows}
    for key in CHECKS:
        assert found.get(key) is True, key


@pytest.mark.usefixtures("db")
async def test_history_refuses_to_be_rewritten() -> None:
    for table in APPEND_ONLY:
        for statement in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET id = id"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await raw.execute(statement.format(table))


# Their targets are closed when they end, never deleted.
TARGETS_STAY = ("business", "hall", "enterprise")


@pytest.mark.usefixtures("db")
async def test_every_foreign_key_to_what_may_go_has_an_index() -> None:
    """Without one, every delete of a target reads the whole table that points to it."""
    rows = await raw.fetch(
        """
        SELECT conname FROM pg_constraint c
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
          AND confrelid::regclass::text <> ALL ($1) AND NOT EXISTS (
              SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
        """,
        TARGETS_STAY,
    )
    assert [row["conname"] for row in rows] == []


# Ledgers and proofs never move; merges name persons by themselves.
NOT_MOVED = {"exchange_call", "consent_entry", "person_merge", "service_proof"}


@pytest.mark.usefixtures("db")
async def test_every_row_of_a_person_goes_along_in_a_merge() -> None:
    rows = await raw.fetch(
        """
        SELECT c.relname AS place FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attname IN ('person_id', 'subject_id') AND NOT a.attisdropped
        UNION SELECT conrelid::regclass::text FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'person'::regclass
        """
    )
    assert {row["place"].strip('"') for row in rows} - NOT_MOVED == merging.covered_tables()


@pytest.fixture
def scratch(engines: Engines) -> Iterator[str]:
    """An empty database of its own; answers its URL."""
    name = f"scratch_{uuid4().hex}"
    postgres = engines.postgres
    run = [postgres.bin("psql"), "-X", "-q", "-d", postgres.url, "-c"]
    subprocess.run([*run, f"CREATE DATABASE {name}"], check=True)
    try:
        yield postgres.url_of(name)
    finally:
        subprocess.run([*run, f"DROP DATABASE {name} WITH (FORCE)"], check=True)


def start_migrate(url: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "app", "migrate", *arguments],
        env=environment(WEIBAN_DATABASE_URL=url),
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> None:
    _, told = process.communicate(timeout=100)
    assert process.returncode == 0, told


def shape_of(engines: Engines, url: str) -> str:
    """Everything ``pg_dump`` knows of a schema; lines with a backslash carry a random word."""
    dumped = subprocess.run(
        [engines.postgres.bin("pg_dump"), "--schema-only", "-d", url],
        check=True,
        capture_output=True,
        text=True,
    )
    return "\n".join(line for line in dumped.stdout.splitlines() if not line.startswith("\\"))


def test_every_migration_can_be_undone_and_done_again(engines: Engines, scratch: str) -> None:
    finish(start_migrate(scratch))
    before = shape_of(engines, scratch)
    finish(start_migrate(scratch, "--to", "__first__"))
    left = [line for line in shape_of(engines, scratch).splitlines() if line.startswith("CREATE ")]
    assert all("tortoise_migrations" in line for line in left), left
    finish(start_migrate(scratch))
    assert shape_of(engines, scratch) == before


async def test_four_processes_may_migrate_an_empty_database_at_once(scratch: str) -> None:
    together = [start_migrate(scratch) for _ in range(4)]
    for process in together:
        finish(process)
    connection = await asyncpg.connect(**credentials(scratch))
    try:
        rows = await connection.fetch("SELECT name FROM tortoise_migrations ORDER BY name")
    finally:
        await connection.close()
    assert [row["name"] for row in rows] == migrate.names()


def test_migrations_are_one_straight_line() -> None:
    folder = Path(guards.__file__).parent
    numbers = [int(path.name[:4]) for path in sorted(folder.glob("[0-9]*.py"))]
    assert numbers == list(range(1, len(numbers) + 1))
