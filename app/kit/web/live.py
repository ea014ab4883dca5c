"""Pages that tell by themselves what changed: server-sent events, woken by one question a second and place.

Every process asks for itself, once a second for each place that somebody looks at, and wakes all who look
there. Nothing is remembered: who was away reads the page as it is now.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from sanic.response import ResponseStream

from app.kit import loops
from app.kit.errors import Fault, UpstreamDown
from app.kit.loops import Bell

EVENTS: Final = "text/event-stream"

log = logging.getLogger("weiban.live")

_ASK_S: Final = 1.0
_LOOK_S: Final = 5.0  # How long the page of a session that has ended stays open.
_ANYWAY: Final = 6  # Looks after which news are read though nobody rang: what left a place rings nowhere.
_PATIENCE_S: Final = 15.0  # How long a reader may take for one piece of news.
_MOST: Final = 2_000
_MOST_EACH: Final = (
    4  # A browser has six lines to a server; a page that cannot be left is worse than a still one.
)

Ask = Callable[[int], Awaitable[object]]
Still = Callable[[], Awaitable[object]]
News = Callable[[], Awaitable[str | None]]


class TooManyListeners(UpstreamDown):
    """This process holds as many live pages open as it may, or this reader does."""

    code = "too_many_listeners"
    message = "同时打开的实时页面过多，请关闭不用的页面，或用“刷新”查看最新情况"


class _Place:
    """Who listens to one place, and the loop that asks for them all."""

    def __init__(self) -> None:
        self.bells: set[Bell] = set()
        self.stop = asyncio.Event()
        self.seen: object = None
        self.changes = 0


class Watch:
    """The places of one kind and their listeners in this process.

    Args:
        name: of the loop in logs.
        ask: what tells whether anything changed at a place: any two answers that differ.
    """

    def __init__(self, name: str, ask: Ask) -> None:
        self._name = name
        self._ask = ask
        self._places: dict[int, _Place] = {}
        self._readers: Counter[str] = Counter()
        self._asking: set[asyncio.Task[None]] = set()
        self._writing: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    @property
    def listeners(self) -> int:
        """How many pages are open on this process."""
        return self._readers.total()

    @asynccontextmanager
    async def _listening(self, place: int, reader: str) -> AsyncIterator[tuple[_Place, Bell]]:
        here = self._places.get(place)
        if here is None:
            here = self._places[place] = _Place()
            task = asyncio.create_task(self._keep_asking(place, here), name=f"{self._name} {place}")
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        bell = Bell()
        here.bells.add(bell)
        self._readers[reader] += 1
        try:
            yield here, bell
        finally:
            here.bells.discard(bell)
            self._readers -= Counter([reader])
            if not here.bells:
                here.stop.set()
                self._places.pop(place, None)

    def stream(self, place: int, reader: str, still: Still, news: News) -> ResponseStream:
        """An answer that goes on until the reader leaves or may no longer be told.

        ``still`` raises a refusal once that is so, and is asked every few seconds. ``news`` answers what to
        tell, as one ``event``, or ``None`` where there is nothing new. Raises TooManyListeners.
        """
        if not self._has_room(reader):
            raise TooManyListeners(retry_after=30)

        async def pour(answer: Any) -> None:
            if not self._has_room(reader):
                return  # Others came between the asking and the answer; the browser asks again and is told.
            async with self._listening(place, reader) as (here, bell):
                try:
                    await self._tell(answer, here, bell, still, news)
                except Fault:
                    await self._write(answer, event("over", "."))
                except TimeoutError:
                    # What was not taken in time is never sent; the browser asks again if there is one.
                    answer.request.transport.abort()
                except Exception as failure:  # noqa: BLE001  A store that is gone comes back; the page asks again.
                    log.warning("%s: %s", self._name, type(failure).__name__)

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return ResponseStream(pour, content_type=EVENTS, headers=headers)

    def _has_room(self, reader: str) -> bool:
        return not self._is_closed and self.listeners < _MOST and self._readers[reader] < _MOST_EACH

    async def close(self) -> None:
        """End every page that is open: a server that stops waits for nobody's looking."""
        self._is_closed = True
        for stuck in self._writing:
            stuck.cancel()
        for here in self._places.values():
            here.stop.set()
            for bell in here.bells:
                bell.ring()
        if self._asking:
            await asyncio.wait(set(self._asking), timeout=_ASK_S)

    async def _tell(self, answer: Any, here: _Place, bell: Bell, still: Still, news: News) -> None:
        told, looks = here.changes - 1, 0
        while not self._is_closed:
            await still()
            text = None
            if here.changes != told or looks % _ANYWAY == 0:
                told = here.changes
                text = await news()
            # A comment in place of news tells a reader who has gone without saying so from one who waits.
            await self._write(answer, text if text is not None else ":\n\n")
            looks += 1
            await bell.wait(_LOOK_S)

    async def _write(self, answer: Any, text: str) -> None:
        """Send a reader something. Raises TimeoutError for one who does not take it."""
        writing = asyncio.ensure_future(answer.write(text))
        self._writing.add(writing)
        try:
            await asyncio.wait_for(writing, _PATIENCE_S)
        finally:
            self._writing.discard(writing)

    async def _keep_asking(self, place: int, here: _Place) -> None:
        async def ask() -> None:
            seen = await self._ask(place)
            if seen != here.seen:
                here.seen = seen
                here.changes += 1
                for bell in here.bells:
                    bell.ring()

        await loops.every(self._name, _ASK_S, ask, stop=here.stop)


def event(name: str, text: str) -> str:
    """One event as it goes over the wire."""
    lines = "".join(f"data: {line}\n" for line in text.split("\n"))
    return f"event: {name}\n{lines}\n"
