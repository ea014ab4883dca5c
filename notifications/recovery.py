"""What to do with messages in doubt: send again while that is safe, else wait for the receipt."""

from collections import defaultdict
from datetime import timedelta

from app.domain.accounts import subscriptions
from app.kit import clock, db
from notifications import queue
from notifications.messages import Messages
from notifications.models import Channel, NotificationStatus
from notifications.queue import MAX_ATTEMPTS, Claimed, Key

_BATCH = 500
# A receipt follows an accepted message within seconds. When the doubt is this old and there is
# none, WeChat never took the message.
_NO_RECEIPT_AFTER = timedelta(minutes=15)

_REASONS = {
    NotificationStatus.DEAD: "too many attempts",
    NotificationStatus.UNKNOWN: "nobody knows whether WeChat took it",
}


async def sweep(messages: Messages) -> int:
    """Judge every notification whose lease ran out; answers how many. Safe to run twice or in two places."""
    async with db.transaction():
        rows = await queue.lost(_BATCH)
        if not rows:
            return 0
        alone = await _with_their_last_consent(rows, messages)
        verdicts: dict[NotificationStatus, list[Key]] = defaultdict(list)
        for row in rows:
            verdicts[_verdict(row, has_last_consent=row.id in alone)].append(row.key)
        for status, keys in verdicts.items():
            await queue.set_status(keys, status, _REASONS.get(status))
    return len(rows)


def _verdict(row: Claimed, *, has_last_consent: bool) -> NotificationStatus:
    """Whether another try can do no harm.

    Never begun: none was made. Begun: WeChat drops a template message repeated within ten minutes.
    A subscribe message has no such guard, but one consent sends once: if the person has no other
    left, WeChat itself refuses the second of two. Nothing guards the other channels.
    """
    may_try = row.attempt < MAX_ATTEMPTS
    if row.sending_at is None:
        return NotificationStatus.CREATED if may_try else NotificationStatus.DEAD
    if row.channel is Channel.TEMPLATE:
        is_safe = not row.is_past_resending
    else:
        is_safe = row.channel is Channel.SUBSCRIBE and has_last_consent
    return NotificationStatus.CREATED if may_try and is_safe else NotificationStatus.UNKNOWN


async def _with_their_last_consent(rows: list[Claimed], messages: Messages) -> set[int]:
    wanted = {
        row.id: (row.person_id, messages.template_id(row.message, row.channel, row.version))
        for row in rows
        if row.channel is Channel.SUBSCRIBE and messages.knows(row.message)
    }
    if not wanted:
        return set()
    people = [person for person, _ in wanted.values()]
    left = await subscriptions.count_unspent(people, [template for _, template in wanted.values()])
    return {id_ for id_, pair in wanted.items() if pair not in left}


async def resend_unreceipted() -> int:
    """Queue again what is unknown and has got no receipt in time; answers how many.

    By then WeChat's window is long over, so this is no double inside it; a notice that has lost
    its worth meanwhile stays unknown, and so does one whose campaign has ended.
    """
    now = clock.now()
    return await db.execute(_RESEND, now, now - _NO_RECEIPT_AFTER, MAX_ATTEMPTS)


_RESEND = f"""
WITH late AS (
    SELECT n.id, n.committed_at, $1::timestamptz + {queue.NOT_AT_ONCE} AS run_at
    FROM notification n {queue.ITS_CAMPAIGN}
    WHERE n.status = 'unknown' AND n.channel = 'template' AND n.settled_at < $2 AND n.attempt < $3
      AND (n.expires_at IS NULL OR n.expires_at > $1) AND {queue.NOT_ENDED}
    FOR UPDATE OF n SKIP LOCKED
)
UPDATE notification n SET status = 'created', run_at = l.run_at, settled_at = NULL, sending_at = NULL
FROM late l WHERE n.id = l.id AND n.committed_at = l.committed_at
"""  # noqa: S608  Words of ours.
