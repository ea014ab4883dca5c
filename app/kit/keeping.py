"""A bounded memory of what was worked out: what was put in first is forgotten first."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """At most so many values by their keys. Whoever takes one out decides whether it still holds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """What was put in last under a key, unless it is forgotten."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Remember a value in place of the one before it."""
        if key not in self._values and len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[key] = value
