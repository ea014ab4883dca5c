"""Hand-over between channels 渠道衔接: a person goes on elsewhere, signed in by a token that works once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.accounts import identities, sessions
from app.domain.accounts.errors import EnterpriseNotBound, HandoffGone, HandoffPathInvalid, SessionEnded
from app.domain.accounts.models import Handoff, HandoffState, ServiceChannel
from app.domain.accounts.sessions import Begun, Citizen
from app.domain.accounts.web_login import is_page
from app.kit import audit, clock, db, ids

LIFETIME: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the other channel is opened with; the token is told this once."""

    token: str
    expires_at: datetime


async def issue(
    citizen: Citizen, path: str, *, from_channel: ServiceChannel, to_channel: ServiceChannel
) -> Ticket:
    """A token that signs this person in elsewhere, within a minute. Raises HandoffPathInvalid.

    ``path`` is one of our own pages.
    """
    if not is_page(path):
        raise HandoffPathInvalid
    token, now = ids.new_token(), clock.now()
    await Handoff.create(
        id=ids.uuid7(),
        token_hash=ids.token_hash(token),
        person_id=citizen.person_id,
        enterprise_id=citizen.enterprise_id,
        from_channel=from_channel,
        to_channel=to_channel,
        path=path,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return Ticket(token, now + LIFETIME)


async def redeem(token: str, to_channel: ServiceChannel) -> tuple[Begun, str]:
    """Sign the person in as whom they were, and say where they go on. Raises HandoffGone.

    Of those who redeem one token at the same time, one is let in.
    """
    async with db.transaction():
        row = await _use(token, to_channel)
        if row is None:
            raise HandoffGone
        begun = await _sign_in(row["person_id"], row["enterprise_id"])
        await audit.record(
            begun.citizen.caller_id,
            "handoff.used",
            f"handoff:{row['id']}",
            detail={"from": row["from_channel"], "to": row["to_channel"]},
        )
    return begun, row["path"]


async def expire() -> int:
    """Mark the tokens nobody came with; answers how many. For a timed job."""
    return await db.execute(
        "UPDATE handoff SET state = $1 WHERE state = $2 AND expires_at <= $3",
        HandoffState.EXPIRED, HandoffState.ISSUED, clock.now(),
    )  # fmt: skip


async def purge(older_than: timedelta = timedelta(days=30)) -> int:
    """Delete hand-overs of that age; the audit log remembers the used ones. For a timed job."""
    return await db.execute("DELETE FROM handoff WHERE created_at < $1", clock.now() - older_than)


async def _use(token: str, to_channel: ServiceChannel) -> Any | None:
    now = clock.now()
    return await db.fetch_one(
        "UPDATE handoff SET state = 'used', used_at = $3"
        " WHERE token_hash = $1 AND to_channel = $2 AND state = 'issued' AND expires_at > $3"
        " RETURNING id, person_id, enterprise_id, from_channel, to_channel, path",
        ids.token_hash(token), to_channel, now,
    )  # fmt: skip


async def _sign_in(person_id: UUID, enterprise_id: UUID | None) -> Begun:
    try:
        person = await identities.locked(person_id)
    except SessionEnded:
        raise HandoffGone from None
    begun = await sessions.begin(person.id, person.level)
    if enterprise_id is None:
        return begun
    try:
        citizen = await sessions.act_as(begun.citizen, enterprise_id)
    except EnterpriseNotBound:
        return begun
    return Begun(begun.token, begun.expires_at, citizen)
