"""The names of colleagues, for histories that know them by number alone."""

from collections.abc import Collection

from app.kit import db


async def names_of(actors: Collection[str]) -> dict[str, str]:
    """The name shown to colleagues of each actor that is a member of staff; others are left out."""
    rows = await db.fetch(
        "SELECT 'staff:' || id AS actor, display_name FROM staff"
        " WHERE id IN (SELECT substr(a.actor, 7)::uuid FROM unnest($1::text[]) AS a (actor)"
        " WHERE a.actor LIKE 'staff:%')",
        list(actors),
    )
    return {row["actor"]: row["display_name"] for row in rows}
