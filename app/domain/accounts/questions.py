"""What outside systems were asked by a person or about them, for the person to read (个人信息保护法 45)."""

from collections.abc import Sequence
from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.models import Person
from app.gateways.exchange import calls
from app.kit import crypto


async def of_person(person_id: UUID) -> Sequence[calls.Told]:
    """The questions of the last 180 days that a person asked, or that somebody asked about them."""
    person = await Person.get(id=person_id)
    own = [crypto.unseal(person.id_number_sealed)] if person.id_number_sealed else []
    return await calls.of_person(await merging.everyone_behind(person_id), own)


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
