"""A pretend clamd: what it finds is heard, and whenever it does not answer clearly a file is refused."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from app.kit.files import Scan, ScannerDown
from app.kit.files.scanning import Clamd

# The test file of the anti-malware industry, in two parts so that no scanner takes this one for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Manner = Callable[[bytes], Awaitable[bytes | None]]


@asynccontextmanager
async def clamd(manner: Manner, *, longest_s: float = 5) -> AsyncIterator[Clamd]:
    """A clamd that answers as ``manner`` says to the content it was streamed; ``None`` hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!L", await reader.readexactly(4))[0]:
            content += await reader.readexactly(size)
        answer = await manner(content)
        if answer is not None:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield Clamd("127.0.0.1", port, longest_s=longest_s)


async def _as_clamd_does(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@pytest.mark.parametrize("padding", [0, 300 * 1024])
async def test_malware_is_found_and_the_rest_is_clean(padding: int) -> None:
    async with clamd(_as_clamd_does) as scanner:
        assert await scanner.scan(bytes(padding) + b"a harmless paper") is Scan.CLEAN
        assert await scanner.scan(bytes(padding) + EICAR) is Scan.INFECTED


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"", b"OK\0", b"stream: OK FOUN\0",
        b"x" * 10_000, None,
    ],
)  # fmt: skip
async def test_whatever_is_no_clear_word_refuses_the_file(answer: bytes | None) -> None:
    async def say(_: bytes) -> bytes | None:
        return answer

    async with clamd(say) as scanner:
        with pytest.raises(ScannerDown):
            await scanner.scan(b"a paper")


async def test_a_slow_scanner_is_not_waited_for() -> None:
    async def sleep(_: bytes) -> bytes:
        await asyncio.sleep(2)
        return b"stream: OK\0"

    async with clamd(sleep, longest_s=0.1) as scanner:
        with pytest.raises(ScannerDown) as refused:
            await scanner.scan(b"a paper")
    assert (refused.value.status, refused.value.retry_after) == (503, 60)


async def test_without_its_scanner_nothing_is_clean() -> None:
    with pytest.raises(ScannerDown):
        await Clamd("127.0.0.1", 1).scan(b"a paper")
