"""The queue of record: every statement that moves a notification from one state to the next.

created → claimed (owner, lease, attempt) → sending → sent → delivered, or failed, unknown, dead.
Whoever moves a claimed row must own it, so a worker that was slow or presumed dead changes nothing.
A paused campaign's rows wait as held; a cancelled one's end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from app.kit import clock, db
from notifications import outlets
from notifications.models import Channel, NotificationStatus

LEASE = timedelta(seconds=45)
MAX_ATTEMPTS = 12
# WeChat drops a repeated client_msg_id for ten minutes; a resend must reach it before they are over.
RESEND_WITHIN = timedelta(minutes=9)


class Key(NamedTuple):
    """What finds a row; the moment names its partition."""

    id: int
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A notification to be made: one message to one person, of one event or one campaign.

    ``route`` are the channels to try after this one. ``committed_at`` is the event's, or the
    campaign's launch: of one event or campaign it is always the same.
    """

    message: str
    version: int
    lane: int
    person_id: UUID
    channel: Channel
    account_id: str
    params: dict[str, str]
    expires_at: datetime | None
    committed_at: datetime
    event_id: int | None = None
    campaign_id: int | None = None
    route: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification this worker owns until its lease runs out."""

    id: int
    event_id: int | None
    campaign_id: int | None
    message: str
    version: int
    lane: int
    person_id: UUID
    channel: Channel
    account_id: str
    params: dict[str, str] = field(hash=False)
    attempt: int
    expires_at: datetime | None
    sending_at: datetime | None
    committed_at: datetime

    @property
    def key(self) -> Key:
        return Key(self.id, self.committed_at)

    @property
    def is_past_resending(self) -> bool:
        """Whether WeChat may have forgotten an earlier try of this template message, and take another."""
        if self.channel is not Channel.TEMPLATE or self.sending_at is None:
            return False
        return clock.now() - self.sending_at > RESEND_WITHIN

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

    key: Key
    status: NotificationStatus
    msgid: str | None = None
    error_code: int | None = None
    error_text: str | None = None
    run_at: datetime | None = None
    is_counted: bool = True
    is_safe_again: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How many rows of one channel and lane may be claimed."""

    channel: Channel
    lane: int
    most: int


async def add(drafts: Sequence[Draft]) -> int:
    """Put notifications in the queue, in the caller's transaction; one that is there stays as it is."""
    return await db.execute(
        _ADD,
        [draft.event_id for draft in drafts],
        [draft.campaign_id for draft in drafts],
        [draft.message for draft in drafts],
        [draft.version for draft in drafts],
        [draft.person_id for draft in drafts],
        [draft.channel.value for draft in drafts],
        [" ".join(draft.route) for draft in drafts],
        [draft.account_id for draft in drafts],
        [draft.lane for draft in drafts],
        [orjson.dumps(draft.params).decode() for draft in drafts],
        [draft.expires_at for draft in drafts],
        [draft.committed_at for draft in drafts],
        clock.now(),
    )


_ADD = """
INSERT INTO notification (event_id, campaign_id, message, message_version, person_id, channel, route,
                          account_id, lane, params, expires_at, committed_at, run_at, status, attempt)
SELECT event_id, campaign_id, message, version, person_id, channel, route, account_id, lane, params::jsonb,
       expires_at, committed_at, $13, 'created', 0
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::smallint[], $5::uuid[], $6::text[], $7::text[],
            $8::text[], $9::smallint[], $10::text[], $11::timestamptz[], $12::timestamptz[])
  AS d (event_id, campaign_id, message, version, person_id, channel, route, account_id, lane, params,
        expires_at, committed_at)
ON CONFLICT DO NOTHING
"""


async def due(shares: Sequence[Share]) -> dict[tuple[Channel, int], int]:
    """How many rows wait in each channel and lane, counted up to its share; those with none are absent."""
    rows = await db.fetch(_DUE, *_columns(shares), clock.now())
    return {(Channel(row["channel"]), row["lane"]): row["n"] for row in rows if row["n"]}


# The order makes it read along the index of what is to be claimed, and no further than asked.
_DUE = """
SELECT s.channel, s.lane, (
    SELECT count(*) FROM (
        SELECT 1 FROM notification WHERE status = 'created' AND channel = s.channel
          AND account_id = s.account_id AND lane = s.lane AND run_at <= $5
        ORDER BY run_at, id LIMIT s.most) x) AS n
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::int[]) AS s (channel, account_id, lane, most)
"""


async def claim(owner: UUID, shares: Sequence[Share], limit: int) -> list[Claimed]:
    """Take the most urgent due notifications within each share; the attempt is counted before it is made."""
    now = clock.now()
    rows = await db.fetch(_CLAIM, *_columns(shares), now, limit, owner, now + LEASE)
    return [_claimed(row) for row in sorted(rows, key=lambda row: (row["lane"], row["run_at"], row["id"]))]


_CLAIM = """
WITH due AS (
    SELECT d.id, d.committed_at
    FROM unnest($1::text[], $2::text[], $3::smallint[], $4::int[]) AS s (channel, account_id, lane, most)
    CROSS JOIN LATERAL (
        SELECT id, committed_at, run_at FROM notification
        WHERE status = 'created' AND channel = s.channel AND account_id = s.account_id AND lane = s.lane
          AND run_at <= $5
        ORDER BY run_at, id LIMIT s.most FOR UPDATE SKIP LOCKED
    ) d ORDER BY s.lane, d.run_at, d.id LIMIT $6
)
UPDATE notification n SET status = 'claimed', owner = $7, lease_until = $8, attempt = attempt + 1
FROM due WHERE n.id = due.id AND n.committed_at = due.committed_at RETURNING n.*
"""


def _columns(shares: Sequence[Share]) -> tuple[list[str], list[str], list[int], list[int]]:
    accounts = outlets.accounts()
    return (
        [share.channel.value for share in shares],
        [accounts[share.channel] for share in shares],
        [share.lane for share in shares],
        [share.most for share in shares],
    )


async def begin_sending(owner: UUID, openids: dict[Key, str]) -> set[int]:
    """Write down, before the calls, that these are being sent; answers those still owned."""
    rows = await db.fetch(
        "UPDATE notification n SET status = 'sending', openid = d.openid,"
        " sending_at = coalesce(sending_at, $5)"
        " FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS d (id, committed_at, openid)"
        " WHERE n.id = d.id AND n.committed_at = d.committed_at AND n.owner = $4"
        "  AND n.status || '' = 'claimed' RETURNING n.id",
        *_keys(list(openids)), list(openids.values()), owner, clock.now(),
    )  # fmt: skip
    return {row["id"] for row in rows}


async def settle(owner: UUID, moves: Sequence[Move]) -> set[int]:
    """Write what became of claimed notifications; answers those that were still owned."""
    rows = await db.fetch(
        _SETTLE,
        *_keys([move.key for move in moves]),
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


# The state is written so that no index offers itself for it: rows are found by their key, and comparing
# all of a batch with all that is under way would cost the square of it.
_SETTLE = """
UPDATE notification n SET
    status = d.status, msgid = coalesce(d.msgid, n.msgid), error_code = d.code, error_text = d.text,
    run_at = coalesce(d.run_at, n.run_at), attempt = n.attempt - d.uncounted,
    sending_at = CASE WHEN d.safe THEN NULL ELSE n.sending_at END,
    sent_at = CASE WHEN d.status = 'sent' THEN $11 ELSE n.sent_at END,
    settled_at = CASE WHEN d.status IN ('created', 'sending', 'sent') THEN NULL ELSE $11 END,
    owner = NULL, lease_until = CASE WHEN d.status = 'sending' THEN d.run_at END
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], $6::text[], $7::timestamptz[],
            $8::smallint[], $9::boolean[])
  AS d (id, committed_at, status, msgid, code, text, run_at, uncounted, safe)
WHERE n.id = d.id AND n.committed_at = d.committed_at AND n.owner = $10
  AND n.status || '' IN ('claimed', 'sending')
RETURNING n.id
"""


# A receipt, a sweep or an operator may find something to send when its campaign is stopped. One that has
# ended sends nothing more; one that is paused is given time to hold it: written as held at once, it
# could miss the moment at which the campaign goes on, and wait for ever.
ITS_CAMPAIGN = "LEFT JOIN campaign c ON c.id = n.campaign_id"
NOT_ENDED = "coalesce(c.state, '') NOT IN ('cancelled', 'expired')"
NOT_AT_ONCE = "CASE c.state WHEN 'paused' THEN interval '5 seconds' ELSE interval '0' END"


async def fall_back(keys: Sequence[Key]) -> int:
    """Queue the same messages on the next channel of their route; without one they stay unreached.

    So do those of a campaign that has ended.
    """
    accounts = outlets.accounts()
    return await db.execute(
        _FALL_BACK,
        *_keys(keys),
        [channel.value for channel in accounts],
        list(accounts.values()),
        clock.now(),
    )


_FALL_BACK = f"""
INSERT INTO notification (event_id, campaign_id, message, message_version, person_id, channel, route,
                          account_id, lane, params, expires_at, committed_at, run_at, status, attempt)
SELECT n.event_id, n.campaign_id, n.message, n.message_version, n.person_id, o.channel,
       ltrim(substr(n.route, length(o.channel) + 1)), o.account_id, n.lane, n.params, n.expires_at,
       n.committed_at, $5::timestamptz + {NOT_AT_ONCE}, 'created', 0
FROM unnest($1::bigint[], $2::timestamptz[]) AS d (id, committed_at)
JOIN notification n ON n.id = d.id AND n.committed_at = d.committed_at
JOIN unnest($3::text[], $4::text[]) AS o (channel, account_id) ON o.channel = split_part(n.route, ' ', 1)
{ITS_CAMPAIGN} WHERE {NOT_ENDED}
ON CONFLICT DO NOTHING
"""  # noqa: S608  Words of ours.


async def hold(campaign_id: int) -> int:
    """Keep a campaign's waiting rows back, in the caller's transaction; what is under way finishes.

    A row that somebody is claiming or settling at this moment is passed by: repeat it while the
    campaign is paused. Waiting for it could last for ever, since the other may wait for rows held here.
    """
    return await _move_waiting(campaign_id, "held", "status = 'created'", "SKIP LOCKED")


async def release(campaign_id: int) -> int:
    """Let a campaign's held rows go on; nobody else takes up a held one, so all of them do."""
    return await _move_waiting(campaign_id, "created", "status = 'held'")


async def cancel(campaign_id: int) -> int:
    """End a campaign's waiting rows; one that may have been sent before is not called off but unknown.

    Passes by what somebody has in hand, as ``hold`` does: repeat it until nothing waits.
    """
    return await _move_waiting(campaign_id, "cancelled", "status IN ('created', 'held')", "SKIP LOCKED")


async def _move_waiting(campaign_id: int, status: str, which: str, otherwise: str = "") -> int:
    return await db.execute(
        "WITH waiting AS (SELECT id, committed_at FROM notification"  # noqa: S608  Words of ours.
        f" WHERE campaign_id = $1 AND {which} FOR UPDATE {otherwise})"
        " UPDATE notification n SET status = CASE WHEN $4 AND n.sending_at IS NOT NULL"
        "  THEN 'unknown' ELSE $2 END,"
        " settled_at = CASE WHEN $4 THEN $3 ELSE n.settled_at END"
        " FROM waiting w WHERE n.id = w.id AND n.committed_at = w.committed_at",
        campaign_id,
        status,
        clock.now(),
        status == "cancelled",
    )


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


async def set_status(keys: Sequence[Key], status: NotificationStatus, reason: str | None) -> None:
    """Take locked notifications out of their owner's hands into this state."""
    now = clock.now()
    is_open = status is NotificationStatus.CREATED
    await db.execute(
        "UPDATE notification n SET status = $3, error_text = coalesce($4, error_text), settled_at = $5,"
        " run_at = CASE WHEN $6 THEN $7 ELSE run_at END, owner = NULL, lease_until = NULL"
        " FROM unnest($1::bigint[], $2::timestamptz[]) AS d (id, committed_at)"
        " WHERE n.id = d.id AND n.committed_at = d.committed_at",
        *_keys(keys), status.value, reason, None if is_open else now, is_open, now,
    )  # fmt: skip


def _keys(keys: Sequence[Key]) -> tuple[list[int], list[datetime]]:
    return [key.id for key in keys], [key.committed_at for key in keys]


def _claimed(row: Any) -> Claimed:
    return Claimed(
        id=row["id"],
        event_id=row["event_id"],
        campaign_id=row["campaign_id"],
        message=row["message"],
        version=row["message_version"],
        lane=row["lane"],
        person_id=row["person_id"],
        channel=Channel(row["channel"]),
        account_id=row["account_id"],
        params=orjson.loads(row["params"]),
        attempt=row["attempt"],
        expires_at=row["expires_at"],
        sending_at=row["sending_at"],
        committed_at=row["committed_at"],
    )
