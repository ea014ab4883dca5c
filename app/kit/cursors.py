"""Places in a list, as a text its reader gives back to go on: signed, so what comes back is what was told."""

import base64
import binascii
import hmac
from typing import Any, Final

import orjson

from app.kit.crypto import purpose_key
from app.kit.errors import InvalidInput

LONGEST: Final = 1200
"""A place may be a name of two hundred signs of up to four bytes."""
_TAG_BYTES: Final = 9  # With it a forged place is a chance in 2**72; nothing is gained by one.


class BadCursor(InvalidInput):
    """A place that this list, in this order, never told."""

    code = "bad_cursor"
    message = "翻页位置已失效，请从第一页重新查询"


def written(of: str, *place: str | int | bool) -> str:
    """A place in the list named ``of``."""
    told = orjson.dumps(place)
    return base64.urlsafe_b64encode(_tag(of, told) + told).decode().rstrip("=")


def read(of: str, cursor: str) -> list[Any]:
    """The place as it was written. Raises BadCursor for a text that is no place of this list."""
    try:
        if len(cursor) > LONGEST:
            raise BadCursor
        whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (ValueError, binascii.Error):
        raise BadCursor from None
    tag, told = whole[:_TAG_BYTES], whole[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(of, told)):
        raise BadCursor
    place: list[Any] = orjson.loads(told)
    return place


def _tag(of: str, told: bytes) -> bytes:
    return hmac.digest(purpose_key("cursor"), of.encode() + b"\0" + told, "sha256")[:_TAG_BYTES]
