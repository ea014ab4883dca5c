"""What people's phones show in the journeys."""

from typing import Any


def cards(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The notices among all messages; the welcome and other talk have no lines."""
    return [message for message in messages if "lines" in message]
