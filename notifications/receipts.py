"""Receipts 回执: what WeChat reports of a message, appended at once and applied in batches."""

from datetime import timedelta
from typing import Final

from app.gateways.wechat import Event
from app.kit import clock, db
from notifications import queue
from notifications.channels import sms
from notifications.models import NotificationStatus
from notifications.queue import Key

TEMPLATE_EVENT: Final = "templatesendjobfinish"
SUBSCRIBE_EVENT: Final = "subscribe_msg_sent_event"
_SUCCESS: Final = "success"
_BATCH: Final = 500

# A receipt may come before our own note of the msgid, and until its sender has surely written that
# note, it must not be taken for the receipt of another message to the same person.
_OWN_NOTE_BY: Final = timedelta(minutes=1)
_GIVE_UP_AFTER: Final = timedelta(hours=1)


async def take(account_id: str, event: Event) -> None:
    """Append what a receipt event says; a repeated one is appended again and applies once."""
    if event.event == TEMPLATE_EVENT:
        status = event.raw.get("Status")
        found = [(event.msg_id or "", status if isinstance(status, str) else "")]
    else:
        found = [
            (entry.get("MsgID", ""), _SUCCESS if entry.get("ErrorCode") == "0" else _failure(entry))
            for entry in event.entries
        ]
    rows = [(msgid[:64], result[:80]) for msgid, result in found if msgid and result]
    await db.execute(
        "INSERT INTO notification_receipt (account_id, msgid, openid, result)"
        " SELECT $1, d.msgid, $2, d.result FROM unnest($3::text[], $4::text[]) AS d (msgid, result)",
        account_id, event.openid[:64], [msgid for msgid, _ in rows], [result for _, result in rows],
    )  # fmt: skip


def _failure(entry: dict[str, str]) -> str:
    return f"failed:{entry.get('ErrorCode', '')} {entry.get('ErrorStatus', '')}"


async def apply() -> int:
    """Apply a batch of receipts to their messages; answers how many were looked at.

    A receipt moves any state that is not final. One whose message is not known yet is looked at
    again later; after an hour it was somebody else's.
    """
    now = clock.now()
    async with db.transaction():
        rows = await db.fetch(_DUE, now, _BATCH)
        if not rows:
            return 0
        keys = [row["id"] for row in rows], [row["received_at"] for row in rows]
        moved = await db.fetch(_MOVE, *keys, now, now - _OWN_NOTE_BY)
        failed = {
            Key(row["id"], row["committed_at"]): row["error_text"]
            for row in moved
            if row["status"] == NotificationStatus.FAILED
        }
        if failed:
            await sms.suppress(failed)
            await queue.fall_back(list(failed))
        known = [row["is_known"] for row in rows]
        await db.execute(_MARK, *keys, known, now, now - _GIVE_UP_AFTER)
    return len(rows)


# Whether a message is known is asked before it is moved: a sender that notes its msgid after the move
# would otherwise have its receipt put away unread.
_DUE = """
SELECT r.id, r.received_at, EXISTS (
    SELECT 1 FROM notification n WHERE n.account_id = r.account_id AND n.msgid = r.msgid) AS is_known
FROM notification_receipt r WHERE r.applied_at IS NULL AND r.retry_at <= greatest($1, now())
ORDER BY r.retry_at, r.id LIMIT $2 FOR UPDATE OF r SKIP LOCKED
"""

_GIVEN = """
    SELECT r.* FROM unnest($1::bigint[], $2::timestamptz[]) AS d (id, received_at)
    JOIN notification_receipt r ON r.id = d.id AND r.received_at = d.received_at
"""

# By the msgid; or, for a message nobody knows the fate of, by its reader: a receipt that no
# message claims can only be its own.
_MOVE = f"""
WITH given AS ({_GIVEN}), told AS (
    SELECT DISTINCT ON (n.id) n.id, n.committed_at, r.result, r.msgid FROM given r
    JOIN notification n ON n.account_id = r.account_id AND n.msgid = r.msgid
    WHERE n.status IN ('created', 'claimed', 'sending', 'sent', 'unknown', 'held')
    ORDER BY n.id, r.id
), unclaimed AS (
    SELECT DISTINCT ON (r.account_id, r.openid) r.* FROM given r
    WHERE r.received_at < $4 AND NOT EXISTS (
        SELECT 1 FROM notification o WHERE o.account_id = r.account_id AND o.msgid = r.msgid)
    ORDER BY r.account_id, r.openid, r.id
), guessed AS (
    SELECT n.id, n.committed_at, r.result, r.msgid FROM unclaimed r JOIN LATERAL (
        SELECT u.id, u.committed_at FROM notification u
        WHERE u.account_id = r.account_id AND u.openid = r.openid AND u.status = 'unknown' AND u.msgid IS NULL
          AND u.sending_at <= r.received_at ORDER BY u.id LIMIT 1
    ) n ON true
)
UPDATE notification n SET
    status = CASE WHEN d.result = 'success' THEN 'delivered' ELSE 'failed' END,
    settled_at = $3, msgid = d.msgid, sent_at = coalesce(n.sent_at, $3), owner = NULL, lease_until = NULL,
    error_text = CASE WHEN d.result = 'success' THEN NULL ELSE d.result END
FROM (SELECT * FROM told UNION ALL SELECT * FROM guessed) d
WHERE n.id = d.id AND n.committed_at = d.committed_at
  AND n.status IN ('created', 'claimed', 'sending', 'sent', 'unknown', 'held')
RETURNING n.id, n.committed_at, n.status, n.error_text
"""  # noqa: S608  Words of ours.

_MARK = """
UPDATE notification_receipt r SET
    applied_at = CASE WHEN d.is_known OR r.received_at < $5 THEN $4::timestamptz END,
    retry_at = $4::timestamptz
        + least(greatest($4::timestamptz - r.received_at, interval '200 milliseconds'), interval '1 minute')
FROM unnest($1::bigint[], $2::timestamptz[], $3::boolean[]) AS d (id, received_at, is_known)
WHERE r.id = d.id AND r.received_at = d.received_at
"""
