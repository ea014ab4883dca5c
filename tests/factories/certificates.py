"""Certificates as their issuers push them."""

from datetime import timedelta
from typing import Any

from app.domain.certificates import identifiers
from app.kit import clock
from tests.factories.accounts import uscc_number
from tests.factories.cases import HANDED_IN
from tests.factories.partners import AUTHORITY

TYPE = "11100000000013338W032"
FOOD_LICENCE = "食品经营许可证"


def identifier(serial: str = "JY14401060000001", version: int = 1, *, issuer: str = AUTHORITY) -> str:
    """A whole identifier."""
    check = identifiers.check_sign(TYPE, issuer, serial, version)
    return f"{identifiers.ROOT}{TYPE}.{issuer}.{serial}.{version:03d}.{check}"


def certificate(
    sequence: int,
    serial: str = "JY14401060000001",
    version: int = 1,
    *,
    hours: int = 0,
    issuer: str = AUTHORITY,
    **facts: Any,
) -> dict[str, Any]:
    """A certificate of an enterprise as it is pushed, told some hours after the first."""
    today = clock.today()
    return {
        "kind": "certificate",
        "sequence": sequence,
        "at": (HANDED_IN + timedelta(hours=hours)).isoformat(),
        "identifier": identifier(serial, version, issuer=issuer),
        "name": FOOD_LICENCE,
        "number": serial,
        "issuer_name": "天河区市场监督管理局",
        "holder_kind": "enterprise",
        "holder_number": uscc_number(1),
        "holder_name": "广州第一有限公司",
        "issued_on": str(today - timedelta(days=365)),
        "valid_until": str(today + timedelta(days=400)),
        **facts,
    }
