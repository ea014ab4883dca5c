"""A whole installation on engines of its own, whose parts a test may kill: stores, server, workers."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app import lifecycle
from app.kit import db
from app.kit.engines import Postgres, Valkey
from config import settings
from tests.journeys import doomed
from tests.journeys.doomed import Child, Doom
from tests.processes import environment, free_port, status_of, until

# What no message has to be asked about any more; `failed` is one too, but never in these stories.
_OPEN = "status NOT IN ('sent', 'delivered')"


@dataclass
class Stage:
    """Its programs end with the test whatever happens. ``hurry`` shortens every wait of the message queue."""

    home: Path
    postgres: Postgres
    valkey: Valkey
    http: aiohttp.ClientSession
    port: int
    hurry: float
    told: dict[str, str]
    running: list[Child] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def start(self, *arguments: str, doom: Doom | None = None) -> Child:
        """Start a worker, a server or the sandbox, which may be bound to die."""
        log = self.home / f"{arguments[0]}-{next(self._numbers)}.log"
        started = doomed.start(log, *arguments, told=self.told, doom=doom, hurry=self.hurry)
        self.running.append(started)
        return started

    def worker(self, doom: Doom | None = None) -> Child:
        return self.start("worker", doom=doom)

    async def server(self, doom: Doom | None = None) -> Child:
        """The server WeChat tells of receipts, when it can be asked."""
        started = self.start("serve", "--port", str(self.port), doom=doom)

        async def is_ready() -> bool:
            if doom is not None and started.exit_code == -signal.SIGKILL:
                return True  # WeChat came again before we could ask.
            assert started.exit_code is None, started.words()
            return await asyncio.to_thread(status_of, self.port, "/readyz?check=database") == 200

        await until(is_ready, within_s=60, words=started.words)
        return started

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """One question to the sandbox's control."""
        async with self.http.request(method, f"{self.sandbox}/_sandbox/{path}", **options) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def phones(self, names: list[str]) -> list[list[dict[str, Any]]]:
        """All notices the phones of these people show, a few phones at a time."""
        turn = asyncio.Semaphore(32)

        async def look(name: str) -> list[dict[str, Any]]:
            async with turn:
                items = (await self.ask("GET", "messages", params={"person": name}))["items"]
                return [message for message in items if "lines" in message]

        return list(await asyncio.gather(*(look(name) for name in names)))

    async def until_quiet(self, *, within_s: float) -> None:
        """Return when every event is handed on and every message has found its end."""

        async def is_quiet() -> bool:
            left: int = await db.fetch_value(
                "SELECT (SELECT count(*) FROM outbox_event) + (SELECT count(*) FROM notification"  # noqa: S608  Words of ours.
                f" WHERE {_OPEN})"
            )
            return not left

        try:
            await until(is_quiet, within_s=within_s, words=self.words)
        except AssertionError:
            rows = await db.fetch(
                "SELECT channel, status, attempt, error_text, count(*) AS n FROM notification"  # noqa: S608  The same.
                f" WHERE {_OPEN} GROUP BY 1, 2, 3, 4"
            )
            pytest.fail(f"not quiet: {[dict(row) for row in rows]}")

    async def lose_postgres(self) -> None:
        """``pg_ctl stop -m immediate``, as a power cut would be, and a start with its recovery."""
        lock = (self.postgres.data / "postmaster.pid").read_text()
        os.kill(int(lock.partition("\n")[0]), signal.SIGQUIT)
        await asyncio.to_thread(self.postgres.stop)
        self.postgres.start()

    async def lose_valkey(self) -> None:
        """Killed, and started again without anything in it."""
        if self.valkey._server is not None:
            self.valkey._server.kill()
        self.valkey.stop()
        self.valkey.start()

    def words(self) -> str:
        """The last words of everything that still ran, for a failure."""
        return "\n".join(child.words() for child in self.running[-3:])


@asynccontextmanager
async def stage(home: Path, model: Postgres, *, hurry: float = 1, **chosen: str) -> AsyncIterator[Stage]:
    """Open one with its sandbox and its server; ``chosen`` are settings by their names in small letters.

    Its empty database is a copy of ``model``'s, which is quicker than every migration once more.
    PostgreSQL is as durable as in service: what was acknowledged has to survive.
    """
    postgres, valkey, port = Postgres(home / "postgres"), Valkey(home / "valkey"), free_port(2)
    url, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    postgres.start()
    try:
        valkey.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WEIBAN_DATABASE_URL", postgres.url)
            patch.setenv("WEIBAN_REDIS_URL", valkey.url)
            settings.current.cache_clear()
            await asyncio.to_thread(_copy_schema, model, postgres)
            await lifecycle.open_stores()
            async with aiohttp.ClientSession() as http:
                told = environment(
                    WEIBAN_WECHAT_API_BASE=sandbox,
                    WEIBAN_SANDBOX_CALLBACK=url,
                    WEIBAN_QUIET_HOURS="off",
                    **{settings.variable(name): value for name, value in chosen.items()},
                )
                opened = Stage(home, postgres, valkey, http, port, hurry, told)
                try:
                    opened.start("sandbox", "--port", str(port + 1))
                    await opened.server()
                    yield opened
                finally:
                    for child in reversed(opened.running):
                        child.kill()
                    await lifecycle.close_stores()
    finally:
        settings.current.cache_clear()
        valkey.stop()
        postgres.stop()


def _copy_schema(model: Postgres, copy: Postgres) -> None:
    """An empty database with all tables, and with what migrations have written into them."""
    dump = subprocess.run(
        [Postgres.bin("pg_dump"), "--no-owner", "-d", model.url], check=True, capture_output=True
    )
    subprocess.run(
        [Postgres.bin("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", copy.url],
        input=dump.stdout, check=True, capture_output=True,
    )  # fmt: skip
