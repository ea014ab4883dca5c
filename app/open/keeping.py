"""Pages kept for a few seconds: however many people ask at once, a process prints each of them once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sanic import HTTPResponse, Request

from app.kit.web import Call
from app.kit.web.pages import Printed
from app.open.site import site

Tell = Callable[[], Awaitable[Mapping[str, Any]]]
"""What a template is told, asked for only when a page has to be printed."""

MOST: Final = 500
"""So many pages are kept; searches may be as many as there are words."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old a page may get here, and how long whoever has it need not ask again, in seconds."""

    kept_s: int
    fresh_s: int


LIVE: Final = Freshness(kept_s=5, fresh_s=5)
"""Together with the network well below the fifteen seconds by which live figures may lag."""
MONTHLY: Final = Freshness(kept_s=60, fresh_s=300)
LISTED: Final = Freshness(kept_s=30, fresh_s=60)

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    printing: asyncio.Task[Printed]


_kept: dict[_Key, _Kept] = {}


async def page(call: Call, template: str, freshness: Freshness, tell: Tell) -> HTTPResponse:
    """A page for everybody who asks the same and reads alike; printed anew once it is too old."""
    printed = await _printed(call.request, template, freshness, tell)
    return site.sent(call.request, printed, keep=f"public, max-age={freshness.fresh_s}")


def forget() -> None:
    """Print every page anew."""
    _kept.clear()


async def _printed(request: Request, template: str, freshness: Freshness, tell: Tell) -> Printed:
    key = (request.path, request.query_string, *site.reading(request))
    found = _kept.get(key)
    if found is None or found.until <= time.monotonic():
        _make_room()
        printing = asyncio.create_task(_print(request, template, tell))
        found = _kept[key] = _Kept(time.monotonic() + freshness.kept_s, printing)
    try:
        # Whoever goes away takes no page from those who wait for the same one.
        return await asyncio.shield(found.printing)
    except Exception:
        # What failed is tried anew by whoever asks next.
        if _kept.get(key) is found:
            del _kept[key]
        raise


async def _print(request: Request, template: str, tell: Tell) -> Printed:
    return Printed(site.written(request, template, **await tell()))


def _make_room() -> None:
    """Let go of what is too old, and of the oldest if that is not enough."""
    if len(_kept) < MOST:
        return
    now = time.monotonic()
    for key in [key for key, one in _kept.items() if one.until <= now] or [next(iter(_kept))]:
        del _kept[key]
