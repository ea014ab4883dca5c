"""A fuse before WeChat: while it does not answer, one message at a time asks whether it is back."""

import random
import time
from typing import Final

_FAILURES_TO_OPEN: Final = 5
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 10.0


class Circuit:
    """Closed while WeChat answers; each failed probe doubles the pause, the first answer closes it again."""

    def __init__(self) -> None:
        self._failures = 0
        self._pause_s = _FIRST_PAUSE_S
        self._open_until = float("-inf")

    @property
    def is_open(self) -> bool:
        return self._failures >= _FAILURES_TO_OPEN

    def allowance(self, free: int, in_flight: int) -> int:
        """How many of ``free`` messages may be sent off now."""
        if not self.is_open:
            return free
        return 1 if not in_flight and time.monotonic() >= self._open_until else 0

    def succeeded(self) -> None:
        self._failures = 0
        self._pause_s = _FIRST_PAUSE_S

    def failed(self) -> None:
        self._failures += 1
        if self.is_open:
            self._open_until = time.monotonic() + self._pause_s * random.uniform(0.75, 1.25)  # noqa: S311  Jitter.
            self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)
