"""What each account keeps with the platform: menus, tags, remarks, templates, codes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from app.sandbox.journal import Entry, Journal

Shelf = Literal["menu", "conditional", "tag", "tagged", "remark", "industry", "template", "scene", "code"]
Held = dict[str, Any]

# Codes of a mini-program are without number; the sandbox remembers the latest.
_AT_MOST: Final[dict[str, int]] = {"code": 500}


class Holdings:
    """JSON values on named shelves, one set of shelves for each appid."""

    entries = frozenset({"hold"})

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._shelves: dict[tuple[str, str], Held] = {}
        journal.join(self)

    def of(self, appid: str, shelf: Shelf) -> Mapping[str, Any]:
        """What lies there, oldest first; only ``put`` and ``drop`` change it."""
        return self._shelves.get((appid, shelf), {})

    def put(self, appid: str, shelf: Shelf, key: str, value: Any) -> None:
        self._journal.note({"entry": "hold", "appid": appid, "shelf": shelf, "key": key, "value": value})

    def drop(self, appid: str, shelf: Shelf, key: str) -> None:
        """A key nobody put there is dropped without a word."""
        self._journal.note({"entry": "hold", "appid": appid, "shelf": shelf, "key": key})

    def clear(self, appid: str, shelf: Shelf) -> None:
        for key in list(self.of(appid, shelf)):
            self.drop(appid, shelf, key)

    def apply(self, entry: Entry) -> None:
        shelf = self._shelves.setdefault((entry["appid"], entry["shelf"]), {})
        shelf.pop(entry["key"], None)
        if "value" in entry:
            shelf[entry["key"]] = entry["value"]
        if len(shelf) > _AT_MOST.get(entry["shelf"], len(shelf)):
            del shelf[next(iter(shelf))]

    def snapshot(self) -> Iterable[Entry]:
        for (appid, shelf), held in self._shelves.items():
            for key, value in held.items():
                yield {"entry": "hold", "appid": appid, "shelf": shelf, "key": key, "value": value}
