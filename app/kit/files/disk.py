"""A store of files in a folder of this machine, or of one that several machines share."""

import hashlib
import os
import secrets
from asyncio import to_thread
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from app.kit.files import damage
from app.kit.files.contract import FileLost, StoreDown

_DRAFTS: Final = ".drafts"


class DiskStore:
    """Files under ``folder/room/ab/ab…``, readable by us alone; what is being written, in ``folder/.drafts``.

    Drafts of all rooms have one folder, so that those a crash left behind are found without a walk through
    the files.
    """

    def __init__(self, folder: Path, room: str) -> None:
        self._room = folder / room
        self._drafts = folder / _DRAFTS

    async def put(self, content: bytes) -> str:
        return await to_thread(self._put, content)

    async def read(self, sha256: str) -> bytes:
        return await to_thread(self._read, sha256)

    async def exists(self, sha256: str) -> bool:
        return await to_thread(self._exists, sha256)

    async def delete(self, sha256: str) -> None:
        await to_thread(self._delete, sha256)

    async def sweep(self, before: datetime) -> int:
        return await to_thread(self._sweep, before.timestamp())

    def _path(self, sha256: str) -> Path:
        return self._room / sha256[:2] / sha256

    def _put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        try:
            _make(path.parent)
            if not _holds(path, content):
                self._write(path, content)
            # Also where another one has just written it: we answer for it surviving a power cut, too.
            _settle(path.parent)
        except OSError as full:
            raise StoreDown from full
        return sha256

    def _write(self, path: Path, content: bytes) -> None:
        """Write the file whole or not at all: its name appears once its bytes are on the disk."""
        _make(self._drafts)
        draft = self._drafts / secrets.token_hex(8)
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self, sha256: str) -> bytes:
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError as gone:
            raise damage.lost(sha256, "missing") from gone
        except OSError as failed:
            raise FileLost from failed
        return damage.whole(sha256, content)

    def _exists(self, sha256: str) -> bool:
        try:
            return self._path(sha256).exists()
        except OSError as failed:
            raise StoreDown from failed

    def _delete(self, sha256: str) -> None:
        path = self._path(sha256)
        try:
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _settle(path.parent)
        except OSError as failed:
            raise StoreDown from failed

    def _sweep(self, before: float) -> int:
        swept = 0
        try:
            for draft in self._drafts.glob("*"):
                # Another process may finish or sweep it at this very moment.
                with suppress(FileNotFoundError):
                    if draft.stat().st_mtime < before:
                        draft.unlink()
                        swept += 1
        except OSError as failed:
            raise StoreDown from failed
        return swept


def _holds(path: Path, content: bytes) -> bool:
    """Whether exactly these bytes lie there; what was damaged is written again."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _make(folder: Path) -> None:
    """Make a folder and all above it, each on the disk before anything is put into it."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _settle(folder.parent)


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
