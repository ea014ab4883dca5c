"""Whose address a request comes from, seen through proxies."""

from types import SimpleNamespace

import pytest

from app.kit.web.address import client_address
from config import settings


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("9.9.9.9", "1.2.3.4", "9.9.9.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(
    peer: str, forwarded: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = settings.current().model_copy(update={"trusted_proxies": ("10.0.0.0/8",)})
    monkeypatch.setattr(settings, "current", lambda: trusting)
    request = SimpleNamespace(ip=peer, headers={"x-forwarded-for": forwarded} if forwarded else {})
    assert client_address(request) == expected  # type: ignore[arg-type]  # Only these two are read.
