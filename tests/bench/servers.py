"""The processes of a benchmark run: engines, our servers, the peer, the bare handler."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import asyncpg

from app.kit.engines import Postgres, Valkey
from app.kit.migrate import migrate
from config import settings
from config.database import credentials

WORKERS = 2

# Limits count as ever; they are only so wide that one machine asking for everybody stays below them.
_WIDE = {f"{name}_per_minute": "100000000" for name in ("booking", "reading", "writing", "login", "desk")}
_KEYS = {
    "env": "local",
    "secret_key": "a secret key for benchmarks, 40 characters",
    "pii_key": "a personal data key for benchmarks, 40 c.",
    "log_level": "WARNING",
}


class NotServing(Exception):
    """A process ended or did not listen in time; the message shows the end of its log."""


class Site:
    """A folder with running engines, and every process started on it; ends them all on leaving."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home / "postgres")
        self.valkey = Valkey(home / "valkey")
        self._stack = ExitStack()

    def __enter__(self) -> "Site":
        try:
            self._stack.callback(self.postgres.stop)
            self.postgres.start()
            self._stack.callback(self.valkey.stop)
            self.valkey.start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    async def make_database(self, name: str) -> str:
        """An empty database with all our tables; answers its URL."""
        connection = await asyncpg.connect(**self.postgres.credentials)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()
        url = self.postgres.url_of(name)
        os.environ.update(self.environment(url, {}))
        settings.current.cache_clear()
        await migrate()
        return url

    def environment(self, database_url: str, more: dict[str, str]) -> dict[str, str]:
        """Our settings as environment variables."""
        named = {"database_url": database_url, "redis_url": self.valkey.url, **_KEYS, **_WIDE, **more}
        return {settings.variable(name): value for name, value in named.items()}

    def start(self, name: str, *command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start a Python module in its own process group."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(settings.PREFIX)}
        with (self.home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env={**clean, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self._stack.callback(_stop, process)
        return process

    async def serve(self, name: str, port: int, *command: str, environment: dict[str, str]) -> int:
        """Start a server and return its process number when it accepts connections."""
        process = self.start(name, *command, environment=environment)
        until = time.monotonic() + 60
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > until:
                end = (self.home / f"{name}.log").read_text(errors="replace")[-2000:]
                raise NotServing(f"{name} does not serve:\n{end}")
            await asyncio.sleep(0.1)
        # A second worker may need a moment longer than the first.
        await asyncio.sleep(2)
        return process.pid

    async def serve_ours(
        self, name: str, port: int, database_url: str, more: dict[str, str] | None = None
    ) -> int:
        """``weiban serve`` with two workers on a database."""
        return await self.serve(
            name, port, "app", "serve", "--port", str(port), "--workers", str(WORKERS),
            environment=self.environment(database_url, more or {}),
        )  # fmt: skip

    async def serve_bare(self, port: int, *page: str) -> int:
        """The bare Sanic handlers, with the file of a pressed page if they are to answer one."""
        return await self.serve(
            f"bare-{port}", port, "tests.bench.bare_sanic", str(port), *page, environment={}
        )

    async def serve_peer(self, port: int, url: str) -> int:
        """The peer on FastAPI; the URL is SQLAlchemy's."""
        return await self.serve(
            "peer", port, "uvicorn", "tests.bench.peer_fastapi:app", "--port", str(port),
            "--workers", str(WORKERS), "--no-access-log", "--log-level", "warning",
            environment={"PEER_DATABASE_URL": url},
        )  # fmt: skip


def sqlalchemy_url(database_url: str) -> str:
    """The URL of the same database as SQLAlchemy spells it."""
    known = credentials(database_url)
    host = quote(known["host"], safe="/")
    return f"postgresql+asyncpg://{known['user']}@/{known['database']}?host={host}"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def resident_mb(parent: int) -> list[float]:
    """The resident memory of each server worker below a process, in MB (10^6 bytes)."""
    found = []
    for child in _descendants(parent):
        command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"--ready-fd" in command:
            lines = Path(f"/proc/{child}/status").read_text().splitlines()
            kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
            found.append(kilobytes * 1024 / 1e6)
    return found


def _descendants(parent: int) -> list[int]:
    try:
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    except OSError:  # It has just ended.
        return []
    children = [int(word) for word in told.split()]
    return [*children, *(below for child in children for below in _descendants(child))]


def _listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and end its whole group when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
