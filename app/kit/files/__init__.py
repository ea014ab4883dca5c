"""Files people hand in: the stores that keep them, and the scanner that looks at them first."""

from app.kit.files.choice import close, scanner, store, sweep, use_scanner
from app.kit.files.contract import FileLost, FileStore, Scan, Scanner, ScannerDown, StoreDown

__all__ = [
    "FileLost",
    "FileStore",
    "Scan",
    "Scanner",
    "ScannerDown",
    "StoreDown",
    "close",
    "scanner",
    "store",
    "sweep",
    "use_scanner",
]
