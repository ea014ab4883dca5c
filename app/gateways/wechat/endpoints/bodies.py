"""Bodies of calls."""

from collections.abc import Mapping
from typing import Any


def given(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what was not given: WeChat takes a null for a value."""
    return {name: value for name, value in body.items() if value is not None}
