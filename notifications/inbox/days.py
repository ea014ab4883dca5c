"""Notices of one day: the first is told at once, the others wait for the digest."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from app.kit import clock, db


async def enter(notices: Sequence[tuple[UUID, str]]) -> set[UUID]:
    """Count notices, each a person and a title, on today's account; answers those whose first is among them.

    Runs in the caller's transaction and keeps the persons' rows until it ends, so that of two notices
    that come at the same time just one is the first.
    """
    counts = Counter(person_id for person_id, _ in notices)
    newest = dict(notices)
    rows = await db.fetch(
        "INSERT INTO digest_day (person_id, day, notices, told, newest)"
        " SELECT person_id, $2, notices, 1, newest"
        " FROM unnest($1::uuid[], $3::int[], $4::text[]) AS d (person_id, notices, newest) ORDER BY person_id"
        " ON CONFLICT (person_id, day) DO UPDATE"
        " SET notices = digest_day.notices + excluded.notices, newest = excluded.newest"
        " RETURNING person_id, notices",
        list(counts), clock.today(), list(counts.values()), [newest[person][:100] for person in counts],
    )  # fmt: skip
    return {row["person_id"] for row in rows if row["notices"] == counts[row["person_id"]]}
