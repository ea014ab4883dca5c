"""A person's certificates when they take their data along.

They are kept by nothing but the hash of the holder's number, so there is nothing to move in a merge; who
leaves and proves no number any more finds none of them, and what an issuer tells stays the issuer's.
"""

from uuid import UUID

from app.domain.accounts import portability
from app.domain.accounts.models import Person
from app.domain.certificates import holdings
from app.domain.certificates.holdings import Holder
from app.domain.certificates.models import HolderKind


async def export(person_id: UUID) -> object:
    """A person's own certificates in clear; those of an enterprise are the enterprise's."""
    person = await Person.get(id=person_id)
    if person.id_number_hash is None:
        return []
    held = await holdings.of_holder(Holder(HolderKind.PERSON, bytes(person.id_number_hash)))
    return [
        {
            "name": one.name,
            "identifier": one.identifier,
            "number": one.number,
            "holder_name": one.holder_name,
            "holder_number": one.holder_number,
            "issuer_name": one.issuer_name,
            "issued_on": one.issued_on,
            "valid_from": one.valid_from,
            "valid_until": one.valid_until,
            "trust": one.trust,
            "state": one.state,
        }
        for one in held
    ]


def register() -> None:
    """Make them known to the accounts area."""
    portability.register("certificates", export)
