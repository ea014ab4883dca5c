"""Which store and which scanner the settings choose."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.kit import clock
from app.kit.files.contract import FileStore, Scanner
from app.kit.files.disk import DiskStore
from app.kit.files.scanning import Clamd, NoScanner
from config import settings

if TYPE_CHECKING:
    from app.kit.files.s3 import Access, Bucket

ABANDONED_AFTER: Final = timedelta(hours=1)
"""Nobody writes one file for so long."""

_bucket: "Bucket | None" = None
_scanner: Scanner | None = None


def store(room: str = "") -> FileStore:
    """The store of one room: what is deleted in it is deleted in no other, even of the same bytes."""
    global _bucket
    chosen = settings.current()
    if chosen.files_store == "disk":
        return DiskStore(Path(chosen.files_dir), room)
    from app.kit.files.s3 import Bucket, S3Store

    access = _access()
    if _bucket is None or _bucket.access != access:
        _bucket = Bucket(access)
    return S3Store(_bucket, room)


async def sweep() -> int:
    """Remove what a crash left half written, of all rooms; answers how many. For a timed task."""
    return await store().sweep(clock.now() - ABANDONED_AFTER)


def scanner() -> Scanner:
    """Who looks at files before they are kept."""
    if _scanner is not None:
        return _scanner
    chosen = settings.current()
    if chosen.scanner == "off":
        return NoScanner()
    host, _, port = chosen.scanner_address.rpartition(":")
    return Clamd(host.strip("[]"), int(port))


def use_scanner(other: Scanner | None) -> None:
    """Have another one look at every file; ``None`` goes back to the settings."""
    global _scanner
    _scanner = other


async def close() -> None:
    """Give the connections back; the next use opens them anew."""
    global _bucket
    if _bucket is not None:
        await _bucket.close()
        _bucket = None


def _access() -> "Access":
    from app.kit.files.s3 import Access

    chosen = settings.current()
    secret = chosen.s3_secret.get_secret_value() if chosen.s3_secret else ""
    return Access(
        chosen.s3_endpoint or "", chosen.s3_bucket or "", chosen.s3_key or "", secret, chosen.s3_region
    )
