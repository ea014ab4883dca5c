"""New cases are told to whoever waits for them, in the transaction that writes them."""

from collections.abc import Awaitable, Callable, Collection
from typing import Final

Listener = Callable[[Collection[str]], Awaitable[None]]
"""Gets the numbers of the cases; what it writes is written with them."""

_listeners: Final[dict[str, Listener]] = {}


def register(name: str, listener: Listener) -> None:
    """Have an area above told; saying it twice does no harm."""
    _listeners[name] = listener


async def tell(numbers: Collection[str]) -> None:
    """Tell every listener of these new cases."""
    if numbers:
        for listener in _listeners.values():
            await listener(numbers)
