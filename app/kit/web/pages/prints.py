"""Prints: pages that are the same for everybody, printed once and kept for a few seconds.

However many people ask at once, a process prints each of them once. What a page for everybody may not know is
who reads it: it is printed without a caller and without a form proof.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sanic import HTTPResponse, Request

from app.kit.web.pages.files import Printed
from app.kit.web.pages.site import PUBLIC, Site

Tell = Callable[[], Awaitable[Mapping[str, Any]]]
"""What a template is told, asked for only when a page has to be printed."""

MOST: Final = 500
"""So many pages are kept; searches may be as many as there are words."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a page may get here, and how long whoever has it need not ask again, in seconds."""

    kept_s: int
    fresh_s: int = 0

    @property
    def keep(self) -> str:
        """The Cache-Control of such a page."""
        return f"public, max-age={self.fresh_s}" if self.fresh_s else PUBLIC


_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    printing: asyncio.Task[Printed]


_kept: dict[_Key, _Kept] = {}


async def page(site: Site, request: Request, template: str, freshness: Freshness, tell: Tell) -> HTTPResponse:
    """A page for everybody who asks the same and reads alike; printed anew once it is too old."""
    printed = await _printed(site, request, template, freshness, tell)
    return site.sent(request, printed, keep=freshness.keep)


def forget() -> None:
    """Print every page anew."""
    _kept.clear()


async def _printed(site: Site, request: Request, template: str, freshness: Freshness, tell: Tell) -> Printed:
    key = (request.path, request.query_string, *site.reading(request))
    found = _kept.get(key)
    if found is None or found.until <= time.monotonic():
        _make_room()
        printing = asyncio.create_task(_print(site, request, template, tell))
        found = _kept[key] = _Kept(time.monotonic() + freshness.kept_s, printing)
    try:
        # Whoever goes away takes no page from those who wait for the same one.
        return await asyncio.shield(found.printing)
    except Exception:
        # What failed is tried anew by whoever asks next.
        if _kept.get(key) is found:
            del _kept[key]
        raise


async def _print(site: Site, request: Request, template: str, tell: Tell) -> Printed:
    return Printed(site.written_for_all(request, template, **await tell()))


def _make_room() -> None:
    """Let go of what is too old, and of the oldest if that is not enough."""
    if len(_kept) < MOST:
        return
    now = time.monotonic()
    for key in [key for key, one in _kept.items() if one.until <= now] or [next(iter(_kept))]:
        del _kept[key]
