"""Whose folder an invoice is in: a person's own, or that of the enterprise they act for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.kit import audit, clock, db

OWNER: Final = "coalesce(enterprise_id, person_id)"
"""The owner of a row in SQL."""

_ACTING: Final = """
SELECT DISTINCT person_id, enterprise_id FROM enterprise_binding
WHERE person_id = ANY ($1) AND enterprise_id = ANY ($2) AND status = 'active' AND expires_on >= $3
"""
_LIVING: Final = "SELECT id FROM person WHERE id = ANY ($1) AND status <> 'deleted'"
_READERS: Final = """
SELECT DISTINCT enterprise_id, person_id FROM enterprise_binding
WHERE enterprise_id = ANY ($1) AND status = 'active' AND expires_on >= $2
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """A person as they are signed in; an enterprise's folder is shared by all who act for it."""

    person_id: UUID
    enterprise_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """By which the rows of the folder are found."""
        return self.enterprise_id or self.person_id

    @property
    def asker(self) -> str:
        """By which the checks of the person are counted, whoever they act for."""
        return audit.person(self.person_id)


async def entitled(owners: Collection[Owner]) -> set[Owner]:
    """Those who are still who they were: themselves, or bound to their enterprise today.

    Whoever left, or became one with somebody else, is not.
    """
    agents = [owner for owner in owners if owner.enterprise_id is not None]
    rows = await db.fetch(
        _ACTING,
        [owner.person_id for owner in agents],
        [owner.enterprise_id for owner in agents],
        clock.today(),
    ) if agents else []  # fmt: skip
    acting = {(row["person_id"], row["enterprise_id"]) for row in rows}
    alone = [owner.person_id for owner in owners if owner.enterprise_id is None]
    living = {row["id"] for row in await db.fetch(_LIVING, alone)} if alone else set()
    return {
        owner
        for owner in owners
        if (owner.person_id, owner.enterprise_id) in acting
        or (owner.enterprise_id is None and owner.person_id in living)
    }


async def agents_of(enterprise_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Everybody who acts for each of these enterprises today."""
    found: dict[UUID, set[UUID]] = {}
    for row in await db.fetch(_READERS, enterprise_ids, clock.today()) if enterprise_ids else []:
        found.setdefault(row["enterprise_id"], set()).add(row["person_id"])
    return found
