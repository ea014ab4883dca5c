"""Files that are no longer what was kept: nobody is given one, and whoever runs the house is told."""

import hashlib
import logging
from typing import Final

from prometheus_client import Counter

from app.kit.files.contract import FileLost
from app.kit.metrics import REGISTRY

log = logging.getLogger("weiban.files")

LOST: Final = Counter(
    "weiban_files_lost", "Kept files found missing or changed when they were read.", ("what",),
    registry=REGISTRY,
)  # fmt: skip


def whole(sha256: str, content: bytes) -> bytes:
    """The bytes that were read, if they are those of the hash they are kept under. Raises FileLost."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise lost(sha256, "changed")
    return content


def lost(sha256: str, what: str) -> FileLost:
    """Tell of a file that is ``missing`` or ``changed``; answers the refusal to raise.

    A hash names the file in the store and nobody it concerns, so it may stand in the log.
    """
    LOST.labels(what).inc()
    log.error("a kept file is %s: %s", what, sha256)
    return FileLost()
