"""Public answers that may be kept a while: shared by all readers here, and asked for again by their ETag."""

import logging
from collections.abc import Awaitable, Callable, Iterable

import marshmallow as ma
import orjson
from sanic import HTTPResponse

from app.kit import cache
from app.kit.web import Call, reply_with_etag
from app.kit.web.etag import tag_of

log = logging.getLogger("weiban.api")


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

    return await cache.get_or_load(_key(key), fresh_s, render)


async def forget(keys: Iterable[str]) -> None:
    """What was answered to these questions is old. Without the cache it runs out by itself."""
    try:
        await cache.client().delete(*map(_key, keys))
    except cache.CACHE_ERRORS as lost:
        log.warning("kept answers run out by themselves: %s", type(lost).__name__)


def _key(key: str) -> str:
    return f"page:{key}"
