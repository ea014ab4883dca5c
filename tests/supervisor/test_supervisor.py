"""The supervisor restarts what dies, stops what it started, and takes it along when it is killed."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.kit.engines import process
from app.kit.supervisor import Child, ChildFailed, Supervisor


def python(program: str, *arguments: str) -> Callable[[], list[str]]:
    return lambda: process.launched([sys.executable, "-I", "-S", "-c", program, *arguments])


SLEEP = "import time; time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
# Writes its number and a line to a file at start and at the end.
NOTING = """
import os, signal, sys, time
note = open(sys.argv[1], "a", buffering=1)
def end(*_):
    note.write("end " + sys.argv[2] + chr(10)); sys.exit(0)
signal.signal(signal.SIGTERM, end)
note.write("start " + sys.argv[2] + chr(10))
time.sleep(600)
"""


async def until(holds: Callable[[], bool], within_s: float = 10) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "did not come true in time"
        await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        # A zombie has ended; it only waits for its parent to notice.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def noting(name: str, file: Path) -> Child:
    def is_started() -> bool:
        return file.exists() and f"start {name}" in file.read_text()

    return Child(name, python(NOTING, str(file), name), ready=is_started)


async def test_killed_child_is_started_again() -> None:
    async with Supervisor() as supervisor:
        await supervisor.start(Child("one", python(SLEEP)))
        await until(lambda: supervisor.pid_of("one") is not None)
        first = supervisor.pid_of("one")
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.pid_of("one") not in {None, first})
    assert not is_alive(first)


async def test_start_waits_until_ready_and_stop_goes_backwards(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    async with Supervisor() as supervisor:
        await supervisor.start(noting("engine", file))
        await supervisor.start(noting("server", file))
        assert file.read_text().split("\n")[:2] == ["start engine", "start server"]
    assert file.read_text().split("\n")[2:4] == ["end server", "end engine"]


async def test_child_that_cannot_start_is_named_with_its_last_words() -> None:
    async with Supervisor() as supervisor:
        with pytest.raises(ChildFailed, match=r"(?s)broken.*退出码 3.*no such thing"):
            await supervisor.start(
                Child(
                    "broken",
                    python("print('no such thing', flush=True); raise SystemExit(3)"),
                    ready=lambda: False,
                )
            )


async def test_child_that_never_gets_ready_is_named() -> None:
    async with Supervisor() as supervisor:
        with pytest.raises(ChildFailed, match="slow"):
            await supervisor.start(Child("slow", python(SLEEP), ready=lambda: False, ready_within_s=0.3))


async def test_child_may_need_several_tries(tmp_path: Path) -> None:
    file = tmp_path / "tries"
    program = (
        "import sys, time; f = open(sys.argv[1], 'a+'); f.write('x'); f.flush(); f.seek(0);"
        "time.sleep(600) if len(f.read()) >= 2 else sys.exit(1)"
    )
    child = Child(
        "hesitant",
        python(program, str(file)),
        ready=lambda: file.exists() and file.read_text() == "xx",
        tries=3,
    )
    async with Supervisor() as supervisor:
        await supervisor.start(child)


async def test_fault_in_preparing_is_tried_again() -> None:
    faults = [OSError("not yet"), OSError("not yet")]

    def prepare() -> None:
        if faults:
            raise faults.pop()

    async with Supervisor() as supervisor:
        await supervisor.start(
            Child("one", python(SLEEP), prepare=prepare, ready=lambda: not faults, tries=3)
        )
        await until(lambda: supervisor.pid_of("one") is not None)


async def test_child_that_ignores_the_request_to_stop_is_ended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with Supervisor() as supervisor:
        child = Child(
            "stubborn",
            python(STUBBORN),
            log=log,
            grace_s=0.2,
            ready=lambda: log.exists() and log.read_text() != "",
        )
        await supervisor.start(child)
        pid = supervisor.pid_of("stubborn")
    assert pid
    assert not is_alive(pid)


async def test_output_carries_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ""

    def is_said() -> bool:
        nonlocal shown
        shown += capsys.readouterr().err
        return "a word" in shown

    async with Supervisor() as supervisor:
        await supervisor.start(Child("talker", python("print('a word', flush=True)" + "\n" + SLEEP)))
        await until(is_said)
    assert "talker    │ a word" in shown


async def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    story = f"""
import asyncio, os, sys
from app.kit.engines import process
from app.kit.supervisor import Child, Supervisor
async def main():
    async with Supervisor() as supervisor:
        command = process.launched([sys.executable, "-I", "-S", "-c", {STUBBORN!r}])
        await supervisor.start(Child("child", lambda: command))
        while supervisor.pid_of("child") is None:
            await asyncio.sleep(0.01)
        open({str(file)!r}, "w").write(str(supervisor.pid_of("child")))
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    finished = await asyncio.create_subprocess_exec(sys.executable, "-c", story)
    assert await finished.wait() == -signal.SIGKILL
    pid = int(file.read_text())
    await until(lambda: not is_alive(pid))
