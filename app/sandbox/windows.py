"""For how long, and how often, an account may write to a person by customer-service message.

Source: the platform's rules for customer-service messages.
"""

from collections.abc import Iterable
from typing import Final, Literal

from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.journal import Entry, Journal

Opening = Literal["message", "click", "follow", "scan", "enter"]

_HOURS_48: Final = 48 * 3600
# Seconds, and messages, that each act of a person allows.
_ALLOWED: Final[dict[tuple[str, Opening], tuple[int, int]]] = {
    ("oa", "message"): (_HOURS_48, 5),
    ("oa", "click"): (60, 3),
    ("oa", "follow"): (60, 3),
    ("oa", "scan"): (60, 3),
    ("mp", "message"): (_HOURS_48, 5),
    ("mp", "enter"): (60, 2),
}


class Windows:
    """The open windows between accounts and persons: until when, and how many messages are left."""

    entries = frozenset({"window", "windows_closed"})

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._open: dict[tuple[str, str], dict[str, tuple[float, int]]] = {}
        journal.join(self)

    def act(self, kind: str, appid: str, person: str, opening: Opening) -> None:
        """The person did something that lets the account write; it begins anew what it had begun before."""
        life_s, count = _ALLOWED[kind, opening]
        self._note(appid, person, opening, clock.seconds() + life_s, count)

    def spend(self, appid: str, person: str) -> None:
        """Count one message. Raises PlatformRefusal 45015 (no window) or 45047 (none left in it)."""
        now = clock.seconds()
        windows = self._open.get((appid, person), {})
        alive = [(until, left, opening) for opening, (until, left) in windows.items() if until > now]
        if not alive:
            raise PlatformRefusal(45015)
        usable = sorted(window for window in alive if window[1] > 0)
        if not usable:
            raise PlatformRefusal(45047)
        until, left, opening = usable[0]
        self._note(appid, person, opening, until, left - 1)

    def close(self, appid: str, person: str) -> None:
        """Whoever unfollows is not to be written to."""
        self._journal.note({"entry": "windows_closed", "appid": appid, "person": person})

    def clear(self) -> None:
        for appid, person in list(self._open):
            self.close(appid, person)

    def apply(self, entry: Entry) -> None:
        whose = entry["appid"], entry["person"]
        if entry["entry"] == "windows_closed":
            self._open.pop(whose, None)
        else:
            self._open.setdefault(whose, {})[entry["opening"]] = entry["until"], entry["left"]

    def snapshot(self) -> Iterable[Entry]:
        now = clock.seconds()
        for (appid, person), windows in self._open.items():
            for opening, (until, left) in windows.items():
                if until > now:
                    yield _entry(appid, person, opening, until, left)

    def _note(self, appid: str, person: str, opening: str, until: float, left: int) -> None:
        self._journal.note(_entry(appid, person, opening, until, left))


def _entry(appid: str, person: str, opening: str, until: float, left: int) -> Entry:
    return {
        "entry": "window",
        "appid": appid,
        "person": person,
        "opening": opening,
        "until": until,
        "left": left,
    }
