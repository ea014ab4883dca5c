"""`weiban up` starts everything, survives kills, ends everything, and finds its data again."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest


@dataclass
class Up:
    """One running `weiban up`."""

    process: "subprocess.Popen[str]"
    port: int

    def children(self) -> dict[str, int]:
        """The processes it started, by what they are."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        names = {}
        for pid in pids:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            except OSError:
                continue
            kind = next((word for word in ("serve", "worker", "sandbox") if word in command), None)
            if program := Path(command[0].partition(" ")[0]).name:
                # A process that has ended and was not yet noticed has no command line.
                names[kind or program] = int(pid)
        return names

    def status(self, path: str = "/readyz") -> int:
        client = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            client.request("GET", path)
            return client.getresponse().status
        finally:
            client.close()


def two_free_ports() -> int:
    for port in range(20000 + os.getpid() % 8000, 32000, 2):
        with socket.socket() as first, socket.socket() as second:
            if first.connect_ex(("127.0.0.1", port)) and second.connect_ex(("127.0.0.1", port + 1)):
                return port
    raise AssertionError("no two free ports")


def start(data: Path) -> Up:
    port = two_free_ports()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEIBAN_")}
    command = [sys.executable, "-m", "app", "up", "--port", str(port), "--data-dir", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("ready "):
            assert line.strip() == f"ready http://127.0.0.1:{port}"
            return Up(process, port)
    process.communicate()
    raise AssertionError("weiban up ended before it was ready")


def all_ended(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}/cmdline").exists() and _is_running(pid) for pid in pids)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def up(data: Path) -> Iterator[Up]:
    running = start(data)
    yield running
    running.process.send_signal(signal.SIGTERM)
    running.process.communicate(timeout=60)


def within(seconds: float, holds: object) -> None:
    until = time.monotonic() + seconds
    while not (callable(holds) and holds()):
        assert time.monotonic() < until, "did not come true in time"
        time.sleep(0.1)


def test_every_killed_part_comes_back(up: Up, data: Path) -> None:
    before = up.children()
    assert sorted(before) == ["postgres", "sandbox", "serve", "valkey-server", "worker"]
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        now = up.children()
        return sorted(now) == sorted(before) and not set(now.values()) & set(before.values())

    within(30, is_back)
    within(30, lambda: up.status() == 200)
    assert stat.S_IMODE((data / "secrets.env").stat().st_mode) == 0o600


def test_second_start_keeps_the_keys_and_a_signal_ends_everything(data: Path) -> None:
    first = start(data)
    keys = (data / "secrets.env").read_text()
    pids = list(first.children().values())
    first.process.send_signal(signal.SIGINT)
    first.process.communicate(timeout=60)
    assert first.process.returncode == 0
    assert all_ended(pids)
    second = start(data)
    try:
        assert (data / "secrets.env").read_text() == keys
        assert second.status() == 200
    finally:
        pids = list(second.children().values())
        second.process.kill()
        second.process.communicate(timeout=60)
    within(10, lambda: all_ended(pids))


def test_second_up_on_the_same_folder_is_refused(up: Up, data: Path) -> None:
    command = [sys.executable, "-m", "app", "up", "--port", str(up.port + 2), "--data-dir", str(data)]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "正被另一个 weiban up 使用" in refused.stderr
