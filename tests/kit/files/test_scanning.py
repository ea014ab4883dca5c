"""A pretend clamd: what it finds is heard, and whenever it does not answer clearly a file is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.kit.files import Scan, ScannerDown
from app.kit.files.scanning import Clamd
from tests.kit.files.pretend_clamd import EICAR, Manner, as_clamd_does, pretend_clamd


@asynccontextmanager
async def clamd(manner: Manner, *, longest_s: float = 5) -> AsyncIterator[Clamd]:
    async with pretend_clamd(manner) as port:
        yield Clamd("127.0.0.1", port, longest_s=longest_s)


@pytest.mark.parametrize("padding", [0, 300 * 1024])
async def test_malware_is_found_and_the_rest_is_clean(padding: int) -> None:
    async with clamd(as_clamd_does) as scanner:
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
