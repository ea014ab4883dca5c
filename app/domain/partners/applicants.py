"""Finding whom a pushed case belongs to: by keyed hashes of the numbers a system gives, never by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.domain.accounts import agency, proofing
from app.domain.partners.kinds import Message
from app.kit import crypto, db

_PEOPLE: Final = "SELECT id, id_number_hash AS hash FROM person WHERE id_number_hash = ANY ($1)"
_ENTERPRISES: Final = "SELECT id, uscc_hash AS hash FROM enterprise WHERE uscc_hash = ANY ($1)"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applied, as far as we know them: a person for themselves, or for an enterprise."""

    person_id: UUID | None = None
    enterprise_id: UUID | None = None


async def of(messages: Sequence[Message]) -> Sequence[Applicant]:
    """The applicants of applications, in the order given; strangers to us are nobody."""
    people = [_person_hash(one) for one in messages]
    enterprises = [_enterprise_hash(one) for one in messages]
    known_people = await _found(_PEOPLE, people)
    known_enterprises = await _found(_ENTERPRISES, enterprises)
    return [
        Applicant(known_people.get(person or b""), known_enterprises.get(enterprise or b""))
        for person, enterprise in zip(people, enterprises, strict=True)
    ]


async def _found(sql: str, hashes: Sequence[bytes | None]) -> dict[bytes, UUID]:
    asked = sorted({one for one in hashes if one})
    if not asked:
        return {}
    # The driver's own kind of UUID is no UUID to everybody.
    return {bytes(row["hash"]): UUID(int=row["id"].int) for row in await db.fetch(sql, asked)}


def _person_hash(message: Message) -> bytes | None:
    facts = message.facts
    name = "applicant_number" if facts.get("applicant_kind") == "person" else "agent_number"
    number = facts.get(name)
    return crypto.lookup_hash(number, proofing.ID_NUMBER) if number else None


def _enterprise_hash(message: Message) -> bytes | None:
    facts = message.facts
    if facts.get("applicant_kind") != "enterprise":
        return None
    return crypto.lookup_hash(facts["applicant_number"], agency.USCC)
