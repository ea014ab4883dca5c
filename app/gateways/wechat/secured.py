"""What may stand between the client and the line: WeChat's optional signing and encryption of API calls."""

from collections.abc import Mapping
from typing import Protocol


class ApiSecurity(Protocol):
    """Seals the calls of one account and opens the answers; the transport knows nothing of it."""

    def covers(self, path: str) -> bool:
        """Whether calls to this path, e.g. ``/wxa/msg_sec_check``, are sealed."""

    def seal(self, path: str, query: Mapping[str, str], body: bytes) -> tuple[bytes, Mapping[str, str]]:
        """The sealed body and the headers to send with it; ``query`` is without the access token."""

    def open(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
        """The plain body of an answer, already verified. Raises WeChatError."""
