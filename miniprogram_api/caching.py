"""Public answers that may be kept a while: shared by all readers here, and asked for again by their ETag."""

from collections.abc import Awaitable, Callable

import marshmallow as ma
import orjson
from sanic import HTTPResponse

from app.kit import cache
from app.kit.web import Call, reply_with_etag
from app.kit.web.etag import tag_of


def reply_public(call: Call, body: bytes, *, fresh_s: int) -> HTTPResponse:
    """A body which anyone may reuse for ``fresh_s`` seconds without asking."""
    return reply_with_etag(call.request, body, tag_of(body), cache_control=f"public, max-age={fresh_s}")


def rendered(shape: type[ma.Schema], answer: object) -> bytes:
    """The answer in its shape."""
    return orjson.dumps(shape().dump(answer))


async def kept(key: str, fresh_s: int, shape: type[ma.Schema], ask: Callable[[], Awaitable[object]]) -> bytes:
    """The rendered answer to a question everyone asks, asked at most once in ``fresh_s`` seconds."""

    async def render() -> bytes:
        return rendered(shape, await ask())

    return await cache.get_or_load(f"page:{key}", fresh_s, render)
