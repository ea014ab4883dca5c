"""Sessions of citizens: opaque tokens of which only the hash is kept, sliding and revocable.

The look-up stands before every request of a citizen, so those that arrive together share one
statement. It always asks the database: a revoked session ends at once, in every process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.accounts import groups
from app.domain.accounts.errors import EnterpriseNotBound, SessionEnded
from app.domain.accounts.models import BindingStatus, EnterpriseBinding, IdentityLevel, Session
from app.kit import audit, clock, db, ids
from app.kit.batching import Batcher
from config import settings

_GATHER_S = 0.002
"""To begin the look-up costs as much as ten tokens do: while many come, they gather."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A person signed in, acting for themselves or for the enterprise they chose, which has a name."""

    person_id: UUID
    session_id: UUID
    enterprise_id: UUID | None
    level: IdentityLevel
    enterprise_name: str | None = None

    @property
    def caller_id(self) -> str:
        return audit.person(self.person_id)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session just begun; the token is told this once."""

    token: str
    expires_at: datetime
    citizen: Citizen


# Joined and not compared with an array: each token is one probe of an index, however many there are.
_LOOK_UP = """
SELECT s.token_hash, s.id, s.person_id, s.expires_at, p.level,
       e.id AS enterprise_id, e.name AS enterprise_name
FROM unnest($1::bytea[]) AS brought (token_hash)
JOIN session s ON s.token_hash = brought.token_hash JOIN person p ON p.id = s.person_id
LEFT JOIN enterprise e ON e.id = s.enterprise_id
 AND EXISTS (SELECT 1 FROM enterprise_binding b
             WHERE b.person_id = s.person_id AND b.enterprise_id = s.enterprise_id
               AND b.status = 'active' AND b.expires_on >= $3)
WHERE s.revoked_at IS NULL AND s.expires_at > $2 AND p.status = 'active'
"""


async def begin(person_id: UUID, level: IdentityLevel) -> Begun:
    """A new session beside the earlier ones, which stay valid."""
    token, expires_at = ids.new_token(), clock.now() + _life()
    session = await Session.create(
        id=ids.uuid7(), token_hash=ids.token_hash(token), person_id=person_id, expires_at=expires_at
    )
    await groups.note_login(person_id)
    return Begun(token, expires_at, Citizen(person_id, session.id, None, level))


async def citizen_of(token: str) -> Citizen:
    """Who brings this token. Raises SessionEnded.

    An enterprise whose binding has ended or expired is no longer acted for.
    """
    found = await _look_up(ids.token_hash(token))
    if found is None:
        raise SessionEnded
    return found


async def end(session_id: UUID) -> None:
    """Revoke one session (退出登录)."""
    await Session.filter(id=session_id, revoked_at=None).update(revoked_at=clock.now())


async def end_all(person_id: UUID) -> None:
    """Revoke every session of a person."""
    await Session.filter(person_id=person_id, revoked_at=None).update(revoked_at=clock.now())


async def act_as(citizen: Citizen, enterprise_id: UUID | None) -> Citizen:
    """Switch the session to an enterprise, or back to the person with ``None``. Raises EnterpriseNotBound."""
    if enterprise_id is not None:
        await check_acts_for(citizen.person_id, enterprise_id)
    await Session.filter(id=citizen.session_id).update(enterprise_id=enterprise_id)
    return Citizen(citizen.person_id, citizen.session_id, enterprise_id, citizen.level)


async def check_acts_for(person_id: UUID, enterprise_id: UUID) -> None:
    """Raise EnterpriseNotBound unless the person has a running binding to the enterprise."""
    binding = EnterpriseBinding.filter(
        person_id=person_id,
        enterprise_id=enterprise_id,
        status=BindingStatus.ACTIVE,
        expires_on__gte=clock.today(),
    )
    if not await binding.exists():
        raise EnterpriseNotBound


async def forget_ended(older_than: timedelta = timedelta(days=30)) -> int:
    """Delete sessions that ended this long ago; answers how many. For a timed job."""
    return await db.execute(
        "DELETE FROM session WHERE least(expires_at, revoked_at) < $1", clock.now() - older_than
    )


def _life() -> timedelta:
    return timedelta(days=settings.current().session_days)


async def _find(hashes: list[bytes]) -> list[Citizen | None]:
    now = clock.now()
    rows = await db.fetch(_LOOK_UP, hashes, now, now.date())
    await _slide(rows, now)
    found = {bytes(row["token_hash"]): _citizen(row) for row in rows}
    return [found.get(one) for one in hashes]


async def _slide(rows: Sequence[Any], now: datetime) -> None:
    """Extend sessions in use, but write only once in half a life."""
    stale = [row["id"] for row in rows if row["expires_at"] - now < _life() / 2]
    if stale:
        await db.execute(
            "UPDATE session SET expires_at = $2"
            " WHERE id = ANY ($1) AND revoked_at IS NULL AND expires_at < $2",
            stale, now + _life(),
        )  # fmt: skip


def _citizen(row: Any) -> Citizen:
    return Citizen(
        row["person_id"],
        row["id"],
        row["enterprise_id"],
        IdentityLevel(row["level"]),
        row["enterprise_name"],
    )


_look_up: Batcher[bytes, Citizen | None] = Batcher(_find, gather_s=_GATHER_S)
