"""A store of files in a folder of this machine, or of one that several machines share."""

import hashlib
import os
import secrets
from asyncio import to_thread
from pathlib import Path

from app.kit.files.contract import FileLost, StoreDown


class DiskStore:
    """Files under ``folder/ab/ab…``, readable by us alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> str:
        return await to_thread(self._put, content)

    async def read(self, sha256: str) -> bytes:
        return await to_thread(self._read, sha256)

    async def exists(self, sha256: str) -> bool:
        return await to_thread(self._path(sha256).exists)

    async def delete(self, sha256: str) -> None:
        await to_thread(self._delete, sha256)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        try:
            if not (path.exists() and path.stat().st_size == len(content)):
                _write(path, content)
        except OSError as full:
            raise StoreDown from full
        return sha256

    def _read(self, sha256: str) -> bytes:
        try:
            content = self._path(sha256).read_bytes()
        except OSError as lost:
            raise FileLost from lost
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileLost
        return content

    def _delete(self, sha256: str) -> None:
        try:
            self._path(sha256).unlink(missing_ok=True)
        except OSError as failed:
            raise StoreDown from failed


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, and have it on the disk before anybody names it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    # The file's own folder may be new, too.
    for named_in in (path.parent, path.parent.parent):
        folder = os.open(named_in, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
