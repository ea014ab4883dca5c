"""Reading an answer of unknown length without letting a stranger fill our memory."""

import aiohttp


class TooLarge(Exception):
    """The answer goes on beyond what anybody honest would send."""


async def read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole answer, unpacked, of at most this many bytes. Raises TooLarge as soon as it is longer."""
    # A length that is said binds the sender, unless what is counted is still packed.
    said = answer.content_length
    if said is not None and said <= most and "Content-Encoding" not in answer.headers:
        return await answer.read()
    raw = bytearray()
    async for chunk in answer.content.iter_any():
        raw += chunk
        if len(raw) > most:
            raise TooLarge
    return bytes(raw)
