"""Starting and stopping one engine's server process, and finding a place for its socket."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero.
LONGEST_SOCKET_PATH = 100

_LAUNCH = str(Path(__file__).with_name("launch.py"))


class EngineFailed(Exception):
    """An engine does not start; the message says why and what to do."""


def launched(
    program: Sequence[str], *, options: Sequence[str] = (), end_signal: str | None = "SIGKILL"
) -> list[str]:
    """The command that runs a program which gets ``end_signal`` when this process dies."""
    end = [] if end_signal is None else ["--parent", str(os.getpid()), "--end-signal", end_signal]
    return [sys.executable, "-I", "-S", _LAUNCH, *options, *end, "--", *program]


def private_folder(path: Path) -> Path:
    """Makes a folder only we can read; leaves one that is there as it is."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def socket_folder(home: Path, socket_name: str) -> Path:
    """A private folder under ``home``, or a remembered temporary one when that path is too long."""
    folder = home / "run"
    if len(os.fsencode(folder / socket_name)) <= LONGEST_SOCKET_PATH:
        return private_folder(folder)
    note = home / "run.path"
    if note.exists():
        remembered = Path(note.read_text())
        if _is_private(remembered):
            return remembered
    made = Path(tempfile.mkdtemp(prefix="weiban-"))
    note.write_text(str(made))
    return made


def _is_private(folder: Path) -> bool:
    # Someone else could have made a folder of the same name after the machine cleaned its temporary files.
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return (
        folder.is_dir()
        and not folder.is_symlink()
        and found.st_uid == os.getuid()
        and not found.st_mode & 0o077
    )


def tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log, for an error message."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def start(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Runs a server in its own process group, its output appended to a log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0
        )


def wait_until(answers: Callable[[], bool], alive: Callable[[], bool], *, within_s: float) -> bool:
    """Whether the server answered in time; gives up at once when it is dead."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if answers():
            return True
        if not alive():
            return False
        time.sleep(0.02)
    return False


def stop(server: subprocess.Popen[bytes], number: signal.Signals, *, within_s: float = 20) -> None:
    """Asks a server to end, and ends it when it does not."""
    if server.poll() is None:
        server.send_signal(number)
        try:
            server.wait(within_s)
        except subprocess.TimeoutExpired:
            server.kill()
    server.wait()
