"""Malware scanners: none, which says so, and clamd over its own protocol."""

import asyncio
import struct
from typing import Final

from app.kit.files.contract import Scan, ScannerDown

_CHUNK: Final = 256 * 1024
_CONNECT_S: Final = 3.0
_LONGEST_S: Final = 30.0
_LONGEST_ANSWER: Final = 4096


class NoScanner:
    """Where there is none: it says so, and never that a file is clean."""

    async def scan(self, content: bytes) -> Scan:
        del content
        return Scan.NOT_SCANNED


class Clamd:
    """A clamd reached over TCP, asked by INSTREAM.

    Whatever is not a clear word of it counts as no answer, so that a file is refused rather than taken
    unseen: clamd also answers an error when a file is longer than its ``StreamMaxLength`` (set it to 25M).
    """

    def __init__(self, host: str, port: int, *, longest_s: float = _LONGEST_S) -> None:
        self._host, self._port = host, port
        self._longest_s = longest_s

    async def scan(self, content: bytes) -> Scan:
        try:
            async with asyncio.timeout(self._longest_s):
                answer = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as lost:
            raise ScannerDown(retry_after=60) from lost
        if answer == b"stream: OK":
            return Scan.CLEAN
        if answer.startswith(b"stream: ") and answer.endswith(b" FOUND"):
            return Scan.INFECTED
        raise ScannerDown(retry_after=60)

    async def _ask(self, content: bytes) -> bytes:
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LONGEST_ANSWER)
        try:
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                writer.write(struct.pack("!L", len(chunk)) + chunk)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return (await reader.readuntil(b"\0")).removesuffix(b"\0")
        finally:
            writer.close()
