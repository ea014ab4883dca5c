"""Programs of ours that end themselves by SIGKILL at a named point of their work.

Each is the real command in a process of its own, forked from one that has imported everything already;
only the function at that point is wrapped before it begins. ``hurry`` makes every wait of the message
queue, and the sandbox's memory of a client_msg_id, so many times shorter: as all of them shrink alike,
their proportions stay as in service.
"""

import functools
import importlib
import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any, Final

from app.kit.engines import launch
from app.kit.engines.process import tail
from config import settings

Call = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Point:
    """Where to die: at a function, ``module:name``, before it runs or when it has answered something.

    ``saying`` narrows it to calls whose first argument contains this text.
    """

    program: str
    place: str
    is_before: bool = False
    saying: str | None = None


POINTS: Final[Mapping[str, Point]] = {
    "in the relay, with its messages written and not committed": Point(
        "worker", "app.kit.outbox:Relay._handle"
    ),
    "before a claim": Point("worker", "notifications.queue:claim", is_before=True),
    "after a claim": Point("worker", "notifications.queue:claim"),
    "with the start of sending written and not committed": Point(
        "worker", "notifications.queue:begin_sending"
    ),
    "before the call": Point("worker", "notifications.dispatch:Dispatch.send", is_before=True),
    "after the call, with the answer in hand": Point("worker", "notifications.dispatch:Dispatch.send"),
    "before the finish is committed": Point("worker", "notifications.queue:settle"),
    "in the sweep": Point("worker", "notifications.queue:lost"),
    "between two batches of receipts": Point("worker", "notifications.receipts:apply"),
    "with receipts applied and not marked": Point(
        "worker", "app.kit.db:execute", is_before=True, saying="UPDATE notification_receipt"
    ),
    "with a receipt appended and WeChat not answered": Point("serve", "notifications.receipts:take"),
}

CAMPAIGN_POINTS: Final[Mapping[str, Point]] = {
    **{name: point for name, point in POINTS.items() if point.program == "worker"},
    "with a part of a campaign queued and not committed": Point(
        "worker", "notifications.campaigns.telling:tell_next"
    ),
    "with the counters folded": Point("worker", "notifications.campaigns.tally:fold"),
}

# Everything that is waited for, by the module it is written in.
_WAITS: Final[Mapping[str, tuple[str, ...]]] = {
    "notifications.queue": ("LEASE", "RESEND_WITHIN"),
    "notifications.delivery": ("_LONGEST_WAIT_S",),
    "notifications.outcomes": ("_FIRST_PAUSE_S", "_LONGEST_PAUSE_S"),
    "notifications.recovery": ("_NO_RECEIPT_AFTER",),
    "notifications.receipts": ("_OWN_NOTE_BY", "_GIVE_UP_AFTER"),
    "notifications.campaigns.rules": ("CANARY_WAIT", "UNKNOWN_WAIT"),
    "app.worker": ("_SWEEP_S",),
    "app.sandbox.world": ("_DEDUPE_S",),
}
# Few at a time, so that there is always something left to die between.
_RECEIPTS_AT_ONCE: Final = 3


@dataclass(frozen=True, slots=True)
class Doom:
    """Where a program dies: at the ``after``-th time it comes to one of the points."""

    point: str
    after: int = 1


@dataclass(frozen=True, slots=True)
class Child:
    """One running program and what it says."""

    process: ForkServerProcess
    log: Path

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number if one ended it."""
        return self.process.exitcode

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.join()

    def words(self) -> str:
        """The end of what it said."""
        return tail(self.log, 30)


def start(
    log: Path, *arguments: str, told: Mapping[str, str], doom: Doom | None = None, hurry: float = 1
) -> Child:
    """Start ``weiban`` with these arguments and this environment."""
    process = _nursery().Process(target=_become, args=(log, arguments, dict(told), doom, hurry), daemon=True)
    process.start()
    return Child(process, log)


@functools.cache
def _nursery() -> ForkServerContext:
    nursery = multiprocessing.get_context("forkserver")
    nursery.set_forkserver_preload([__name__, "pytest", "app.worker", "app.main", "app.sandbox.server"])
    return nursery


def _become(
    log: Path, arguments: Sequence[str], told: Mapping[str, str], doom: Doom | None, hurry: float
) -> None:
    """In the child: be that program until the end."""
    launch.end_with_parent(os.getppid(), signal.SIGKILL)
    os.setpgid(0, 0)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.environ.clear()
    os.environ.update(told)
    settings.current.cache_clear()
    # The slots of these stories have no schedule behind them, which once an hour would close them.
    from app import worker

    worker.__dict__["_TIMED"] = tuple(task for task in worker._TIMED if task[1] != "generate_slots")
    if hurry != 1:
        _hurry(hurry)
    if doom is not None:
        importlib.import_module("notifications.receipts").__dict__["_BATCH"] = _RECEIPTS_AT_ONCE
        _undermine({**POINTS, **CAMPAIGN_POINTS}[doom.point], doom.after)
    from app.__main__ import main as weiban

    sys.exit(weiban(arguments))


def _hurry(times: float) -> None:
    """Divide every wait, also where it was imported by name."""
    for place, names in _WAITS.items():
        module = importlib.import_module(place)
        for name in names:
            whole = getattr(module, name)
            _replace(_ours(), name, whole, whole / times)
    timeout = settings.variable("wechat_timeout_s")
    os.environ[timeout] = str(float(os.environ.get(timeout, "5")) / times)
    settings.current.cache_clear()


def _undermine(point: Point, after: int) -> None:
    place, _, path = point.place.partition(":")
    owner: Any = importlib.import_module(place)
    *inner, name = path.split(".")
    for part in inner:
        owner = getattr(owner, part)
    whole = getattr(owner, name)
    fatal = _fatal(whole, point, after)
    _replace([owner] if inner else _ours(), name, whole, fatal)


def _ours() -> list[Any]:
    """Every module of ours: some have taken a name into their own."""
    roots = {"app", "notifications", "config", "miniprogram_api"}
    return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in roots]


def _replace(holders: Sequence[Any], name: str, old: object, new: object) -> None:
    for holder in holders:
        if vars(holder).get(name) is old:
            setattr(holder, name, new)


def _fatal(whole: Call, point: Point, after: int) -> Call:
    times = itertools.count(1)

    @functools.wraps(whole)
    async def call(*args: Any, **options: Any) -> Any:
        concerns = point.saying is None or point.saying in str(args[0])
        if point.is_before and concerns and next(times) >= after:
            _die()
        answer = await whole(*args, **options)
        is_something = answer is None or bool(answer)
        if not point.is_before and concerns and is_something and next(times) >= after:
            _die()
        return answer

    return call


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
