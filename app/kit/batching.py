"""Many small questions asked at once become one: the next statement answers all who wait.

While one batch runs, the questions that arrive gather for the next, so the size of a batch
follows the load by itself. An answer always comes from a run that began *after* the question
was asked: sharing never makes it stale.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Batcher(Generic[K, V]):
    """Call it like a function of one key; ``run`` gets the distinct keys and answers in their order.

    A lone question is asked at once. While more keep coming, ``gather_s`` seconds pass between two
    batches, which makes them fewer and larger where one of them costs more than its questions.
    """

    def __init__(
        self, run: Callable[[list[K]], Awaitable[Sequence[V]]], *, max_size: int = 500, gather_s: float = 0
    ) -> None:
        self._run = run
        self._max_size = max_size
        self._gather_s = gather_s
        self._waiting: dict[K, list[asyncio.Future[V]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        answer: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(answer)
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        return await answer

    async def _drain(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[: self._max_size]
                await self._answer(keys, [self._waiting.pop(key) for key in keys])
                if self._waiting and self._gather_s:
                    await asyncio.sleep(self._gather_s)
        finally:
            self._task = None

    async def _answer(self, keys: list[K], askers: list[list[asyncio.Future[V]]]) -> None:
        try:
            values = await self._run(keys)
        except Exception as failure:  # noqa: BLE001  # Whatever it is, every asker must hear of it.
            for futures in askers:
                for future in futures:
                    if not future.done():
                        future.set_exception(failure)
            return
        for value, futures in zip(values, askers, strict=True):
            for future in futures:
                if not future.done():
                    future.set_result(value)
