"""What is known of enterprises: from their codes at once, from the department's files when it tells."""

from collections.abc import Sequence
from uuid import UUID

from app.kit import clock, crypto, db

FROM_CODE = "uscc"
"""The source of facts that the code itself tells."""

_PAGE = 2000

# An enterprise gets a row of facts with its first look-up, so each code is unsealed once.
_UNPLACED = """
SELECT e.id, e.uscc_sealed FROM enterprise e
WHERE NOT EXISTS (SELECT 1 FROM enterprise_fact f WHERE f.enterprise_id = e.id) AND e.id > $1
  AND ($2::uuid[] IS NULL
       OR e.id IN (SELECT enterprise_id FROM enterprise_binding WHERE person_id = ANY ($2)))
ORDER BY e.id LIMIT $3
"""
_PLACE = """
INSERT INTO enterprise_fact (enterprise_id, region_code, is_individual, source, updated_at)
SELECT *, $4::varchar, $5::timestamptz FROM unnest($1::uuid[], $2::varchar[], $3::bool[])
ON CONFLICT DO NOTHING
"""


def told_by_code(uscc: str) -> tuple[str | None, bool]:
    """The county that registered an enterprise, and whether it is an individual business.

    GB 32100-2015: signs 3 to 8 are the county of the registering office; 92 begins the code of an
    individual business (个体工商户). Codes of national offices name no county.
    """
    county = uscc[2:8]
    return county if county.isdecimal() and not county.startswith("10") else None, uscc.startswith("92")


async def place_unknown(person_ids: Sequence[UUID] | None = None) -> int:
    """Note what the codes tell of enterprises, those of these people or all, that have no facts yet."""
    placed, after = 0, UUID(int=0)
    while rows := await db.fetch(_UNPLACED, after, person_ids, _PAGE):
        told = [(row["id"], *told_by_code(crypto.unseal(row["uscc_sealed"]))) for row in rows]
        columns = [list(column) for column in zip(*told, strict=True)]
        placed += await db.execute(_PLACE, *columns, FROM_CODE, clock.now())
        after = rows[-1]["id"]
    return placed
