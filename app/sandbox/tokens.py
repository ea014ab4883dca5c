"""Access tokens as the platform keeps them: two kinds that know nothing of each other."""

import secrets
from dataclasses import dataclass
from typing import Final

from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.quotas import FORCED_TOKEN, PLAIN_TOKEN, STABLE_TOKEN, Quotas

LIFE_S: Final = 7200
_OVERLAP_S: Final = 300
_FORCE_APART_S: Final = 30


@dataclass(slots=True)
class _Token:
    value: str
    appid: str
    until: float


class Tokens:
    """Issues and checks the tokens of all accounts."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._live: dict[str, _Token] = {}
        self._stable: dict[str, _Token] = {}
        self._plain: dict[str, _Token] = {}
        self._forced_at: dict[str, float] = {}

    def stable(self, appid: str, *, force: bool) -> tuple[str, int]:
        """``stable_token``: the same token until five minutes before its end; force rotates at once."""
        self._quotas.spend(STABLE_TOKEN, appid)
        now = clock.seconds()
        current = self._stable.get(appid)
        if force:
            if now - self._forced_at.get(appid, 0) < _FORCE_APART_S:
                raise PlatformRefusal(45011)
            self._quotas.spend(FORCED_TOKEN, appid)
            self._forced_at[appid] = now
            if current is not None:
                self._live.pop(current.value, None)
        elif current is not None and current.until - now > _OVERLAP_S:
            return current.value, int(current.until - now)
        self._stable[appid] = fresh = self._issue(appid, now)
        return fresh.value, LIFE_S

    def plain(self, appid: str) -> tuple[str, int]:
        """``token``: every call rotates, and the one before lives five minutes more."""
        self._quotas.spend(PLAIN_TOKEN, appid)
        now = clock.seconds()
        current = self._plain.get(appid)
        if current is not None:
            current.until = min(current.until, now + _OVERLAP_S)
        self._plain[appid] = fresh = self._issue(appid, now)
        return fresh.value, LIFE_S

    def owner(self, value: str | None) -> str:
        """The appid a token speaks for. Raises PlatformRefusal 41001, 40001 or 42001."""
        if not value:
            raise PlatformRefusal(41001)
        token = self._live.get(value)
        if token is None:
            raise PlatformRefusal(40001)
        if token.until <= clock.seconds():
            raise PlatformRefusal(42001)
        return token.appid

    def peek(self, value: str | None) -> str | None:
        """The appid a token was issued to, be it expired; None for a token nobody issued."""
        token = self._live.get(value) if value else None
        return token.appid if token else None

    def _issue(self, appid: str, now: float) -> _Token:
        # An expired token is remembered one life longer, to be told apart from an unknown one.
        self._live = {value: kept for value, kept in self._live.items() if kept.until + LIFE_S > now}
        token = _Token(f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}", appid, now + LIFE_S)
        self._live[token.value] = token
        return token
