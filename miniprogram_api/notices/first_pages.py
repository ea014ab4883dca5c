"""The first page of each kind as everybody sees it: kept a minute, and let go when a notice comes or goes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from app.domain.notices.models import NoticeKind
from app.kit.outbox import Event
from miniprogram_api import caching
from miniprogram_api.notices.schemas import NoticePage

_FRESH_S: Final = 60


async def first_page(kind: NoticeKind | None, ask: Callable[[], Awaitable[object]]) -> bytes:
    """The page of a kind, or of all kinds, as JSON; ``ask`` is asked if none is kept."""
    return await caching.kept(_key(kind), _FRESH_S, NoticePage, ask)


async def let_go(events: Sequence[Event]) -> None:
    """The outbox says that notices were published or withdrawn."""
    del events
    await caching.forget(_key(kind) for kind in (None, *NoticeKind))


def _key(kind: NoticeKind | None) -> str:
    return f"notices:{kind or 'all'}"
