"""Reading an answer of unknown length without letting a stranger fill our memory."""

import aiohttp


class TooLarge(Exception):
    """The answer goes on beyond what anybody honest would send."""


async def read(content: aiohttp.StreamReader, most: int) -> bytes:
    """The whole answer, unpacked, of at most this many bytes. Raises TooLarge as soon as it is longer."""
    raw = bytearray()
    async for chunk in content.iter_any():
        raw += chunk
        if len(raw) > most:
            raise TooLarge
    return bytes(raw)
