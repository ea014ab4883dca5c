"""What a store of files and a malware scanner have to be able to do, and how they fail."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.kit.errors import UpstreamDown


class FileLost(UpstreamDown):
    """The file is not where it was kept, or is no longer what it was."""

    code = "file_lost"
    message = "附件暂时取不到，请稍后再试"


class StoreDown(UpstreamDown):
    """The store takes nothing at the moment."""

    code = "file_store_down"
    message = "附件暂时无法保存，请稍后重新上传"


class ScannerDown(UpstreamDown):
    """Nobody can say at the moment whether a file is harmless."""

    code = "scanner_down"
    message = "附件的安全检查暂时不可用，文件没有保存；请稍后重新上传，急办的可到窗口提交"


class FileStore(Protocol):
    """Files of one room of a store, each known by the SHA-256 of its bytes (64 signs of lower-case hex)."""

    async def put(self, content: bytes) -> str:
        """Keep a file whole or not at all and answer its hash; the same bytes are kept once.

        When it returns, the file is there for every machine and survives a power cut; one that was damaged
        is whole again. Any number of processes may keep the same bytes at once. Raises StoreDown.
        """

    async def read(self, sha256: str) -> bytes:
        """The bytes under a hash, checked against it.

        Raises FileLost if they are gone or were changed, which is logged and counted, or cannot be read.
        """

    async def exists(self, sha256: str) -> bool:
        """Whether something is kept under a hash. Raises StoreDown."""

    async def delete(self, sha256: str) -> None:
        """Let a file go; one that is gone already is no fault. Raises StoreDown."""

    async def sweep(self, before: datetime) -> int:
        """Remove what was begun before a moment in any room and never finished; answers how many.

        Raises StoreDown.
        """


class Scan(StrEnum):
    """What a malware scanner says of a file."""

    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


class Scanner(Protocol):
    """A malware scanner."""

    async def scan(self, content: bytes) -> Scan:
        """What it says of these bytes. Raises ScannerDown when it cannot say anything."""
