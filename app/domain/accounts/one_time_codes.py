"""One-time codes of staff: six digits, a new one each 30 seconds (TOTP, RFC 6238)."""

import hmac
from datetime import datetime

import pyotp

ISSUER = "微办 Weiban"

_STEP_S = 30
_DRIFTS = (0, -1, 1)  # A phone may be half a minute off.


def new_secret() -> str:
    """160 random bits in Base32."""
    return pyotp.random_base32()


def setup_uri(secret: str, username: str) -> str:
    """The ``otpauth://`` address that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The time step this code belongs to, or ``None`` if it is no code of now."""
    now = int(at.timestamp()) // _STEP_S
    totp = pyotp.TOTP(secret)
    for step in (now + drift for drift in _DRIFTS):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None
