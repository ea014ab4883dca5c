"""What libraries told and what people object to it, sealed into one column each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from app.kit import crypto

Records = Sequence[Mapping[str, str]]
"""What was told: records of field and value."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One value said to be wrong: of which record (from 1), what was told (if anything), what should be."""

    record: int
    field: str
    told: str | None
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """An objection in full: the number it is about, the corrections and the reason; without repr."""

    subject: str
    corrections: Sequence[Correction]
    reason: str


def seal_records(records: Records) -> str:
    """One sealed text of what was told."""
    return crypto.seal(orjson.dumps(list(records)).decode())


def records_of(sealed: str) -> Records:
    """What ``seal_records`` took."""
    found: Records = orjson.loads(crypto.unseal(sealed))
    return found


def seal_claim(claim: Claim) -> str:
    """One sealed text of an objection."""
    return crypto.seal(orjson.dumps(asdict(claim)).decode())


def claim_of(sealed: str) -> Claim:
    """What ``seal_claim`` took."""
    found: dict[str, Any] = orjson.loads(crypto.unseal(sealed))
    corrections = [Correction(**one) for one in found["corrections"]]
    return Claim(found["subject"], corrections, found["reason"])
