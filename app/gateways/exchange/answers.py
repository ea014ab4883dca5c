"""Answers kept for a while, with their age: everybody who asks the same meanwhile shares one (E15, F05).

They lie sealed in the cache under a keyed hash of the question, so nobody who reads the cache learns of whom
it speaks. The cache may vanish: then everything is asked again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import orjson

from app.gateways.exchange.contract import Answered, ExchangeDown
from app.kit import cache, clock, crypto

log = logging.getLogger(__name__)

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Served(Generic[V]):
    """An answer, and whether the other system was asked for it just now by this very question."""

    answered: Answered[V]
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Keeping(Generic[V]):
    """How long one kind of answer may be used again, and how it is written and read.

    ``fresh_s`` seconds it stands for a new one; until ``stale_s`` it is better than nothing. ``write`` makes
    something JSON can hold, ``read`` takes that back. ``is_worth`` chooses the answers that are kept.
    """

    name: str
    fresh_s: int
    write: Callable[[V], Any]
    read: Callable[[Any], V]
    stale_s: int = 0
    is_worth: Callable[[V], bool] = lambda _: True


class Answers(Generic[V]):
    """The answers of one kind."""

    def __init__(self, keeping: Keeping[V]) -> None:
        self._keeping = keeping
        self._finding: dict[str, asyncio.Task[Served[V]]] = {}

    async def get(self, question: str, ask: Callable[[], Awaitable[V]]) -> Served[V]:
        """A fresh answer, kept or new; if there is no new one, an older one. Raises what ``ask`` raises.

        Found once for everybody who asks at the same moment, by a task of its own: whoever goes away takes
        the answer from nobody else.
        """
        key = f"exchange:{self._keeping.name}:{crypto.lookup_hash(question, 'exchange answer').hex()}"
        running = self._finding.get(key)
        if running is not None:
            return Served((await asyncio.shield(running)).answered, is_kept=True)
        running = asyncio.create_task(self._find(key, ask))
        self._finding[key] = running
        running.add_done_callback(lambda done: self._let_go(key, done))
        return await asyncio.shield(running)

    def _let_go(self, key: str, done: "asyncio.Task[Served[V]]") -> None:
        del self._finding[key]
        if not done.cancelled():
            done.exception()  # Those who wait raise it; nobody waiting any more is no fault.

    async def _find(self, key: str, ask: Callable[[], Awaitable[V]]) -> Served[V]:
        kept = await self._kept(key)
        if kept is not None and self._age(kept) < timedelta(seconds=self._keeping.fresh_s):
            return Served(kept, is_kept=True)
        try:
            return Served(await self._ask(key, ask), is_kept=False)
        except ExchangeDown:
            if kept is None or self._age(kept) >= timedelta(seconds=self._keeping.stale_s):
                raise
            return Served(Answered(kept.value, kept.as_of, is_stale=True), is_kept=True)

    async def _ask(self, key: str, ask: Callable[[], Awaitable[V]]) -> Answered[V]:
        answered = Answered(await ask(), clock.now())
        keeping = self._keeping
        seconds = max(keeping.fresh_s, keeping.stale_s)
        if seconds and keeping.is_worth(answered.value):
            kept = {"as_of": answered.as_of, "value": keeping.write(answered.value)}
            text = orjson.dumps(kept, default=str)
            await self._put(key, crypto.seal(text.decode()), seconds)
        return answered

    async def _kept(self, key: str) -> Answered[V] | None:
        if not (self._keeping.fresh_s or self._keeping.stale_s):
            return None
        try:
            sealed = await cache.client().get(key)
        except cache.CACHE_ERRORS:
            return None
        if sealed is None:
            return None
        try:
            found = orjson.loads(crypto.unseal(sealed.decode() if isinstance(sealed, bytes) else sealed))
            return Answered(self._keeping.read(found["value"]), datetime.fromisoformat(found["as_of"]))
        except (crypto.CannotUnseal, ArithmeticError, KeyError, TypeError, ValueError):
            # Sealed with a key that is gone, or written by another version of ours: as good as nothing.
            return None

    async def _put(self, key: str, sealed: str, seconds: int) -> None:
        try:
            await cache.client().set(key, sealed, ex=seconds)
        except cache.CACHE_ERRORS as lost:
            log.warning("an answer was not kept: %s", type(lost).__name__)

    @staticmethod
    def _age(kept: Answered[V]) -> timedelta:
        return clock.now() - kept.as_of
