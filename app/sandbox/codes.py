"""One-time codes for login, phone number and web authorisation; and the names that never wear out."""

import secrets
from dataclasses import dataclass
from typing import Final, Literal

from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.world import is_name

Purpose = Literal["login", "phone", "web"]

LIFE_S: Final = 300
_REUSABLE: Final[dict[Purpose, str]] = {"login": "sandbox-", "phone": "phone-"}


@dataclass(slots=True)
class Code:
    """Who got a code, for what, towards which account; ``scope`` only for web authorisation."""

    person: str
    purpose: Purpose
    appid: str
    scope: str = ""
    until: float = 0.0
    is_used: bool = False


class Codes:
    """Codes handed out by the phone: five minutes, once."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def issue(self, person: str, purpose: Purpose, appid: str, scope: str = "") -> str:
        now = clock.seconds()
        # A used or expired code is remembered one life longer, to be told apart from an unknown one.
        self._codes = {code: kept for code, kept in self._codes.items() if kept.until + LIFE_S > now}
        code = f"0{secrets.token_urlsafe(23)}"
        self._codes[code] = Code(person, purpose, appid, scope, now + LIFE_S)
        return code

    def redeem(self, code: str, purpose: Purpose, appid: str) -> Code:
        """What a code stands for. Raises PlatformRefusal 40029 or 40163.

        ``sandbox-NAME`` and ``phone-NAME`` stand for a person and never wear out, so that a
        script can log anybody in.
        """
        prefix = _REUSABLE.get(purpose)
        if prefix and code.startswith(prefix) and is_name(name := code.removeprefix(prefix)):
            return Code(name, purpose, appid)
        found = self._codes.get(code)
        if (
            found is None
            or (found.purpose, found.appid) != (purpose, appid)
            or found.until <= clock.seconds()
        ):
            raise PlatformRefusal(40029)
        if found.is_used:
            raise PlatformRefusal(40163)
        found.is_used = True
        return found

    def is_reusable(self, code: str) -> bool:
        return code not in self._codes

    def clear(self) -> None:
        self._codes.clear()
