"""Stops: what may not be sent for a while, written down so that every worker knows and none forgets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.kit import clock, db
from notifications.models import Channel
from notifications.quota.products import product

ASK_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing goes out on this channel until then."""

    channel: Channel
    account_id: str
    since: datetime
    until: datetime
    because: str


async def put(channel: Channel, until: datetime, because: str) -> None:
    """Stop a channel; one that is stopped for longer already stays so."""
    await db.execute(
        _PUT, channel.value, product(channel).account_id, clock.now(), until, because.replace("\0", "")[:200]
    )


_PUT: Final = """
INSERT INTO sending_stop AS s (channel, account_id, since, until, because)
SELECT $1, $2, $3, $4, $5 WHERE $4::timestamptz > $3::timestamptz
ON CONFLICT (channel, account_id) DO UPDATE SET
    since = CASE WHEN s.until > EXCLUDED.since THEN s.since ELSE EXCLUDED.since END,
    asked_at = CASE WHEN s.until > EXCLUDED.since THEN s.asked_at END,
    until = EXCLUDED.until, because = EXCLUDED.because
WHERE s.until < EXCLUDED.until
"""


async def in_force() -> list[Stop]:
    """Every stop of this moment."""
    return _stops(await db.fetch("SELECT * FROM sending_stop WHERE until > $1 ORDER BY id", clock.now()))


async def to_ask_about() -> list[Stop]:
    """The stops of which this process is to ask WeChat now; each is asked about once in five minutes."""
    now = clock.now()
    rows = await db.fetch(
        "UPDATE sending_stop SET asked_at = $1"
        " WHERE until > $1 AND coalesce(asked_at, since) <= $2 RETURNING *",
        now, now - ASK_EVERY,
    )  # fmt: skip
    return _stops(rows)


async def lift(stop: Stop) -> bool:
    """End a stop early, unless a later one took its place."""
    return bool(
        await db.execute(
            "DELETE FROM sending_stop WHERE channel = $1 AND account_id = $2 AND until = $3",
            stop.channel.value, stop.account_id, stop.until,
        )
    )  # fmt: skip


def _stops(rows: Iterable[Any]) -> list[Stop]:
    return [
        Stop(Channel(row["channel"]), row["account_id"], row["since"], row["until"], row["because"])
        for row in rows
    ]
