"""Answers of an unknown shape: whatever stands in WeChat's place is not WeChat."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.gateways.wechat.errors import WeChatUnreachable


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Reading the answer of a path; a field that is missing or odd raises WeChatUnreachable."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WeChatUnreachable(path, "an answer of an unknown shape", sent_maybe=True) from None
