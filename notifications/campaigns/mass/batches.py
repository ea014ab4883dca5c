"""Every statement that moves a call of a mass send from one state to the next.

gathering → created → claimed (owner, lease, attempt) → sending → accepted → done or failed; unknown if
nobody can tell. Whoever moves a claimed one must own it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from app.domain.accounts.models import TaxpayerGroup
from app.gateways.wechat import MassJob
from app.kit import clock, db
from notifications.campaigns.mass import ledger
from notifications.campaigns.mass.content import Content
from notifications.campaigns.mass.models import BatchState, Way

LEASE: Final = timedelta(minutes=2)
# WeChat knows a client_msg_id for a day; a repetition must reach it before that is over.
REPEAT_WITHIN: Final = timedelta(hours=23)
_SPREAD_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Batch:
    """A call this worker owns until its lease runs out; ``called_at`` says that WeChat may know it."""

    id: int
    campaign_id: int
    way: Way
    tag: TaxpayerGroup | None
    size: int
    month: date
    client_msg_id: str
    attempt: int
    media_id: str | None
    called_at: datetime | None
    content: Content


async def claim(owner: UUID) -> Batch | None:
    """Take the call that is due longest, of a campaign that goes on; the attempt is counted before it."""
    now = clock.now()
    row = await db.fetch_one(_CLAIM, now, owner, now + LEASE)
    return None if row is None else _batch(row)


_CLAIM = """
WITH due AS (
    SELECT b.id, c.content FROM mass_batch b JOIN campaign c ON c.id = b.campaign_id
    WHERE c.state IN ('canary', 'running') AND (b.state = 'created' AND b.run_at <= $1
          OR b.state IN ('claimed', 'sending') AND b.lease_until < $1)
    ORDER BY b.run_at, b.id LIMIT 1 FOR NO KEY UPDATE OF b SKIP LOCKED
)
UPDATE mass_batch b SET state = 'claimed', owner = $2, lease_until = $3, attempt = attempt + 1
FROM due WHERE b.id = due.id RETURNING b.*, due.content
"""


async def keep_draft(owner: UUID, batch: Batch, media_id: str | None) -> None:
    """Remember the draft, so that another try needs no other; ``None`` forgets it."""
    await db.execute(
        "UPDATE mass_batch SET media_id = $3 WHERE id = $1 AND owner = $2", batch.id, owner, media_id
    )


async def begin(owner: UUID, batch: Batch) -> list[str] | None:
    """Write down, before the call, that it is made; answers the openids of a list.

    ``None`` if it must not be made: it is another worker's, or its campaign was stopped meanwhile.
    """
    begun = await db.execute(
        "UPDATE mass_batch b SET state = 'sending', called_at = coalesce(called_at, $3)"
        " WHERE b.id = $1 AND b.owner = $2 AND b.state = 'claimed' AND EXISTS ("
        "  SELECT 1 FROM campaign c WHERE c.id = b.campaign_id AND c.state IN ('canary', 'running'))",
        batch.id, owner, clock.now(),
    )  # fmt: skip
    if not begun:
        return None
    rows = await db.fetch("SELECT openid FROM mass_recipient WHERE batch_id = $1 ORDER BY id", batch.id)
    return [row["openid"] for row in rows]


async def accept(owner: UUID, batch: Batch, job: MassJob) -> None:
    """WeChat took it; its report will say how it went."""
    await db.execute(
        "UPDATE mass_batch SET state = 'accepted', msg_id = $3, accepted_at = $4, run_at = $4,"
        " media_id = NULL, error_code = NULL, error_text = NULL, owner = NULL, lease_until = NULL"
        " WHERE id = $1 AND owner = $2",
        batch.id, owner, job.msg_id, clock.now(),
    )  # fmt: skip


async def put_back(
    owner: UUID,
    batch: Batch,
    run_at: datetime,
    *,
    error_code: int | None,
    error_text: str,
    is_counted: bool,
    is_in_doubt: bool,
) -> None:
    """Have it tried again at ``run_at``, under the same client_msg_id."""
    await db.execute(
        "UPDATE mass_batch SET state = 'created', run_at = $3, error_code = $4, error_text = left($5, 200),"
        " attempt = attempt - $6, called_at = CASE WHEN $7 THEN called_at END,"
        " owner = NULL, lease_until = NULL WHERE id = $1 AND owner = $2",
        batch.id, owner, run_at, error_code, error_text, 0 if is_counted else 1, is_in_doubt,
    )  # fmt: skip


async def give_up(
    owner: UUID, batch: Batch, state: BatchState, *, error_code: int | None, error_text: str
) -> None:
    """It failed for good, or nobody can tell; its people are told so by ``spread``."""
    await db.execute(
        "UPDATE mass_batch SET state = $3, settled_at = $4, error_code = $5, error_text = left($6, 200),"
        " result = $7, owner = NULL, lease_until = NULL WHERE id = $1 AND owner = $2",
        batch.id, owner, state.value, clock.now(), error_code, error_text, error_code and str(error_code),
    )  # fmt: skip


async def withdraw_ended() -> int:
    """Take back calls that were never made and need not, or must not, be: answers how many.

    Their campaign has ended, or their month has, in which they were counted. The people wait again; of
    an ended campaign they are then called off with all others.
    """
    async with db.transaction():
        rows = await db.fetch(
            "SELECT b.id, b.campaign_id, b.way, b.month FROM mass_batch b"
            " JOIN campaign c ON c.id = b.campaign_id"
            " WHERE b.state IN ('gathering', 'created', 'claimed') AND b.called_at IS NULL"
            " AND coalesce(b.lease_until < $1, true)"
            " AND (c.state IN ('cancelled', 'expired', 'finished') OR b.month < $2)"
            " ORDER BY b.id LIMIT 10 FOR UPDATE OF b SKIP LOCKED",
            clock.now(), ledger.this_month(),
        )  # fmt: skip
        for row in rows:
            if row["way"] == Way.LIST:
                people = await db.fetch(_LIST_WAITS, row["campaign_id"], row["id"])
            else:
                people = await db.fetch(_ALL_WAIT, row["campaign_id"])
            await ledger.give_back([one["person_id"] for one in people], row["month"])
            await db.execute("DELETE FROM mass_batch WHERE id = $1", row["id"])
    return len(rows)


_ALL_WAIT = """
UPDATE campaign_recipient r SET state = 'pending' WHERE r.campaign_id = $1 AND r.state = 'queued'
RETURNING r.person_id
"""
_LIST_WAITS = """
UPDATE campaign_recipient r SET state = 'pending' FROM mass_recipient m
WHERE r.campaign_id = $1 AND m.batch_id = $2 AND r.person_id = m.person_id AND r.state = 'queued'
RETURNING r.person_id
"""


async def doubt_ended() -> int:
    """Calls in doubt that nobody may repeat any more: after a day, or when their campaign has ended."""
    now = clock.now()
    return await db.execute(
        "UPDATE mass_batch b SET state = 'unknown', settled_at = $1, owner = NULL, lease_until = NULL"
        " FROM campaign c WHERE c.id = b.campaign_id AND b.called_at IS NOT NULL"
        " AND (b.state = 'created' OR b.state IN ('claimed', 'sending') AND b.lease_until < $1)"
        " AND (c.state IN ('cancelled', 'expired', 'finished') OR b.called_at < $2)",
        now, now - REPEAT_WITHIN,
    )  # fmt: skip


async def spread() -> int:
    """Tell the recipients of a settled call how it ended, some at a time; answers how many."""
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT * FROM mass_batch WHERE state IN ('done', 'failed', 'unknown') AND NOT is_spread"
            " ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
        )
        if row is None:
            return 0
        state, reason = _ending(row)
        at = row["settled_at"]
        if row["way"] == Way.LIST:
            told = await db.fetch(_SPREAD_LIST, row["campaign_id"], state, reason, at, row["id"])
            reached = None
        else:
            told = await db.fetch(
                _SPREAD_ALL, row["campaign_id"], state, reason, at, row["spread_to"], _SPREAD_AT_ONCE
            )
            reached = max((one["person_id"] for one in told), default=None)
        people = [one["person_id"] for one in told if one["moved"]]
        if state == "failed" and people:
            await ledger.give_back(people, row["month"])
        await db.execute(
            "UPDATE mass_batch SET is_spread = $2, spread_to = $3 WHERE id = $1",
            row["id"], reached is None, reached,
        )  # fmt: skip
        await db.execute("DELETE FROM mass_recipient WHERE batch_id = $1", row["id"])
    return max(len(told), 1)


def _ending(row: Any) -> tuple[str, str | None]:
    """State and reason of its people. WeChat reports counts, never names: "delivered" needs all of them."""
    if row["state"] == BatchState.UNKNOWN:
        return "unknown", None
    if row["state"] == BatchState.FAILED:
        return "failed", str(row["result"] or "mass_failed")[:40]
    is_whole = row["total_count"] is not None and row["sent_count"] >= max(row["total_count"], row["size"])
    return ("delivered" if is_whole else "sent"), None


_SPREAD_LIST = """
WITH locked AS (
    SELECT r.person_id FROM mass_recipient m
    JOIN campaign_recipient r ON r.campaign_id = $1 AND r.person_id = m.person_id
    WHERE m.batch_id = $5 AND r.state = 'queued' ORDER BY r.person_id FOR NO KEY UPDATE OF r
)
UPDATE campaign_recipient r SET state = $2, reason = $3, settled_at = $4
FROM locked l WHERE r.campaign_id = $1 AND r.person_id = l.person_id RETURNING r.person_id, true AS moved
"""

_SPREAD_ALL = """
WITH page AS MATERIALIZED (
    SELECT r.person_id, r.state FROM campaign_recipient r
    WHERE r.campaign_id = $1 AND ($5::uuid IS NULL OR r.person_id > $5)
    ORDER BY r.person_id LIMIT $6 FOR NO KEY UPDATE
), moved AS (
    UPDATE campaign_recipient r SET state = $2, reason = $3, settled_at = $4
    FROM page p WHERE r.campaign_id = $1 AND r.person_id = p.person_id AND p.state = 'queued'
    RETURNING r.person_id
)
SELECT p.person_id, m.person_id IS NOT NULL AS moved FROM page p LEFT JOIN moved m USING (person_id)
"""


def _batch(row: Any) -> Batch:
    return Batch(
        id=row["id"],
        campaign_id=row["campaign_id"],
        way=Way(row["way"]),
        tag=TaxpayerGroup(row["tag"]) if row["tag"] else None,
        size=row["size"],
        month=row["month"],
        client_msg_id=row["client_msg_id"],
        attempt=row["attempt"],
        media_id=row["media_id"],
        called_at=row["called_at"],
        content=Content.read(orjson.loads(row["content"])),
    )
