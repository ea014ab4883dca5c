"""The queue of record: every statement that moves a notification from one state to the next.

created → claimed (owner, lease, attempt) → sending → sent → delivered, or failed, unknown, dead.
Whoever moves a claimed row must own it, so a worker that was slow or presumed dead changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from app.kit import clock, db
from notifications.models import Channel, NotificationStatus

LEASE = timedelta(seconds=45)
MAX_ATTEMPTS = 12
# WeChat drops a repeated client_msg_id for ten minutes; a resend must reach it before they are over.
RESEND_WITHIN = timedelta(minutes=9)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notification to be made: one message to one person of one event."""

    event_id: int
    message: str
    version: int
    lane: int
    person_id: UUID
    channel: Channel
    account_id: str
    params: dict[str, str]
    expires_at: datetime | None
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification this worker owns until its lease runs out."""

    id: int
    event_id: int
    message: str
    person_id: UUID
    channel: Channel
    account_id: str
    params: dict[str, str] = field(hash=False)
    attempt: int
    expires_at: datetime | None
    sending_at: datetime | None
    committed_at: datetime

    @property
    def client_msg_id(self) -> str:
        """The same for every try, at most 32 characters; the time tells a rebuilt database apart."""
        return f"{self.id:x}-{int(self.committed_at.timestamp() * 1000):x}"


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a claimed notification.

    ``is_counted`` false gives the attempt back. ``is_safe_again`` says WeChat certainly did not act,
    so the ten minutes of its client_msg_id begin anew with the next try. A row whose fate is in doubt
    moves to ``sending`` and is judged by ``recovery.sweep`` from ``run_at`` on.
    """

    id: int
    status: NotificationStatus
    msgid: str | None = None
    error_code: int | None = None
    error_text: str | None = None
    run_at: datetime | None = None
    is_counted: bool = True
    is_safe_again: bool = False


async def add(drafts: Sequence[Draft]) -> int:
    """Put notifications in the queue, in the caller's transaction; one that is there stays as it is."""
    return await db.execute(
        _ADD,
        [draft.event_id for draft in drafts],
        [draft.message for draft in drafts],
        [draft.version for draft in drafts],
        [draft.person_id for draft in drafts],
        [draft.channel.value for draft in drafts],
        [draft.account_id for draft in drafts],
        [draft.lane for draft in drafts],
        [orjson.dumps(draft.params).decode() for draft in drafts],
        [draft.expires_at for draft in drafts],
        [draft.committed_at for draft in drafts],
        clock.now(),
    )


_ADD = """
INSERT INTO notification (event_id, message, message_version, person_id, channel, account_id, lane, params,
                          expires_at, committed_at, run_at, status, attempt)
SELECT event_id, message, version, person_id, channel, account_id, lane, params::jsonb,
       expires_at, committed_at, $11, 'created', 0
FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::uuid[], $5::text[], $6::text[], $7::smallint[],
            $8::text[], $9::timestamptz[], $10::timestamptz[])
  AS d (event_id, message, version, person_id, channel, account_id, lane, params, expires_at, committed_at)
ON CONFLICT (event_id, person_id, message, channel) DO NOTHING
"""


async def claim(account_id: str, owner: UUID, limit: int) -> list[Claimed]:
    """Take the most urgent due notifications of an account; the attempt is counted before it is made."""
    now = clock.now()
    rows = await db.fetch(_CLAIM, account_id, now, limit, owner, now + LEASE)
    return [_claimed(row) for row in sorted(rows, key=lambda row: (row["lane"], row["run_at"], row["id"]))]


_CLAIM = """
WITH due AS (
    SELECT id FROM notification WHERE status = 'created' AND account_id = $1 AND run_at <= $2
    ORDER BY lane, run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE notification n SET status = 'claimed', owner = $4, lease_until = $5, attempt = attempt + 1
FROM due WHERE n.id = due.id RETURNING n.*
"""


async def begin_sending(owner: UUID, openids: dict[int, str]) -> set[int]:
    """Write down, before the calls, that these are being sent; answers those still owned."""
    rows = await db.fetch(
        "UPDATE notification n SET status = 'sending', openid = d.openid,"
        " sending_at = coalesce(sending_at, $4)"
        " FROM unnest($1::bigint[], $2::text[]) AS d (id, openid)"
        " WHERE n.id = d.id AND n.owner = $3 AND n.status = 'claimed' RETURNING n.id",
        list(openids), list(openids.values()), owner, clock.now(),
    )  # fmt: skip
    return {row["id"] for row in rows}


async def settle(owner: UUID, moves: Sequence[Move]) -> set[int]:
    """Write what became of claimed notifications; answers those that were still owned."""
    rows = await db.fetch(
        _SETTLE,
        [move.id for move in moves],
        [move.status.value for move in moves],
        [move.msgid for move in moves],
        [move.error_code for move in moves],
        [move.error_text and move.error_text.replace("\0", "")[:200] for move in moves],
        [move.run_at for move in moves],
        [0 if move.is_counted else 1 for move in moves],
        [move.is_safe_again for move in moves],
        owner,
        clock.now(),
    )
    return {row["id"] for row in rows}


_SETTLE = """
UPDATE notification n SET
    status = d.status, msgid = coalesce(d.msgid, n.msgid), error_code = d.code, error_text = d.text,
    run_at = coalesce(d.run_at, n.run_at), attempt = n.attempt - d.uncounted,
    sending_at = CASE WHEN d.safe THEN NULL ELSE n.sending_at END,
    sent_at = CASE WHEN d.status = 'sent' THEN $10 ELSE n.sent_at END,
    settled_at = CASE WHEN d.status IN ('created', 'sending', 'sent') THEN NULL ELSE $10 END,
    owner = NULL, lease_until = CASE WHEN d.status = 'sending' THEN d.run_at END
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::smallint[],
            $8::boolean[]) AS d (id, status, msgid, code, text, run_at, uncounted, safe)
WHERE n.id = d.id AND n.owner = $9 AND n.status IN ('claimed', 'sending')
RETURNING n.id
"""


async def fall_back(ids: Sequence[int], channel: Channel, account_id: str) -> int:
    """Queue the same messages on another channel, unless they were tried there already."""
    return await db.execute(
        "INSERT INTO notification (event_id, message, message_version, person_id, channel, account_id, lane,"
        " params, expires_at, committed_at, run_at, status, attempt)"
        " SELECT event_id, message, message_version, person_id, $2::varchar, $3, lane,"
        " params, expires_at, committed_at, $4, 'created', 0"
        " FROM notification WHERE id = ANY ($1) AND channel <> $2::varchar"
        " ON CONFLICT (event_id, person_id, message, channel) DO NOTHING",
        ids, channel.value, account_id, clock.now(),
    )  # fmt: skip


async def give_back(owner: UUID) -> int:
    """Return what this worker claimed and has not begun to send, attempt included; for its end."""
    return await db.execute(
        "UPDATE notification SET status = 'created', owner = NULL, lease_until = NULL, attempt = attempt - 1"
        " WHERE owner = $1 AND status = 'claimed'",
        owner,
    )


async def lost(limit: int) -> list[Claimed]:
    """Notifications whose lease ran out, locked in the caller's transaction."""
    rows = await db.fetch(
        "SELECT * FROM notification WHERE status IN ('claimed', 'sending') AND lease_until < $1"
        " ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED",
        clock.now(), limit,
    )  # fmt: skip
    return [_claimed(row) for row in rows]


async def set_status(ids: Sequence[int], status: NotificationStatus, reason: str | None) -> None:
    """Take locked notifications out of their owner's hands into this state."""
    now = clock.now()
    is_open = status is NotificationStatus.CREATED
    await db.execute(
        "UPDATE notification SET status = $2, error_text = coalesce($3, error_text), settled_at = $4,"
        " run_at = CASE WHEN $5 THEN $6 ELSE run_at END, owner = NULL, lease_until = NULL"
        " WHERE id = ANY ($1)",
        ids, status.value, reason, None if is_open else now, is_open, now,
    )  # fmt: skip


def _claimed(row: Any) -> Claimed:
    return Claimed(
        id=row["id"],
        event_id=row["event_id"],
        message=row["message"],
        person_id=row["person_id"],
        channel=Channel(row["channel"]),
        account_id=row["account_id"],
        params=orjson.loads(row["params"]),
        attempt=row["attempt"],
        expires_at=row["expires_at"],
        sending_at=row["sending_at"],
        committed_at=row["committed_at"],
    )
