"""What outside systems were asked by a person or about them, for the person to read (个人信息保护法 45)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.models import Person
from app.gateways.exchange import calls
from app.kit import crypto

_PAGE: Final = 1_000


async def of_person(person_id: UUID) -> Sequence[calls.Told]:
    """All questions of the last 180 days that a person asked, or that somebody asked about them."""
    await calls.flush()  # Those still gathered here as well.
    person = await Person.get(id=person_id)
    own = [crypto.unseal(person.id_number_sealed)] if person.id_number_sealed else []
    everyone = await merging.everyone_behind(person_id)
    told, place = await calls.of_person(everyone, own, limit=_PAGE)
    while place is not None:
        following, place = await calls.of_person(everyone, own, after=place, limit=_PAGE)
        told += following
    return told


async def export(person_id: UUID) -> object:
    """The same as plain data; purposes and names of fields, never a value."""
    return [
        {
            "at": one.at,
            "source": one.source,
            "purpose": one.purpose,
            "fields": one.fields,
            "outcome": one.outcome,
            "asked_by": "self" if one.is_asked_by_them else "somebody else",
        }
        for one in await of_person(person_id)
    ]


async def leave(person_id: UUID) -> None:
    """The records stay for the 180 days the law asks for, and say no more who asked."""
    await calls.forget_person(await merging.everyone_behind(person_id))


def register() -> None:
    """Make them known to exports and to leaving."""
    portability.register("exchange_calls", export)
    portability.before_deletion("exchange_calls", leave)
