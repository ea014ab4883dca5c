"""Tickets for signing web pages (``jsapi``) and cards (``wx_card``)."""

import secrets
from typing import Final

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

LIFE_S: Final = 7200
_OVERLAP_S: Final = 300
_TYPES: Final = ("jsapi", "wx_card")


class Tickets:
    """The current ticket of each account and type; a new one in the last five minutes of the old."""

    def __init__(self) -> None:
        self._current: dict[tuple[str, str], tuple[str, float]] = {}

    def current(self, appid: str, kind: str | None) -> tuple[str, int]:
        """The ticket and the seconds it has left. Raises PlatformRefusal 40097."""
        if kind not in _TYPES:
            raise PlatformRefusal(40097, "type")
        now = clock.seconds()
        value, until = self._current.get((appid, kind), ("", 0.0))
        if until - now <= _OVERLAP_S:
            value, until = f"{secrets.token_hex(8)}-{secrets.token_urlsafe(48)}", now + LIFE_S
            self._current[appid, kind] = value, until
        return value, int(until - now)
