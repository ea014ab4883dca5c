"""The address a request really comes from, seen through the proxies we trust and no others."""

import ipaddress
from functools import lru_cache

from sanic import Request

from config import settings


@lru_cache(maxsize=4)
def _networks(trusted: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part, strict=False) for part in trusted)


def client_address(request: Request) -> str:
    """The peer, or behind trusted proxies the last address in X-Forwarded-For they did not write."""
    peer: str = request.ip or "unknown"
    trusted = settings.current().trusted_proxies
    if not trusted or not _is_trusted(peer, trusted):
        return peer
    for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        address = hop.strip()
        if address and not _is_trusted(address, trusted):
            return address[:45]
    return peer


def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _networks(trusted))
