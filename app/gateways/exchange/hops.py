"""The way of a question through several platforms: our number goes along, the stations come back (F06)."""

import re
from collections.abc import Mapping
from typing import Final

from app.kit import ids
from config.logging import request_id_var

REQUEST_ID: Final = "X-Exchange-Request-Id"
"""Our request's number; every station hands it on and writes it down."""
HOPS: Final = "X-Exchange-Hops"
"""Each station of the way appends its name and its milliseconds: ``gd-gateway;12, national;30``."""

_HOP: Final = re.compile(r"\s*([A-Za-z0-9._-]{1,40})(?:;(\d{1,6}))?\s*")
_MOST: Final = 8


def own_request_id() -> str:
    """The number of the request that is served, or a fresh one for a job."""
    return request_id_var.get() or ids.uuid7().hex


def hops_of(headers: Mapping[str, str]) -> str:
    """The stations told, at most eight; what is no station's name is left out."""
    told = headers.get(HOPS, "")[:1000].split(",")
    found = [match for part in told if (match := _HOP.fullmatch(part))]
    return ",".join(f"{one[1]};{one[2]}" if one[2] else one[1] for one in found[:_MOST])
