"""The cache: Valkey through redis.asyncio. It may vanish at any moment and is never the only copy."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from config import settings

log = logging.getLogger(__name__)

CACHE_ERRORS = (RedisError, OSError, asyncio.TimeoutError)
"""What a lost cache looks like."""

_client: "Redis | None" = None
_loading: dict[str, asyncio.Future[bytes]] = {}


def client() -> Redis:
    """The one connection pool of this process."""
    global _client
    if _client is None:
        pool = BlockingConnectionPool.from_url(
            settings.current().redis_url,
            max_connections=20,
            timeout=1,
            socket_timeout=1,
            socket_connect_timeout=1,
        )
        _client = Redis(connection_pool=pool)
    return _client


async def close() -> None:
    """Give the connections back; the next use opens them anew."""
    global _client
    if _client is not None:
        await _client.aclose(close_connection_pool=True)
        _client = None


async def get_or_load(key: str, ttl_s: int, load: Callable[[], Awaitable[bytes]]) -> bytes:
    """The cached bytes of a key, or what ``load`` makes of it, once for all who ask at the same time."""
    running = _loading.get(key)
    if running is not None:
        return await asyncio.shield(running)
    future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    _loading[key] = future
    try:
        value = await _get(key)
        if value is None:
            value = await load()
            await _put(key, value, ttl_s)
        future.set_result(value)
        return value
    except BaseException as failure:
        future.set_exception(failure)
        future.exception()  # Those who wait raise it; nobody waiting is no fault.
        raise
    finally:
        del _loading[key]


async def _get(key: str) -> bytes | None:
    try:
        value = await client().get(key)
    except CACHE_ERRORS:
        return None
    return value.encode() if isinstance(value, str) else value


async def _put(key: str, value: bytes, ttl_s: int) -> None:
    try:
        await client().set(key, value, ex=ttl_s)
    except CACHE_ERRORS as lost:
        log.warning("the cache did not take %s: %s", key, type(lost).__name__)
