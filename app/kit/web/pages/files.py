"""Files that pages load: kept in memory, pressed once, cached by browsers for good under their digest."""

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic

from app.kit.errors import NotFound
from app.kit.web.etag import reply_with_etag, tag_of

_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_LEAST_TO_PRESS: Final = 1024
_PRESSED: Final = ("text/", "application/javascript", "application/json", "image/svg")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content_type: str
    digest: str


class Files:
    """One folder of files under one address."""

    def __init__(self, prefix: str, folder: Path) -> None:
        self.prefix = prefix
        self._folder = folder
        self._known = cache(self._look)
        self._bodies: dict[tuple[str, bool], bytes] = {}

    def address(self, name: str) -> str:
        """Where a page finds a file; the address changes with what the file holds."""
        return f"{self.prefix}/{name}?v={self._known()[name].digest}"

    def attach(self, app: Sanic[Any, Any], *, name: str) -> None:
        """Serve the folder."""
        app.add_route(self._serve, f"{self.prefix}/<name:path>", methods=["GET", "HEAD"], name=name)

    async def _serve(self, request: Request, name: str) -> HTTPResponse:
        found = self._known().get(name)
        if found is None:
            raise NotFound("没有这个文件")
        is_pressed = takes_gzip(request) and found.content_type.startswith(_PRESSED)
        body = await self._body(name, found, is_pressed=is_pressed)
        keep = _FOR_GOOD if request.args.get("v") == found.digest else "no-cache"
        answer = reply_with_etag(
            request,
            body,
            f'"{found.digest}{"-gz" if is_pressed else ""}"',
            cache_control=keep,
            content_type=found.content_type,
        )
        answer.headers["vary"] = "accept-encoding"
        answer.headers["x-content-type-options"] = "nosniff"
        if is_pressed and answer.status == 200:
            answer.headers["content-encoding"] = "gzip"
        return answer

    async def _body(self, name: str, found: _File, *, is_pressed: bool) -> bytes:
        body = self._bodies.get((name, is_pressed))
        if body is None:
            body = await asyncio.to_thread(found.path.read_bytes)
            if is_pressed:
                body = await asyncio.to_thread(gzip.compress, body, 9, mtime=0)
            self._bodies[(name, is_pressed)] = body
        return body

    def _look(self) -> dict[str, _File]:
        """Every file by its name below the folder: an address that is none of these leads nowhere."""
        found = {}
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
                digest = tag_of(path.read_bytes()).strip('"')
                found[path.relative_to(self._folder).as_posix()] = _File(path, kind, digest)
        return found


def takes_gzip(request: Request) -> bool:
    """Whether a browser can unpack what is pressed."""
    return "gzip" in request.headers.get("accept-encoding", "")


class Printed:
    """A page as it was written once, in the two forms in which it leaves; each has a validator of its own."""

    def __init__(self, text: str) -> None:
        self._plain = text.encode()

    def form(self, *, is_pressed: bool) -> bytes:
        """The bytes of one form."""
        return self._pressed if is_pressed else self._plain

    def tag(self, *, is_pressed: bool) -> str:
        """A strong validator: the forms differ byte by byte, and so do their validators (RFC 9110, 8.8.1)."""
        return f'"{self._digest}{"-gz" if is_pressed else ""}"'

    def goes_pressed(self, request: Request) -> bool:
        """Whether this browser gets it pressed."""
        return len(self._plain) >= _LEAST_TO_PRESS and takes_gzip(request)

    @cached_property
    def _pressed(self) -> bytes:
        return gzip.compress(self._plain, 5, mtime=0)

    @cached_property
    def _digest(self) -> str:
        return tag_of(self._plain).strip('"')
