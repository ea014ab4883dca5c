"""Who used a mini-program lately, and the session keys they got at login."""

import base64
import secrets
from typing import Final

from app.kit import clock

_LATELY_S: Final = 7200


class Visits:
    """By appid and openid, in memory: after a restart everybody has to log in anew."""

    def __init__(self) -> None:
        self._session_keys: dict[tuple[str, str], str] = {}
        self._at: dict[tuple[str, str], float] = {}

    def login(self, appid: str, openid: str) -> str:
        """A fresh session key."""
        self.use(appid, openid)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._session_keys[appid, openid] = key
        return key

    def use(self, appid: str, openid: str) -> None:
        self._at[appid, openid] = clock.seconds()

    def session_key(self, appid: str, openid: str) -> str | None:
        return self._session_keys.get((appid, openid))

    def was_here_lately(self, appid: str, openid: str) -> bool:
        """Within two hours."""
        return clock.seconds() - self._at.get((appid, openid), 0) < _LATELY_S

    def clear(self) -> None:
        self._session_keys.clear()
        self._at.clear()
