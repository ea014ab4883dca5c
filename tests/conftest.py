"""The toolbox of all tests: the environment, and the real PostgreSQL and Valkey of a test run."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest

from app import lifecycle
from app.domain.appointments import house_rules
from app.domain.halls import schedules
from app.gateways import wechat
from app.gateways.exchange import calls
from app.kit import cache, limits
from app.kit import db as raw
from app.kit.engines import Postgres, Valkey
from app.kit.migrate import migrate
from app.kit.web.pages import prints
from app.main import create_app, openapi
from app.public_account import deliveries
from app.sandbox.options import Options
from app.sandbox.running import Running, running
from app.sandbox.templates import load_templates
from config import settings
from tests.client import Client
from tests.serving import served
from tests.thoroughness import load_profile

load_profile()
# Set before any test module is imported, so that nothing reads a developer's own environment.
for _name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
    del os.environ[_name]
os.environ.update(
    WEIBAN_ENV="local",
    WEIBAN_SECRET_KEY="a secret key for tests, forty characters",
    WEIBAN_PII_KEY="a personal data key for tests, 40 chars.",
)


# Their files take longest, for they start programs of ours; begun last, one of them would keep all waiting.
_STARTING_PROGRAMS = ("journeys", "browser", "commands", "supervisor", "engines")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files in the order in which the cores take them, one file after the other."""
    home = config.rootpath / "tests"
    items.sort(key=lambda item: item.path.relative_to(home).parts[0] not in _STARTING_PROGRAMS)


@dataclass(frozen=True)
class Engines:
    """The servers of this test run; the environment already points to them."""

    postgres: Postgres
    valkey: Valkey


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """One PostgreSQL and one Valkey for the whole run; its data need not survive a power cut."""
    home = tmp_path_factory.mktemp("engines")
    volatile = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    started = Engines(Postgres(home / "postgres", volatile), Valkey(home / "valkey"))
    started.postgres.start()
    try:
        started.valkey.start()
        os.environ.update(WEIBAN_DATABASE_URL=started.postgres.url, WEIBAN_REDIS_URL=started.valkey.url)
        settings.current.cache_clear()
        yield started
    finally:
        started.valkey.stop()
        started.postgres.stop()


@pytest.fixture(scope="session")
def migrated(engines: Engines) -> Engines:
    """The engines with every migration applied, once a run."""
    asyncio.run(migrate())
    return engines


@pytest.fixture
async def db(migrated: Engines) -> AsyncIterator[None]:
    """An empty database and an empty cache, opened for this test; commits are real."""
    await lifecycle.open_stores()
    try:
        yield
    finally:
        await _empty()
        await lifecycle.close_stores()


# Truncating a table takes a thousand times as long as seeing that it is empty.
_TRUNCATE_WHAT_IS_FULL = """
DO $$
DECLARE
    name text; is_full boolean; full_ones text[] := '{}';
BEGIN
    FOR name IN SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname <> 'tortoise_migrations' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', name) INTO is_full;
        IF is_full THEN full_ones := full_ones || name; END IF;
    END LOOP;
    IF full_ones <> '{}' THEN
        EXECUTE 'TRUNCATE ' || array_to_string(full_ones, ', ') || ' RESTART IDENTITY CASCADE';
    END IF;
END $$
"""


async def _empty() -> None:
    # A call that is being written down would be there again afterwards.
    await calls.flush()
    # History refuses to be emptied; only a superuser who silences its triggers may.
    async with raw.transaction():
        await raw.execute("SET LOCAL session_replication_role = replica")
        await raw.execute(_TRUNCATE_WHAT_IS_FULL)
    deliveries.forget()
    calls.forget()
    limits.forget()
    await cache.client().flushall()
    house_rules.forget()
    prints.forget()
    schedules.forget_calendar()


@pytest.fixture
async def wechat_sandbox(db: None) -> AsyncIterator[Running]:
    """A strict pretend WeChat on a free port; our gateways talk to it."""
    async with AsyncExitStack() as stack:
        # CPython 3.11 loses count of its depth when a collection falls into the parsing of Sanic's router.
        gc.disable()
        try:
            serving = running(Options.from_settings(settings.current()), load_templates())
            sandbox = await stack.enter_async_context(serving)
        finally:
            gc.enable()
        await _point_gateways_at(sandbox.url)
        yield sandbox


async def _point_gateways_at(url: str) -> None:
    """Open WeChat's gateway anew against the sandbox of this test."""
    await wechat.current().close()
    party = wechat.WeChat(settings.current().model_copy(update={"wechat_api_base": url}), cache.client())
    await party.open()
    wechat.use(party)


@pytest.fixture(scope="session")
async def address(migrated: Engines) -> AsyncIterator[str]:
    """Where the whole application listens for this run; the stores behind it are opened by each test."""
    app = create_app(name="weiban-test")
    app.ctx.openapi = openapi()
    async with served(app) as url:
        yield url


@pytest.fixture
async def client(address: str, wechat_sandbox: Running) -> AsyncIterator[Client]:
    """A caller of the whole application over real HTTP."""
    async with aiohttp.ClientSession(address) as session:
        yield Client(session)
