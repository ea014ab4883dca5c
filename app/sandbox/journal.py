"""What survives a restart: one line of JSON for every lasting change, written before it is acknowledged."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

Entry = dict[str, Any]

_REWRITE_AT: Final = 64 * 1024 * 1024


class Keeper(Protocol):
    """A part of the sandbox whose state is the sum of its entries."""

    entries: frozenset[str]

    def apply(self, entry: Entry) -> None:
        """Take one entry in, new or read back."""

    def snapshot(self) -> Iterable[Entry]:
        """The shortest entries that lead to the present state."""


class Journal:
    """An append-only file, or nothing at all if ``path`` is None.

    Each line goes straight to the operating system, so a killed process loses nothing it has
    answered for. When the file grows large it is replaced by the snapshots of its keepers.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None
        self._size = 0
        self._keepers: list[Keeper] = []
        self._keeper_of: dict[str, Keeper] = {}

    def join(self, keeper: Keeper) -> None:
        self._keepers.append(keeper)
        self._keeper_of.update(dict.fromkeys(keeper.entries, keeper))

    def open(self) -> None:
        """Read back what a former run wrote, and begin a shorter file with it."""
        for entry in self._replay():
            # A newer sandbox may have left entries that this one does not know.
            if keeper := self._keeper_of.get(entry["entry"]):
                keeper.apply(entry)
        self._rewrite()

    def note(self, entry: Entry) -> None:
        """Write an entry down, then let its keeper take it in."""
        if self._file is not None:
            self._size += os.write(self._file, orjson.dumps(entry) + b"\n")
        self._keeper_of[entry["entry"]].apply(entry)
        if self._size > _REWRITE_AT:
            self._rewrite()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _replay(self) -> Iterator[Entry]:
        """Every whole line; a last line cut short by a crash was never acknowledged."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield orjson.loads(line)

    def _rewrite(self) -> None:
        """Replace the file in one step and go on from there."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            for keeper in self._keepers:
                file.writelines(orjson.dumps(entry) + b"\n" for entry in keeper.snapshot())
            file.flush()
            os.fsync(file.fileno())
        self.close()
        fresh.replace(self._path)
        self._size = 0
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
