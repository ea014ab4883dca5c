"""Certificates as their holder sees them: one's own, or those of the enterprise one acts for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.models import Enterprise, Person
from app.domain.accounts.sessions import Citizen
from app.domain.certificates import contents, rules
from app.domain.certificates.errors import CertificateNotFound
from app.domain.certificates.models import HolderKind, State, Status, Trust
from app.kit import clock, db

_SHOWN: Final = (
    "id, name, type_code, issuer_name, version, issued_on, valid_from, valid_until, trust, status, told_at,"
    " content_sealed, holder_kind"
)
_OWN: Final = (
    f"SELECT {_SHOWN} FROM certificate WHERE holder_hash = $1 AND holder_kind = $2"  # noqa: S608
    " AND state <> 'replaced' AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
)
_ONE: Final = (
    f"SELECT {_SHOWN} FROM certificate WHERE id = $1 AND holder_hash = $2"  # noqa: S608
    " AND holder_kind = $3 AND state <> 'replaced'"
)
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose certificates are asked for."""

    kind: HolderKind
    hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """The newest version of a certificate, with its state today."""

    id: UUID
    name: str
    type_code: str
    issuer_name: str
    version: int
    issued_on: date
    valid_from: date
    valid_until: date | None
    trust: Trust
    state: State
    told_at: datetime
    holder_kind: HolderKind
    identifier: str = field(repr=False)
    number: str = field(repr=False)
    holder_name: str = field(repr=False)
    holder_number: str = field(repr=False)

    @property
    def watermark(self) -> str:
        """What stands across a copy of it."""
        return rules.watermark(self.issuer_name, self.valid_until)


async def own(
    citizen: Citizen, *, before: UUID | None = None, limit: int
) -> tuple[Sequence[OwnCertificate], UUID | None]:
    """Certificates of whom the citizen acts for, told last first, and where the next page begins.

    Somebody whose number is not proved holds none.
    """
    holder = await holder_of(citizen)
    if holder is None:
        return [], None
    rows = await db.fetch(_OWN, holder.hash, holder.kind.value, before, limit + 1)
    found = [_certificate(row) for row in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


async def one(citizen: Citizen, certificate_id: UUID) -> OwnCertificate:
    """One of them. Raises CertificateNotFound, alike for one of somebody else."""
    holder = await holder_of(citizen)
    row = await db.fetch_one(_ONE, certificate_id, holder.hash, holder.kind.value) if holder else None
    if row is None:
        raise CertificateNotFound
    return _certificate(row)


async def of_holder(holder: Holder) -> Sequence[OwnCertificate]:
    """Everything a holder has, told last first; of very many the last two hundred."""
    rows = await db.fetch(_OWN, holder.hash, holder.kind.value, None, _MOST)
    return [_certificate(row) for row in rows]


async def in_force(holder: Holder) -> Sequence[OwnCertificate]:
    """What proves something of a holder today."""
    return [one for one in await of_holder(holder) if one.state in rules.IN_FORCE]


async def holder_of(citizen: Citizen) -> Holder | None:
    """Whom the citizen acts for just now, as a holder; ``None`` without a proved number."""
    if citizen.enterprise_id is not None:
        enterprise = await Enterprise.get(id=citizen.enterprise_id)
        return Holder(HolderKind.ENTERPRISE, bytes(enterprise.uscc_hash))
    person = await Person.get(id=citizen.person_id)
    return Holder(HolderKind.PERSON, bytes(person.id_number_hash)) if person.id_number_hash else None


def _certificate(row: Any) -> OwnCertificate:
    content = contents.unseal(row["content_sealed"])
    trust, valid_from, valid_until = Trust(row["trust"]), row["valid_from"], row["valid_until"]
    return OwnCertificate(
        id=row["id"],
        name=row["name"],
        type_code=row["type_code"],
        issuer_name=row["issuer_name"],
        version=row["version"],
        issued_on=row["issued_on"],
        valid_from=valid_from,
        valid_until=valid_until,
        trust=trust,
        # Between midnight and the timed task the row may still say what was so yesterday.
        state=rules.state_on(
            clock.today(), status=Status(row["status"]), trust=trust, valid_from=valid_from,
            valid_until=valid_until,
        ),
        told_at=row["told_at"],
        holder_kind=HolderKind(row["holder_kind"]),
        identifier=content.identifier,
        number=content.number,
        holder_name=content.holder_name,
        holder_number=content.holder_number,
    )  # fmt: skip
