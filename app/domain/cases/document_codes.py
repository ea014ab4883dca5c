"""The code of a document: how people copy it, and where a document is checked by it."""

from typing import Final
from urllib.parse import urlencode

from config import settings

SHOWN_DIGEST: Final = 16
"""So many signs of the digest are printed, and compared when somebody checks."""


def address(code: str, sha256: str) -> str:
    """Where a document is checked; with its digest, so that a paper of other words is noticed."""
    query = urlencode({"code": code, "digest": sha256[:SHOWN_DIGEST]})
    return f"{settings.current().public_url}/h5/verify?{query}"


def grouped(code: str) -> str:
    """A code as people copy it: ``ABCD-EFGH-JKLM-NPQR``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
