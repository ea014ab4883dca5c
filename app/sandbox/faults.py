"""Faults on order: a path that answers with an error, with rubbish, late, or not at all."""

import random
from dataclasses import dataclass
from typing import Any, Final, Literal

Drop = Literal["before", "after"]
Garbage = Literal["html", "truncated", "empty", "binary"]

_KNOWN: Final = {
    "path", "errcode", "errmsg", "status", "delay_s", "drop", "garbage", "twice", "times", "rate",
}  # fmt: skip
_OF_PUSHES: Final = {"path", "delay_s", "drop", "twice", "times", "rate"}
PUSH: Final = "push:"
"""What stands before the event in the path of a push: ``push:TEMPLATESENDJOBFINISH``."""

_GARBAGE: Final[tuple[Garbage, ...]] = ("html", "truncated", "empty", "binary")


@dataclass(slots=True)
class Fault:
    """What happens to calls of one path, ``*`` at its end standing for any rest.

    An ``errcode`` or ``status`` comes instead of the effect; after ``delay_s`` the answer comes
    although the effect is there at once; a ``drop`` cuts the line before or after the effect;
    ``garbage`` spoils the answer after the effect, as a broken proxy would.
    ``times`` counts down; ``rate`` is the share of calls that meet the fault. A push to our server can
    be lost (``drop``), late, or come ``twice``.
    """

    path: str
    errcode: int | None = None
    errmsg: str = ""
    status: int | None = None
    delay_s: float = 0.0
    drop: Drop | None = None
    garbage: Garbage | None = None
    twice: bool = False
    times: int | None = None
    rate: float = 1.0

    def meets(self, path: str) -> bool:
        if path.startswith(PUSH) and not self.path.startswith(PUSH):
            return False
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return path == self.path

    def shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in sorted(_KNOWN)}


class Faults:
    """The faults in force, at most one for each path."""

    def __init__(self) -> None:
        self.items: dict[str, Fault] = {}

    def order(self, wish: dict[str, Any]) -> None:
        """Put a fault in force, or end it with ``times: 0``. Raises ValueError."""
        fault = _understood(wish)
        self.items.pop(fault.path, None)
        if fault.times != 0:
            self.items[fault.path] = fault

    def strike(self, path: str) -> Fault | None:
        """The fault this call meets, counted."""
        for fault in self.items.values():
            if fault.meets(path) and (fault.rate >= 1 or random.random() < fault.rate):  # noqa: S311  Chance, no secret.
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        del self.items[fault.path]
                return fault
        return None

    def clear(self) -> None:
        self.items.clear()


def _understood(wish: dict[str, Any]) -> Fault:
    unknown = sorted(set(wish) - _KNOWN)
    if unknown:
        raise ValueError(f"不认识的字段：{'、'.join(unknown)}")
    path = wish.get("path")
    if not isinstance(path, str) or not path.startswith(("/", "*", PUSH)):
        raise ValueError("path 要写成以 / 开头的接口路径，或 push: 加推送的事件名")
    given = {name for name in wish if wish[name] is not None}
    if path.startswith(PUSH) and given - _OF_PUSHES:
        raise ValueError("推送的故障只能是 drop、delay_s 或 twice")
    if not path.startswith(PUSH) and "twice" in given:
        raise ValueError("twice 只用于推送")
    fault = Fault(
        path,
        errcode=_number(wish, "errcode", int, -(10**6), 10**8),
        errmsg=str(wish.get("errmsg") or ""),
        status=_number(wish, "status", int, 100, 599),
        delay_s=_number(wish, "delay_s", float, 0, 600) or 0.0,
        drop=_drop(wish.get("drop")),
        garbage=_garbage(wish.get("garbage")),
        twice=wish.get("twice") is True,
        times=_number(wish, "times", int, 0, 10**9),
        rate=1.0 if wish.get("rate") is None else _number(wish, "rate", float, 0, 1) or 0.0,
    )
    is_one = fault.delay_s or fault.drop or fault.garbage or fault.twice
    if fault.errcode is None and fault.status is None and not is_one and fault.times != 0:
        raise ValueError("请写明故障：errcode、status、delay_s、drop、garbage 或 twice")
    return fault


def _drop(value: object) -> Drop | None:
    if value is None or value is False:
        return None
    if value is True or value == "before":
        return "before"
    if value == "after":
        return "after"
    raise ValueError("drop 只能是 true、before 或 after")


def _garbage(value: object) -> Garbage | None:
    if value is None or value in _GARBAGE:
        return value
    raise ValueError(f"garbage 只能是 {'、'.join(_GARBAGE)}")


def _number(wish: dict[str, Any], name: str, kind: type, least: float, most: float) -> Any:
    value = wish.get(name)
    if value is None:
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not (whole or (kind is float and isinstance(value, float))) or not least <= value <= most:
        raise ValueError(f"{name} 要是 {least:g} 到 {most:g} 之间的数")
    return kind(value)
