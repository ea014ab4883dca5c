"""Files that people save: handed out so that none is ever shown as a page of ours, and how large they are."""

from typing import Final
from urllib.parse import quote

from sanic import HTTPResponse

from app.kit.web.pages import PRIVATE

ANY_FILE: Final = "application/octet-stream"
PDF: Final = "application/pdf"
_KILO: Final = 1024


def saved(content: bytes, media_type: str, name: str) -> HTTPResponse:
    """An answer that a browser saves under a name and runs nothing of."""
    return HTTPResponse(
        content,
        content_type=media_type,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": PRIVATE,
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


def size_of(count: int) -> str:
    """``812 KB``, ``1.5 MB``"""
    if count < _KILO * _KILO:
        return f"{max(1, round(count / _KILO))} KB"
    return f"{count / _KILO / _KILO:.1f} MB"
