"""How a request to the data exchange is signed: HMAC-SHA256 over method, path, time, nonce and body.

The other side refuses a wrong signature, an old timestamp and a nonce it has seen before.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

KEY, TIMESTAMP, NONCE, SIGNATURE = (
    "X-Exchange-Key",
    "X-Exchange-Timestamp",
    "X-Exchange-Nonce",
    "X-Exchange-Signature",
)


def signature(secret: str, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature in lower-case hexadecimal."""
    text = "\n".join((method.upper(), path, timestamp, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_headers(key: str, secret: str, method: str, path: str, body: bytes) -> dict[str, str]:
    """The headers of one attempt; a repeated request is signed anew.

    The timestamp is the wall clock's, in whole seconds: the other side compares it with its own.
    """
    timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(18)
    return {
        KEY: key,
        TIMESTAMP: timestamp,
        NONCE: nonce,
        SIGNATURE: signature(secret, method, path, timestamp, nonce, body),
    }


def is_genuine(secret: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the signature among the headers fits; compared in constant time."""
    told = headers.get(SIGNATURE, "")
    right = signature(secret, method, path, headers.get(TIMESTAMP, ""), headers.get(NONCE, ""), body)
    return hmac.compare_digest(told.encode(), right.encode())
