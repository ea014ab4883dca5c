"""Programs of ours that tests start as a deployment would: own processes, free ports, ended by their pids."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from app.commands.serve import weiban
from app.kit.engines import process


def environment(**values: str) -> dict[str, str]:
    """What a program of ours is told: this run's environment with these values over it."""
    return {**os.environ, "WEIBAN_LOG_LEVEL": "WARNING", **values}


def free_port(count: int = 1) -> int:
    """The first of ``count`` neighbouring ports nobody listens on."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        if all(_is_free(port + step) for step in range(count)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


@dataclass
class Program:
    """One running program of ours; it ends with this test run whatever happens."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @classmethod
    def start(cls, log: Path, *arguments: str, told: Mapping[str, str] | None = None) -> "Program":
        with log.open("ab") as output:
            # Not from a helper thread: the kernel takes the thread that starts a program for its parent.
            started = subprocess.Popen(
                weiban(*arguments),
                env=dict(told if told is not None else environment()),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        return cls(started, log)

    def stop(self) -> None:
        """End it in good order."""
        process.stop(self.process, signal.SIGTERM, within_s=40)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def children(self) -> dict[str, list[int]]:
        """The processes it started and that run now, by what they are."""
        pid = self.process.pid
        found: dict[str, list[int]] = {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            try:
                command = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            except OSError:
                continue
            # A process that has ended and was not yet noticed has no command line.
            if program := Path(command[0].partition(" ")[0]).name:
                kind = next((word for word in ("serve", "worker", "sandbox") if word in command), program)
                found.setdefault(kind, []).append(int(child))
        return found

    async def until_ready(self, port: int, *, within_s: float = 60) -> None:
        """Return when database and cache answer; not every test has a WeChat."""

        async def is_ready() -> bool:
            assert self.process.poll() is None, self.words()
            return await asyncio.to_thread(status_of, port, "/readyz?check=database&check=cache") == 200

        await until(is_ready, within_s=within_s, words=self.words)

    def words(self) -> str:
        """The end of what it said."""
        return process.tail(self.log, 30)


def status_of(port: int, path: str) -> int:
    """The status of one GET; 0 when nobody answers."""
    client = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        client.request("GET", path)
        return client.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        client.close()


async def until(
    holds: Callable[[], Awaitable[object]], *, within_s: float, words: Callable[[], str] = lambda: ""
) -> None:
    """Return when something has come true; fail with ``words`` when it does not in time."""
    end = time.monotonic() + within_s
    while not await holds():
        assert time.monotonic() < end, f"did not come true in {within_s} seconds\n{words()}"
        await asyncio.sleep(0.05)
