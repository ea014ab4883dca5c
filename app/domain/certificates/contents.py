"""What of a certificate is personal, and how it is sealed into one column."""

from dataclasses import asdict, dataclass

import orjson

from app.domain.accounts import agency, proofing
from app.domain.certificates.models import HolderKind
from app.kit import crypto

LINE = "certificate line"
"""Purpose of the keyed hash by which the versions of a certificate find each other."""

_HASHES = {HolderKind.PERSON: proofing.ID_NUMBER, HolderKind.ENTERPRISE: agency.USCC}


@dataclass(frozen=True, slots=True, repr=False)
class Content:
    """Identifier and number of a certificate, and whose it is; without repr."""

    identifier: str
    number: str
    holder_name: str
    holder_number: str


def seal(content: Content) -> str:
    """One sealed text of it."""
    return crypto.seal(orjson.dumps(asdict(content)).decode())


def unseal(sealed: str) -> Content:
    """What ``seal`` took."""
    return Content(**orjson.loads(crypto.unseal(sealed)))


def line_hash(line: str) -> bytes:
    """By which the versions of a certificate find each other."""
    return crypto.lookup_hash(line, LINE)


def holder_hash(kind: HolderKind, number: str) -> bytes:
    """The hash accounts know the same person or enterprise by."""
    return crypto.lookup_hash(number, _HASHES[kind])
