"""One-time codes of ``wx.login`` and of the phone-number button, and the names that may be used for ever."""

import secrets
from dataclasses import dataclass
from typing import Final, Literal

from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.world import is_name

Purpose = Literal["login", "phone"]

LIFE_S: Final = 300
_REUSABLE: Final[dict[Purpose, str]] = {"login": "sandbox-", "phone": "phone-"}


@dataclass(slots=True)
class _Code:
    person: str
    purpose: Purpose
    until: float
    is_used: bool = False


class Codes:
    """Codes handed out by the phone page: five minutes, once."""

    def __init__(self) -> None:
        self._codes: dict[str, _Code] = {}

    def issue(self, person: str, purpose: Purpose) -> str:
        now = clock.now().timestamp()
        # A used or expired code is remembered one life longer, to be told apart from an unknown one.
        self._codes = {code: kept for code, kept in self._codes.items() if kept.until + LIFE_S > now}
        code = f"0{secrets.token_urlsafe(23)}"
        self._codes[code] = _Code(person, purpose, now + LIFE_S)
        return code

    def redeem(self, code: str, purpose: Purpose) -> str:
        """The name behind a code. Raises PlatformRefusal 40029 or 40163.

        ``sandbox-NAME`` and ``phone-NAME`` stand for a person and never wear out, so that a
        script can log anybody in.
        """
        prefix = _REUSABLE[purpose]
        if code.startswith(prefix) and is_name(name := code.removeprefix(prefix)):
            return name
        found = self._codes.get(code)
        if found is None or found.purpose != purpose or found.until <= clock.now().timestamp():
            raise PlatformRefusal(40029)
        if found.is_used:
            raise PlatformRefusal(40163)
        found.is_used = True
        return found.person

    def is_reusable(self, code: str) -> bool:
        return code not in self._codes

    def clear(self) -> None:
        self._codes.clear()
