"""Short-lived secrets of an account: fetched once for everybody, kept in the process and in Valkey.

Two kinds: the access token, which is renewed when it was refused, and the tickets of the JS-SDK.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.gateways.wechat.errors import WeChatRefused

log = logging.getLogger(__name__)

_EARLY_S: Final = 300
_SHORTEST_S: Final = 10
_LOCK_MS: Final = 15_000
_POLL_S: Final = 0.05
_FORCE_APART_S: Final = 31
_DELETE_IF_EQUAL: Final = (
    "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0"
)

Fetch = Callable[[], Awaitable[tuple[str, int]]]
"""Asks WeChat; gives the secret and its life in seconds."""


@dataclass(frozen=True, slots=True)
class _Held:
    value: str = field(repr=False)
    until: float


class Credential:
    """One such secret of one appid.

    ``force`` makes WeChat replace it at once, where WeChat can: of access tokens 20 times a day and 30
    seconds apart. Valkey is a convenience: without it each process keeps its own copy, and WeChat gives
    all of them the same.
    """

    def __init__(
        self, appid: str, kind: str, fetch: Fetch, *, force: Fetch | None = None, redis: Redis | None = None
    ) -> None:
        self._fetch = fetch
        self._force = force
        self._redis = redis
        self._key = f"weiban:wechat:{appid}:{kind}"
        self._held: _Held | None = None
        self._refused: str | None = None
        self._forced_at = float("-inf")
        self._flight: asyncio.Task[str] | None = None

    def __repr__(self) -> str:
        return f"<Credential {self._key}>"

    def held(self) -> str | None:
        """The secret if this process has one that is still good."""
        held = self._held
        return held.value if held is not None and held.until > time.monotonic() else None

    async def get(self) -> str:
        """The current secret; many callers at once share one fetch, and one failure."""
        held = self.held()
        if held is not None:
            return held
        if self._flight is None:
            self._flight = asyncio.create_task(self._renew())
            self._flight.add_done_callback(self._landed)
        # One caller that gives up must not take the fetch away from all the others.
        return await asyncio.shield(self._flight)

    async def invalidate(self, refused: str) -> None:
        """Forget a secret WeChat refused, unless it has been replaced in the meantime."""
        if self._held is None or self._held.value != refused:
            # Hundreds of calls may be refused together; one of them has already seen to it.
            return
        self._held = None
        self._refused = refused
        await self._quietly("eval", _DELETE_IF_EQUAL, 1, self._key, refused)

    def _landed(self, flight: asyncio.Task[str]) -> None:
        self._flight = None
        if not flight.cancelled():
            # Reading the failure here keeps asyncio from reporting it when every caller has left.
            flight.exception()

    async def _renew(self) -> str:
        shared = await self._shared()
        if shared is None:
            shared = await self._fetch_alone()
        self._held = shared
        return shared.value

    async def _fetch_alone(self) -> _Held:
        """Fetch while holding the lock of all processes, or take what its holder fetched."""
        owner, lock = secrets.token_hex(8), f"{self._key}:lock"
        give_up = time.monotonic() + _LOCK_MS / 1000
        while time.monotonic() < give_up:
            got = await self._quietly("set", lock, owner, nx=True, px=_LOCK_MS, otherwise=True)
            shared = await self._shared()
            try:
                if shared is not None:
                    return shared
                if got:
                    return await self._ask()
            finally:
                if got:
                    await self._quietly("eval", _DELETE_IF_EQUAL, 1, lock, owner)
            await asyncio.sleep(_POLL_S)
        return await self._ask()

    async def _ask(self) -> _Held:
        value, life_s = await self._fetch()
        if value == self._refused and self._force is not None and await self._may_force():
            log.warning("WeChat gave back what it refused; forcing a new one: %s", self._key)
            try:
                value, life_s = await self._force()
            except WeChatRefused as denied:
                # Its limit of forced ones is no limit of calls: what there is may be good again soon.
                log.warning("WeChat forces no new one (%s): %s", denied.errcode, self._key)
        left_s = max(life_s - _EARLY_S, min(life_s, _SHORTEST_S))
        await self._quietly("set", self._key, value, px=left_s * 1000)
        return _Held(value, time.monotonic() + left_s)

    async def _may_force(self) -> bool:
        if time.monotonic() - self._forced_at < _FORCE_APART_S:
            return False
        first = await self._quietly(
            "set", f"{self._key}:forced", "1", nx=True, ex=_FORCE_APART_S, otherwise=True
        )
        if first:
            self._forced_at = time.monotonic()
        return bool(first)

    async def _shared(self) -> _Held | None:
        value = await self._quietly("get", self._key)
        if value is None:
            return None
        text = value.decode() if isinstance(value, bytes) else str(value)
        left_ms = await self._quietly("pttl", self._key, otherwise=0)
        if text == self._refused or left_ms <= 0:
            return None
        return _Held(text, time.monotonic() + left_ms / 1000)

    async def _quietly(self, command: str, *args: Any, otherwise: Any = None, **options: Any) -> Any:
        """One Valkey command, or ``otherwise`` when Valkey is gone."""
        if self._redis is None:
            return otherwise
        try:
            return await getattr(self._redis, command)(*args, **options)
        except (RedisError, OSError, TimeoutError) as gone:
            log.warning("Valkey is not there (%s) for %s", type(gone).__name__, self._key)
            return otherwise
