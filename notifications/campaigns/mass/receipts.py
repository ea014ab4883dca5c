"""Reports of mass sends: appended at once, applied later, and asked for when they stay away."""

import logging
from datetime import timedelta
from typing import Final

from app.gateways.wechat import Event, PublicAccount, WeChatRefused, WeChatUnreachable
from app.kit import clock, db

log = logging.getLogger("weiban.campaigns")

EVENT: Final = "masssendjobfinish"
_SUCCESS: Final = "send success"
_MOST_DIGITS: Final = 20
_ASK_AFTER: Final = timedelta(minutes=10)


async def take(account_id: str, event: Event) -> None:
    """Append what a report says; one that comes twice is appended twice and applies once."""
    msg_id = _number(event.msg_id or "", below=2**63)
    if not msg_id:
        return
    counts = [
        _number(event.told(name), below=2**31)
        for name in ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
    ]
    await db.execute(
        "INSERT INTO mass_receipt (account_id, msg_id, result, total_count, filter_count, sent_count,"
        " error_count) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        account_id, msg_id, event.told("Status")[:80], *counts,
    )  # fmt: skip


def _number(told: str, *, below: int) -> int:
    """What WeChat tells as a number, 0 for what is none or has no place in its column."""
    number = int(told) if told.isdecimal() and len(told) < _MOST_DIGITS else 0
    return number if number < below else 0


async def apply(account_id: str) -> int:
    """Settle the calls whose reports have come, even before our own note of them; answers how many."""
    return await db.execute(_APPLY, account_id, clock.now(), _SUCCESS)


# Failed: "send fail", or "err(20001)" for a text WeChat takes offence at.
_APPLY = """
UPDATE mass_batch b SET
    state = CASE WHEN r.result = $3 THEN 'done' ELSE 'failed' END, settled_at = $2,
    result = CASE WHEN r.result = $3 THEN r.result ELSE
             'mass_' || left(btrim(regexp_replace(lower(r.result), '[^a-z0-9]+', '_', 'g'), '_'), 30) END,
    total_count = r.total_count, filter_count = r.filter_count, sent_count = r.sent_count,
    error_count = r.error_count
FROM (SELECT DISTINCT ON (msg_id) * FROM mass_receipt WHERE account_id = $1 ORDER BY msg_id, id) r
WHERE b.state = 'accepted' AND b.msg_id = r.msg_id
"""


async def ask(oa: PublicAccount) -> int:
    """Ask WeChat for a call whose report stays away; answers how many were settled."""
    now = clock.now()
    row = await db.fetch_one(
        "UPDATE mass_batch SET run_at = $1 WHERE id = ("
        " SELECT id FROM mass_batch WHERE state = 'accepted' AND run_at <= $2 ORDER BY run_at, id LIMIT 1"
        " FOR UPDATE SKIP LOCKED) RETURNING id, msg_id",
        now, now - _ASK_AFTER,
    )  # fmt: skip
    if row is None:
        return 0
    try:
        told = await oa.mass_state(row["msg_id"])
    except (WeChatRefused, WeChatUnreachable) as failure:
        log.warning("mass send %s: %s", row["id"], failure)
        return 0
    if told == "SENDING":
        return 0
    has_failed = told == "SEND_FAIL"
    return await db.execute(
        "UPDATE mass_batch SET state = $2, result = $3, settled_at = $4 WHERE id = $1 AND state = 'accepted'",
        row["id"], "failed" if has_failed else "done", "mass_send_fail" if has_failed else told.lower(), now,
    )  # fmt: skip


async def purge(older_than: timedelta) -> int:
    """Delete reports of that age; the call keeps what they said."""
    return await db.execute("DELETE FROM mass_receipt WHERE received_at < $1", clock.now() - older_than)
