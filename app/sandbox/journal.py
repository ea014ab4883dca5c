"""What survives a restart: one line of JSON for every lasting change, written before it is acknowledged."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

Entry = dict[str, Any]

_REWRITE_AT: Final = 64 * 1024 * 1024


class Journal:
    """An append-only file, or nothing at all if ``path`` is None.

    Each line goes straight to the operating system, so a killed process loses nothing it has
    answered for. When the file grows large it is replaced by ``snapshot``.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None
        self._size = 0

    def replay(self) -> Iterator[Entry]:
        """Every whole line; a last line cut short by a crash was never acknowledged."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield orjson.loads(line)

    def append(self, entry: Entry, snapshot: Callable[[], Iterable[Entry]]) -> None:
        if self._file is None:
            return
        self._size += os.write(self._file, orjson.dumps(entry) + b"\n")
        if self._size > _REWRITE_AT:
            self.rewrite(snapshot())

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Replace the file in one step and go on from there."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.writelines(orjson.dumps(entry) + b"\n" for entry in entries)
            file.flush()
            os.fsync(file.fileno())
        self.close()
        fresh.replace(self._path)
        self._size = 0
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
