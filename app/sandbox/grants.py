"""What people granted to web pages: access tokens of two hours, refresh tokens of thirty days."""

import secrets
from dataclasses import dataclass
from typing import Final, Literal

from app.kit import clock
from app.sandbox.answers import PlatformRefusal

LIFE_S: Final = 7200
_REFRESH_LIFE_S: Final = 30 * 86400


@dataclass(slots=True)
class Grant:
    """One web authorisation; ``openid`` is a virtual one for a snapshot visitor."""

    appid: str
    person: str
    openid: str
    scope: str
    until: float
    is_withdrawn: bool = False


class Grants:
    """Finds a grant by its token."""

    def __init__(self) -> None:
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def give(self, appid: str, person: str, openid: str, scope: str) -> tuple[str, str]:
        """An access token and a refresh token."""
        now = clock.seconds()
        for tokens in (self._access, self._refresh):
            for token in [token for token, grant in tokens.items() if grant.until + LIFE_S < now]:
                del tokens[token]
        access, refresh = _token(), _token()
        self._access[access] = Grant(appid, person, openid, scope, now + LIFE_S)
        self._refresh[refresh] = Grant(appid, person, openid, scope, now + _REFRESH_LIFE_S)
        return access, refresh

    def renew(self, refresh: str, appid: str) -> tuple[str, Grant]:
        """A new access token. Raises PlatformRefusal 40030, 42002 or 42007."""
        grant = self._refresh.get(refresh)
        if grant is None or grant.appid != appid:
            raise PlatformRefusal(40030)
        _check(grant, 42002)
        access = _token()
        now = clock.seconds()
        self._access[access] = Grant(appid, grant.person, grant.openid, grant.scope, now + LIFE_S)
        return access, grant

    def check(self, access: str | None, openid: str | None) -> Grant:
        """The grant of a token. Raises PlatformRefusal 41001, 40001, 42001, 42007 or 40003."""
        if not access:
            raise PlatformRefusal(41001)
        grant = self._access.get(access)
        if grant is None:
            raise PlatformRefusal(40001)
        _check(grant, 42001)
        if grant.openid != openid:
            raise PlatformRefusal(40003)
        return grant

    def withdraw(self, person: str) -> None:
        """The person took everything back, or changed the password."""
        for grant in (*self._access.values(), *self._refresh.values()):
            grant.is_withdrawn = grant.is_withdrawn or grant.person == person

    def clear(self) -> None:
        self._access.clear()
        self._refresh.clear()


def _check(grant: Grant, expired: Literal[42001, 42002]) -> None:
    if grant.is_withdrawn:
        raise PlatformRefusal(42007)
    if grant.until <= clock.seconds():
        raise PlatformRefusal(expired)


def _token() -> str:
    return f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(64)}"
