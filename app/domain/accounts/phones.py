"""The proven phone numbers of people, for those who send text messages, and which of them take none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.kit import db

TAKES_MESSAGES: Final = (
    "(p.phone_sealed IS NOT NULL AND p.phone_verified_at IS NOT NULL AND NOT EXISTS ("
    "SELECT 1 FROM sms_suppression s WHERE s.phone_hash = p.phone_hash AND s.since >= p.phone_verified_at))"
)
"""In SQL, of a person ``p``: a phone is proven, and was not refused for good after that."""


@dataclass(frozen=True, slots=True)
class RefusedPhone:
    """That the phone a person had at that moment takes no text messages."""

    person_id: UUID
    at: datetime
    because: str


async def sealed_phones_of(person_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """The sealed phone of each; absent are people without one that takes messages, and who is not active."""
    rows = await db.fetch(
        "SELECT p.id, p.phone_sealed FROM person p"  # noqa: S608  Words of ours.
        f" WHERE p.id = ANY ($1) AND p.status = 'active' AND {TAKES_MESSAGES}",
        person_ids,
    )
    return {row["id"]: row["phone_sealed"] for row in rows}


async def suppress(refused: Sequence[RefusedPhone]) -> None:
    """Send these phones no more text messages until they are proved anew; may be repeated.

    A phone proved after the moment of the refusal may be another one, and stays as it is.
    """
    await db.execute(
        _SUPPRESS,
        [one.person_id for one in refused],
        [one.at for one in refused],
        [one.because for one in refused],
    )


# In one order, so that two who write the same phones do not wait for each other.
_SUPPRESS = """
INSERT INTO sms_suppression (phone_hash, because, since)
SELECT DISTINCT ON (p.phone_hash) p.phone_hash, d.because, d.at
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS d (person_id, at, because)
JOIN person p ON p.id = d.person_id
WHERE p.phone_hash IS NOT NULL AND p.phone_verified_at <= d.at
ORDER BY p.phone_hash, d.at DESC
ON CONFLICT (phone_hash) DO UPDATE SET because = EXCLUDED.because, since = EXCLUDED.since
WHERE sms_suppression.since < EXCLUDED.since
"""


async def forget(person_id: UUID) -> None:
    """Keep nothing about the phone of somebody who takes it back; call it before the phone is cleared."""
    await db.execute(
        "DELETE FROM sms_suppression s USING person p WHERE p.id = $1 AND s.phone_hash = p.phone_hash",
        person_id,
    )
