"""Prefills as whoever asked for them sees them: in the identity they asked in, while consent stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from app.domain.accounts import consents
from app.domain.accounts.sessions import Citizen
from app.domain.sharing import facts, offers
from app.domain.sharing.asking import CONSENT
from app.domain.sharing.errors import ShareRequestNotFound
from app.domain.sharing.facts import Records
from app.domain.sharing.models import ObjectionState, Occasion, ShareState
from app.gateways.exchange import Library
from app.kit import clock, db

_READ: Final = """
SELECT r.*, o.id AS objection_id, o.fields_disputed::text AS disputed, o.due_on, o.state AS objection_state,
    o.answer, o.department AS objected_at
FROM share_request r LEFT JOIN share_objection o ON o.request_id = r.id
"""
_ONE: Final = f"{_READ} WHERE r.id = $1 AND r.person_id = $2 AND r.enterprise_id IS NOT DISTINCT FROM $3"
_RECENT: Final = (
    f"{_READ} WHERE r.person_id = $1 AND r.enterprise_id IS NOT DISTINCT FROM $2"
    " AND ($3::uuid IS NULL OR r.id < $3) ORDER BY r.id DESC LIMIT $4"
)
# Shown for the first time: what was found stands in the form now.
_FILL: Final = "UPDATE share_request SET state = 'prefilled' WHERE id = ANY ($1) AND state = 'hit'"


@dataclass(frozen=True, slots=True)
class Objected:
    """What became of an objection."""

    department: str
    fields: Sequence[str]
    due_on: date
    state: ObjectionState
    answer: str | None


@dataclass(frozen=True, slots=True)
class Prefill:
    """A request and what it told; no records once they lapsed or consent was taken back."""

    id: UUID
    library: Library
    occasion: Occasion
    state: ShareState
    department: str | None
    as_of: datetime | None
    is_stale: bool
    asked_at: datetime
    lapses_at: datetime | None
    objection: Objected | None
    records: Records = field(repr=False)

    @property
    def advice(self) -> str | None:
        """What to do where nothing could be filled in."""
        return offers.advice(self.state, self.library)


async def one(citizen: Citizen, request_id: UUID) -> Prefill:
    """One request; what it found counts as filled in from now on. Raises ShareRequestNotFound."""
    row = await db.fetch_one(_ONE, request_id, citizen.person_id, citizen.enterprise_id)
    if row is None:
        raise ShareRequestNotFound
    return (await _shown(citizen, [row]))[0]


async def recent(
    citizen: Citizen, *, before: UUID | None = None, limit: int
) -> tuple[Sequence[Prefill], UUID | None]:
    """Requests of the citizen in this identity, the newest first, and where the next page begins."""
    rows = await db.fetch(_RECENT, citizen.person_id, citizen.enterprise_id, before, limit + 1)
    found = await _shown(citizen, rows[:limit])
    return found, found[-1].id if len(rows) > limit else None


async def _shown(citizen: Citizen, rows: Sequence[Any]) -> Sequence[Prefill]:
    has_consent = any(row["facts_sealed"] for row in rows) and await consents.is_granted(
        citizen.person_id, CONSENT
    )
    found = [row["id"] for row in rows if row["state"] == ShareState.HIT]
    if found and has_consent:
        await db.execute(_FILL, found)
    return [_prefill(row, has_consent=has_consent) for row in rows]


def _prefill(row: Any, *, has_consent: bool) -> Prefill:
    state, lapses_at = ShareState(row["state"]), row["lapses_at"]
    is_open = row["facts_sealed"] is not None and lapses_at is not None and lapses_at > clock.now()
    is_shown = is_open and has_consent
    if state is ShareState.HIT and is_shown:
        state = ShareState.PREFILLED
    return Prefill(
        id=row["id"],
        library=Library(row["library"]),
        occasion=Occasion(row["occasion"]),
        state=state,
        department=row["department"],
        as_of=row["as_of"],
        is_stale=row["is_stale"],
        asked_at=row["asked_at"],
        lapses_at=lapses_at,
        objection=_objected(row),
        records=facts.records_of(row["facts_sealed"]) if is_shown else (),
    )


def _objected(row: Any) -> Objected | None:
    if row["objection_id"] is None:
        return None
    return Objected(
        row["objected_at"],
        orjson.loads(row["disputed"]),
        row["due_on"],
        ObjectionState(row["objection_state"]),
        row["answer"],
    )
