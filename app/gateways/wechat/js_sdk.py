"""Signing a web page for WeChat's JS-SDK: only the arithmetic; whose page it is the caller checks."""

import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urldefrag

from app.kit import clock


@dataclass(frozen=True, slots=True)
class PageSignature:
    """What ``wx.config`` asks for; the page spells ``nonce_str`` as ``nonceStr``."""

    app_id: str
    timestamp: int
    nonce_str: str
    signature: str


def sign_page(appid: str, ticket: str, url: str) -> PageSignature:
    """Sign the address as the page sees it; its fragment does not count.

    Signing the address of a stranger would let the stranger act as our account.
    """
    return signed(appid, ticket, url, secrets.token_hex(8), int(clock.seconds()))


def signed(appid: str, ticket: str, url: str, nonce_str: str, timestamp: int) -> PageSignature:
    """The signature of this nonce and moment (seconds since 1970)."""
    address = urldefrag(url).url
    text = f"jsapi_ticket={ticket}&noncestr={nonce_str}&timestamp={timestamp}&url={address}"
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return PageSignature(appid, timestamp, nonce_str, digest)
