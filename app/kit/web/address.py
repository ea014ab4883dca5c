"""The address a request really comes from, seen through the proxies we trust and no others."""

import ipaddress
import re
from functools import lru_cache
from typing import Final

from sanic import Request

from config import settings

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_OF_ONE_CLIENT: Final = 64
"""Bits of an IPv6 address: one household, or one phone, has all addresses that begin with them."""
_LONGEST: Final = 45
# What some gateways write behind the address: ``192.0.2.1:49152``, ``[2001:db8::1]:443``.
_WITH_PORT: Final = re.compile(r"\[([0-9A-Fa-f:.%\w-]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


@lru_cache(maxsize=4)
def _networks(trusted: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part, strict=False) for part in trusted)


def client_address(request: Request) -> str:
    """Where a request comes from, as limits count it: see ``counted``.

    That is the peer, or behind trusted proxies the last address in X-Forwarded-For they did not write.
    """
    peer: str = request.ip or "unknown"
    trusted = settings.current().trusted_proxies
    if not trusted or not _is_trusted(peer, trusted):
        return counted(peer)
    for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        address = hop.strip()
        if address and not _is_trusted(address, trusted):
            return counted(address)
    return counted(peer)


@lru_cache(maxsize=4096)
def counted(address: str) -> str:
    """One text for all addresses a single client may choose from.

    IPv4 in dots, also where it is written as IPv6 (``::ffff:192.0.2.1``); of IPv6 the network of 64 bits;
    what is no address, at most 45 signs of it as they are.
    """
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(parsed), _OF_ONE_CLIENT), strict=False))
    return address[:_LONGEST] if parsed is None else str(parsed)


def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in _networks(trusted))


def _parsed(address: str) -> _Address | None:
    """The address without a port; IPv4 wherever it is one."""
    found = _WITH_PORT.fullmatch(address)
    try:
        parsed = ipaddress.ip_address((found[1] or found[2]) if found else address)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, ipaddress.IPv6Address) else parsed
