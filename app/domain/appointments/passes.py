"""Passes: the short-lived signed token behind the QR code a citizen shows to check in."""

import base64
import hmac
import struct
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.appointments.errors import BadPass
from app.kit.crypto import purpose_key

LIFETIME = timedelta(minutes=5)
_FORM = struct.Struct(">16sI")
_TAG_BYTES = 16


def issue(appointment_id: UUID, now: datetime) -> tuple[str, datetime]:
    """A pass and the moment it expires; a screenshot of it is worthless soon."""
    expires_at = now + LIFETIME
    body = _FORM.pack(appointment_id.bytes, int(expires_at.timestamp()))
    return base64.urlsafe_b64encode(body + _tag(body)).rstrip(b"=").decode(), expires_at


def read(token: str, now: datetime) -> UUID:
    """The appointment a pass stands for; raises ``BadPass`` if it is forged, broken or expired."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        raise BadPass from None
    if len(raw) != _FORM.size + _TAG_BYTES:
        raise BadPass
    body, tag = raw[: _FORM.size], raw[_FORM.size :]
    if not hmac.compare_digest(tag, _tag(body)):
        raise BadPass
    appointment, expires = _FORM.unpack(body)
    if now.timestamp() >= expires:
        raise BadPass
    return UUID(bytes=appointment)


def _tag(body: bytes) -> bytes:
    return hmac.digest(purpose_key("check-in pass"), body, "sha256")[:_TAG_BYTES]
