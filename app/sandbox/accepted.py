"""How often each ``client_msg_id`` was accepted: what proves that nobody was told twice."""

from collections import OrderedDict
from typing import Final

_KEPT: Final = 1_000_000


class Accepted:
    """Counts of the latest million ``client_msg_id``; a repetition that was recognised counts nothing."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, int] = OrderedDict()

    def note(self, client_msg_id: str) -> None:
        self._counts[client_msg_id] = self._counts.get(client_msg_id, 0) + 1
        if len(self._counts) > _KEPT:
            self._counts.popitem(last=False)

    def counts(self) -> dict[str, int]:
        """Oldest first."""
        return dict(self._counts)

    def clear(self) -> None:
        self._counts.clear()
