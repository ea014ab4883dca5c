"""Answers whose heads are written without looking at each sign: the most frequent ones of all."""

from collections.abc import Iterable
from functools import lru_cache

from sanic import HTTPResponse
from sanic.helpers import has_message_body


class Answer(HTTPResponse):
    """An answer of ours. What its headers say is cleaned only where it could break out of them.

    The framework translates every name and value sign by sign, which takes longer than all else about a head.
    """

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterable[tuple[bytes, bytes]]:  # type: ignore[override]
        """Names and values as they are sent."""
        if has_message_body(self.status):  # type: ignore[no-untyped-call]
            self.headers.setdefault("content-type", self.content_type)
        return [(_name(name), self._written(str(value))) for name, value in self.headers.items()]

    def _written(self, value: str) -> bytes:
        if value.isprintable():
            return value.encode()
        return self._sanitize_header_value(value).encode(errors="surrogateescape")


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    return HTTPResponse._sanitize_header_value(name).encode("ascii")  # noqa: SLF001  As it would be.
