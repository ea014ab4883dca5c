"""Whose address a request comes from, seen through proxies."""

from types import SimpleNamespace

import pytest

from app.kit.web.address import client_address, counted
from config import settings


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("9.9.9.9", "1.2.3.4", "9.9.9.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.1"),
        ("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, ::ffff:1.2.3.4, [::ffff:10.0.0.2]:80", "1.2.3.4"),
        ("10.0.0.1", "2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "1.2.3.4", "2001:db8:1:2::/64"),
    ],
)
def test_only_trusted_proxies_are_believed(
    peer: str, forwarded: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = settings.current().model_copy(update={"trusted_proxies": ("10.0.0.0/8",)})
    monkeypatch.setattr(settings, "current", lambda: trusting)
    request = SimpleNamespace(ip=peer, headers={"x-forwarded-for": forwarded} if forwarded else {})
    assert client_address(request) == expected  # type: ignore[arg-type]  # Only these two are read.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "[2001:db8:1:2:3::4]:443"),
        ("1.2.3.4", "::ffff:1.2.3.4"),
        ("1.2.3.4", "::ffff:102:304"),
        ("1.2.3.4", "1.2.3.4:49152"),
        ("fe80::1%eth0", "fe80::2%eth1"),
    ],
)
def test_addresses_one_client_may_choose_from_are_counted_as_one(one: str, other: str) -> None:
    assert counted(one) == counted(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8:1:2::1", "2001:db8:1:3::1"), ("1.2.3.4", "1.2.3.5"), ("unknown", "_hidden")],
)
def test_addresses_of_different_clients_are_counted_apart(one: str, other: str) -> None:
    assert counted(one) != counted(other)


def test_what_is_no_address_is_kept_short() -> None:
    assert counted("x" * 1000) == "x" * 45
